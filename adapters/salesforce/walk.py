"""The way through an org's records: everything by id, or what changed by stamp and id; nothing is lost.

A walk fixes its end before it reads: the start of the oldest transaction still running, as the org tells it, cut to
the minute because the org's replication calls cut there. What is stamped later comes with the next walk, which
begins at this end. The local clock has no say in it: the window asked about ends at the org's own Date.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.salesforce import soql
from adapters.salesforce.client import Batch, SalesforceClient
from adapters.salesforce.cursor import Cursor, cursor_text, read_cursor
from adapters.salesforce.failures import RefusedWindow, StaleLocator
from adapters.salesforce.layout import Layout
from adapters.salesforce.mapping import REACH, id18, moment
from connector.domain.records import FactValue, RecordKind
from connector.ports.crm import Page, Removal

_WINDOW = timedelta(minutes=2)
"""Short, as the org also lists each changed id of it; a minute may go to the cut."""
_SLACK = timedelta(minutes=10)
"""Where the org does not tell its oldest transaction: none of ours runs longer (limit of one request)."""
_LOG_DAYS = timedelta(days=14)
"""The org's log of deletions reaches back 15 days at most."""
_IDS_A_QUERY = 200
"""A URI of about 6,000 characters; 16,384 are the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One pull of one kind."""

    client: SalesforceClient
    layout: Layout
    now: datetime
    page_size: int

    def pages(self, since: str | None) -> Iterator[Page]:
        """Pages from a cursor on; the last one is marked, and its cursor is where the next pull begins."""
        cursor = read_cursor(since)
        bound = cursor.bound or self._bound()
        if cursor.mark is None:
            yield from self._everything(bound, after=cursor.crm_id)
        elif bound <= cursor.mark:
            yield self._page((), cursor=Cursor(mark=cursor.mark), is_last=True)
        elif cursor.stamp is not None or self.layout.kind is RecordKind.OWNER:  # a user is never deleted
            yield from self._changes(cursor, bound=bound)
        else:
            yield from self._removals_and_changes(cursor, bound=bound)

    def _bound(self) -> datetime:
        end = _minute(self.client.server_time() or self.now)
        if self.layout.is_replicated:
            try:
                name = self.layout.object_name
                return _minute(self.client.complete_until(name, start=end - _WINDOW, end=end))
            except RefusedWindow:
                pass  # too many ids, even for so short a time
        return end - _SLACK

    def _everything(self, bound: datetime, *, after: str | None) -> Iterator[Page]:
        batch = self._first(bound, after=after)
        while True:
            rows = self.layout.rows(batch.records)
            after = str(rows[-1][0]) if rows else after
            if batch.more is None:
                yield self._page(rows, cursor=Cursor(mark=bound), is_last=True, is_full=True)
                return
            yield self._page(rows, cursor=Cursor(bound=bound, crm_id=after), is_full=True)
            batch = self._next(batch.more, bound, after=after)

    def _first(self, bound: datetime, *, after: str | None) -> Batch:
        is_limited = self.layout.kind is RecordKind.CASE and self.layout.tells_closed
        since = bound - timedelta(days=REACH[RecordKind.CASE]) if is_limited else None
        return self.client.query(soql.everything(self.layout, after=after, since=since), page_size=self.page_size)

    def _next(self, path: str, bound: datetime, *, after: str | None) -> Batch:
        try:
            return self.client.query_on(path, page_size=self.page_size)
        except StaleLocator:  # places live two days
            return self._first(bound, after=after)

    def _removals_and_changes(self, cursor: Cursor, *, bound: datetime) -> Iterator[Page]:
        """Removals first: a record that was deleted and restored comes back with the changes."""
        mark = cursor.mark or bound
        removed = self._removed_ids(mark, bound=bound)
        if removed is None:  # the log no longer reaches back to our mark, so only a look at everything tells
            yield from self._everything(bound, after=None)
            return
        for start in range(0, len(removed), self.page_size):
            removals = self._removals(removed[start : start + self.page_size])
            yield self._page((), removed=removals, cursor=Cursor(mark=mark, bound=bound))
        yield from self._changes(cursor, bound=bound)

    def _removed_ids(self, mark: datetime, *, bound: datetime) -> list[str] | None:
        """Ids deleted from `mark` on and before `bound`; None where the org does not know them all any more."""
        if bound - mark > _LOG_DAYS:
            return None
        try:
            log = self.client.deleted(self.layout.object_name, start=mark, end=bound)
        except RefusedWindow:
            return None
        if log.complete_since > mark:
            return None
        return list(dict.fromkeys(crm_id for crm_id, at in log.records if mark <= at < bound))

    def _removals(self, ids: Sequence[str]) -> list[Removal]:
        winners: dict[str, str] = {}
        for start in range(0, len(ids) if self.layout.has_master else 0, _IDS_A_QUERY):
            query = soql.masters(self.layout, ids=ids[start : start + _IDS_A_QUERY])
            rows = self.client.query_rows(query, page_size=self.page_size, with_deleted=True)
            winners.update((id18(row["Id"]), id18(row["MasterRecordId"])) for row in rows)
        return [Removal(crm_id=crm_id, merged_into=winners.get(crm_id)) for crm_id in ids]

    def _changes(self, cursor: Cursor, *, bound: datetime) -> Iterator[Page]:
        """By fresh queries from key to key: a later page of one result could show stamps behind the bound."""
        mark = cursor.mark or bound
        after = (cursor.stamp, cursor.crm_id) if cursor.stamp and cursor.crm_id else None
        while True:
            query = soql.changed(self.layout, mark=mark, bound=bound, after=after, limit=self.page_size)
            batch = self.client.query(query, page_size=self.page_size)
            rows = self.layout.rows(batch.records)
            if not rows or (batch.more is None and len(rows) < self.page_size):
                yield self._page(rows, cursor=Cursor(mark=bound), is_last=True)
                return
            after = moment(batch.records[-1]["SystemModstamp"]), id18(batch.records[-1]["Id"])
            yield self._page(rows, cursor=Cursor(mark=mark, bound=bound, stamp=after[0], crm_id=after[1]))

    def _page(
        self,
        rows: Sequence[tuple[FactValue, ...]],
        *,
        cursor: Cursor,
        removed: Sequence[Removal] = (),
        is_full: bool = False,
        is_last: bool = False,
    ) -> Page:
        return Page(
            kind=self.layout.kind,
            columns=self.layout.words,
            rows=rows,
            cursor=cursor_text(cursor),
            removed=removed,
            is_full=is_full,
            is_last=is_last,
        )


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
