"""The recycle bin: HubSpot keeps no log of deletions, so the whole bin is looked through, a full one less often."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.hubspot.client import HubspotClient
from adapters.hubspot.cursor import Cursor
from adapters.hubspot.layout import Layout
from adapters.hubspot.mapping import MERGED_IDS, milliseconds, moment
from connector.ports.crm import Removal

_KEPT = timedelta(days=85)
"""Deleted records stay in the bin for 90 days; five to be safe."""
_OVERLAP = timedelta(minutes=2)
"""Lists are not behind as searches are; this allows for clocks that differ."""
_FREE_PAGES = 10
_MINUTES_A_PAGE = 1
"""A look that took more pages than the free ones rests a minute for each (our choice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a look through the bin found; `seen` are the removals of the overlap with the next one."""

    removals: list[Removal]
    seen: dict[str, int]
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The bin of one kind, at the end of one walk."""

    client: HubspotClient
    layout: Layout
    bound: datetime

    def has_forgotten(self, cursor: Cursor) -> bool:
        """Whether records that were deleted since the last look may have left the bin."""
        return cursor.swept is None or self.bound - cursor.swept > _KEPT

    def is_due(self, cursor: Cursor) -> bool:
        """Whether it is time for a look."""
        rest = timedelta(minutes=_MINUTES_A_PAGE * max(0, cursor.bin_pages - _FREE_PAGES))
        return cursor.swept is None or self.bound - cursor.swept >= rest

    def removals(self, cursor: Cursor, *, merged: set[str]) -> Sweep:
        """Records deleted since the last look and before the bound; those in `merged` were told with their winner."""
        since = (cursor.swept or self.bound) - _OVERLAP
        properties = [MERGED_IDS] if self.layout.tells_merges else []
        removals: list[Removal] = []
        seen: dict[str, int] = {}
        after, pages = None, 0
        while True:
            batch = self.client.records(self.layout.object_name, properties=properties, after=after, archived=True)
            pages += 1
            for record in batch.records:
                key, at = f"-{record['id']}", moment(record.get("archivedAt") or record["updatedAt"])
                if self.bound - _OVERLAP <= at < self.bound:
                    seen[key] = milliseconds(at)
                if since <= at < self.bound and cursor.seen.get(key) != milliseconds(at):
                    removals += _gone(record, merged=merged)
            after = batch.after
            if after is None:
                return Sweep(removals=removals, seen=seen, pages=pages)


def _gone(record: dict[str, object], *, merged: set[str]) -> list[Removal]:
    """The record, and those that were merged into it before anybody saw the merge."""
    properties = record.get("properties")
    former = str((properties.get(MERGED_IDS) if isinstance(properties, dict) else None) or "").split(";")
    ids = [*(old.strip() for old in former if old.strip()), str(record["id"])]
    return [Removal(crm_id=crm_id) for crm_id in dict.fromkeys(ids) if crm_id not in merged]
