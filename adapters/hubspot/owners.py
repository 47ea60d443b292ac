"""Owners: HubSpot's users who may own a record. They are few, so each pull reads them all, the deactivated ones too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.hubspot.client import HubspotClient
from adapters.hubspot.cursor import Cursor, cursor_text, read_cursor
from adapters.hubspot.mapping import joined, moment
from connector.domain.records import FactType, FactValue, RecordKind
from connector.ports.crm import Field, Page

COLUMNS = ("crm_id", "stamp", "name", "address", "is_active")
FIELDS = (
    Field(name="firstName", label="First name", type=FactType.TEXT),
    Field(name="lastName", label="Last name", type=FactType.TEXT),
    Field(name="email", label="Email", type=FactType.TEXT),
    Field(name="archived", label="Deactivated", type=FactType.BOOLEAN),
)
"""Owners have no property list; these are the parts of them that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerWalk:
    """One pull of the owners: the active ones, then the deactivated ones."""

    client: HubspotClient
    now: datetime

    def pages(self, since: str | None) -> Iterator[Page]:
        """Pages of everything, or the rest of them where a pull was cut."""
        cursor = read_cursor(since)
        if cursor.mark is not None or cursor.bound is None:
            cursor = Cursor(bound=self.client.server_time() or self.now)
        while True:
            batch = self.client.owners(after=cursor.after, archived=cursor.is_sweeping)
            rows = [_row(owner, is_active=not cursor.is_sweeping) for owner in batch.records]
            if batch.after is None and cursor.is_sweeping:
                yield _page(rows, cursor=Cursor(mark=cursor.bound), is_last=True)
                return
            cursor = replace(cursor, after=batch.after, is_sweeping=cursor.is_sweeping or batch.after is None)
            yield _page(rows, cursor=cursor)


def _row(owner: Mapping[str, Any], *, is_active: bool) -> tuple[FactValue, ...]:
    """The owner by `id`: records name that one, and never the `userId` beside it."""
    name = joined([owner.get("firstName"), owner.get("lastName")])
    stamp = moment(owner.get("updatedAt") or owner["createdAt"])
    return (str(owner["id"]), stamp, name, owner.get("email") or None, is_active)


def _page(rows: list[tuple[FactValue, ...]], *, cursor: Cursor, is_last: bool = False) -> Page:
    return Page(
        kind=RecordKind.OWNER, columns=COLUMNS, rows=rows, cursor=cursor_text(cursor), is_full=True, is_last=is_last
    )
