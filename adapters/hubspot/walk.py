"""The way through a portal's records: everything by lists, then what changed by searches; nothing is lost.

A walk fixes its end before it reads: the portal's own Date. HubSpot's search shows a change only after a while and
tells nobody what it still holds back, so each walk begins some minutes before the end of the last one and passes
over what was seen there. Records that change under a walk leave its window, and come with the next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from adapters.hubspot.client import ASSOCIATION_BATCH, SEARCH_PAGE, Batch, HubspotClient
from adapters.hubspot.cursor import Cursor, cursor_text, read_cursor, without_old
from adapters.hubspot.layout import Layout, Links, merges_of, picked
from adapters.hubspot.mapping import milliseconds, modified_property, moment
from adapters.hubspot.recycle_bin import Bin
from connector.ports.crm import Page, Removal

OVERLAP = timedelta(minutes=10)
"""Search has been seen half a minute late; twenty times that."""
_REMOVALS_A_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One pull of one kind."""

    client: HubspotClient
    layout: Layout
    now: datetime
    merged: set[str] = field(default_factory=set)

    def pages(self, since: str | None) -> Iterator[Page]:
        """Pages from a cursor on; the last one is marked, and its cursor is where the next pull begins."""
        cursor = read_cursor(since)
        bound = cursor.bound or self._bound(cursor)
        cursor = replace(cursor, bound=bound)
        recycled = Bin(client=self.client, layout=self.layout, bound=bound)
        if cursor.mark is None or (not cursor.is_sweeping and recycled.has_forgotten(cursor)):
            yield from self._everything(cursor if cursor.mark is None else Cursor(bound=bound))
            return
        yield from self._changes_and_removals(cursor, recycled)

    def _bound(self, cursor: Cursor) -> datetime:
        """The portal's time, or ours where it names none; never before what is done."""
        now = self.client.server_time() or self.now
        return max(now, cursor.mark or now)

    def _everything(self, cursor: Cursor) -> Iterator[Page]:
        bound, properties = cursor.bound or self.now, self._listed()
        while True:
            batch = self._gathered(cursor.after, properties)
            cursor = self._seeing(replace(cursor, after=batch.after), batch.records)
            removed = [removal for record in batch.records for removal in merges_of(record)]
            if batch.after is None:
                done = Cursor(mark=bound, swept=bound, seen=cursor.seen)
                yield self._page(batch.records, cursor=done, removed=removed, is_last=True, is_full=True)
                return
            yield self._page(batch.records, cursor=cursor, removed=removed, is_full=True)

    def _gathered(self, after: str | None, properties: Sequence[str]) -> Batch:
        """A page of the list; where associations are asked for, as many as one request for those takes."""
        name = self.layout.object_name
        batch = self.client.records(name, properties=properties, after=after)
        records = list(batch.records)
        while self.layout.links and batch.after and len(records) + len(batch.records) <= ASSOCIATION_BATCH:
            batch = self.client.records(name, properties=properties, after=batch.after)
            records += batch.records
        return Batch(records=self._complete(records), after=batch.after)

    def _changes_and_removals(self, cursor: Cursor, recycled: Bin) -> Iterator[Page]:
        """Changes first: search may still show a record that is in the bin already. Only the last page may be empty."""
        waiting: Page | None = None
        reached = cursor
        for page, at in self._changes_then_removals(cursor, recycled):
            reached = at
            if waiting is not None and (page.rows or page.removed):
                yield waiting
            waiting = page if page.rows or page.removed else waiting
        done = cursor_text(self._done(reached))
        yield replace(waiting or self._page((), cursor=reached), cursor=done, is_last=True)

    def _changes_then_removals(self, cursor: Cursor, recycled: Bin) -> Iterator[tuple[Page, Cursor]]:
        reached = cursor
        if not cursor.is_sweeping:
            for page, reached in self._changes(cursor):
                yield page, reached
        cursor = replace(reached, is_sweeping=True, after=None)
        if not recycled.is_due(cursor):
            return
        sweep = recycled.removals(cursor, merged=self.merged)
        for start in range(0, len(sweep.removals), _REMOVALS_A_PAGE):
            yield self._page((), cursor=cursor, removed=sweep.removals[start : start + _REMOVALS_A_PAGE]), cursor
        swept = replace(cursor, swept=recycled.bound, bin_pages=sweep.pages, seen={**cursor.seen, **sweep.seen})
        yield self._page((), cursor=swept), swept

    def _changes(self, cursor: Cursor) -> Iterator[tuple[Page, Cursor]]:
        """From id to id in a fixed window: places of one search end at 10,000, and rows would move under them."""
        while True:
            batch = self.client.search(self.layout.object_name, self._question(cursor))
            found = self._complete([record for record in batch.records if not _is_seen(record, cursor)])
            after = str(batch.records[-1]["id"]) if batch.records else cursor.after
            cursor = self._seeing(replace(cursor, after=after), found)
            removed = [removal for record in found for removal in merges_of(record)]
            self.merged.update(removal.crm_id for removal in removed)
            yield self._page(found, cursor=cursor, removed=removed), cursor
            if batch.after is None or not batch.records:
                return

    def _question(self, cursor: Cursor) -> dict[str, Any]:
        name = modified_property(self.layout.kind)
        start, end = milliseconds((cursor.mark or self.now) - OVERLAP), milliseconds(cursor.bound or self.now)
        filters = [
            {"propertyName": name, "operator": "GTE", "value": str(start)},
            {"propertyName": name, "operator": "LT", "value": str(end)},
        ]
        if cursor.after:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": cursor.after})
        return {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": self._listed(),
            "limit": SEARCH_PAGE,
        }

    def _listed(self) -> list[str]:
        return [modified_property(self.layout.kind)] if self.layout.is_wide else list(self.layout.properties)

    def _complete(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The records with all properties, where one request could not name them all."""
        if not self.layout.is_wide or not records:
            return records
        ids = [str(record["id"]) for record in records]
        return self.client.read(self.layout.object_name, ids=ids, properties=self.layout.properties)

    def _seeing(self, cursor: Cursor, records: Sequence[dict[str, Any]]) -> Cursor:
        """Remember what the next walk will meet again."""
        bound = cursor.bound or self.now
        stamps = ((str(record["id"]), moment(record["updatedAt"])) for record in records)
        near = {crm_id: milliseconds(at) for crm_id, at in stamps if bound - OVERLAP <= at < bound}
        return replace(cursor, seen={**cursor.seen, **near}) if near else cursor

    def _done(self, cursor: Cursor) -> Cursor:
        bound = cursor.bound or self.now
        done = Cursor(mark=bound, swept=cursor.swept, bin_pages=cursor.bin_pages, seen=cursor.seen)
        return without_old(done, before=bound - OVERLAP)

    def _page(
        self,
        records: Sequence[dict[str, Any]],
        *,
        cursor: Cursor,
        removed: Sequence[Removal] = (),
        is_full: bool = False,
        is_last: bool = False,
    ) -> Page:
        links = self._links(records)
        return Page(
            kind=self.layout.kind,
            columns=self.layout.words,
            rows=[self.layout.row(record, links=links) for record in records],
            cursor=cursor_text(cursor),
            removed=removed,
            is_full=is_full,
            is_last=is_last,
        )

    def _links(self, records: Sequence[dict[str, Any]]) -> Links:
        """What the columns that associations hold say, for all records in one request per target."""
        ids = [str(record["id"]) for record in records]
        found: dict[str, dict[str, str]] = {}
        for link in self.layout.links if ids else ():
            targets = self.client.associations(self.layout.object_name, link.target, ids=ids)
            ones = ((crm_id, picked(link, others)) for crm_id, others in targets.items())
            found[link.target] = {crm_id: one for crm_id, one in ones if one is not None}
        return found


def _is_seen(record: dict[str, Any], cursor: Cursor) -> bool:
    return cursor.seen.get(str(record["id"])) == milliseconds(moment(record["updatedAt"]))
