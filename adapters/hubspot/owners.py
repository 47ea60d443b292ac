"""Owners: HubSpot's users who may own a record. They are few, so each pull reads them all, the deactivated ones too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.hubspot.client import HubspotClient
from adapters.hubspot.cursor import Cursor, cursor_text, read_cursor
from adapters.hubspot.failures import MissingScope, RefusedBatch
from adapters.hubspot.mapping import joined, moment, record_id
from connector.domain.records import FactType, FactValue, RecordKind
from connector.ports.crm import Field, Page
from connector.ports.errors import CrmMissingField

COLUMNS = ("crm_id", "stamp", "name", "address", "is_active")
_USERS, _OWNER_ID = "users", "hubspot_owner_id"
FIELDS = (
    Field(name="firstName", label="First name", type=FactType.TEXT),
    Field(name="lastName", label="Last name", type=FactType.TEXT),
    Field(name="email", label="Email", type=FactType.TEXT),
    Field(name="archived", label="Deactivated", type=FactType.BOOLEAN),
)
"""Owners have no property list; these are the parts of them that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerWalk:
    """One pull of the owners: the active ones, then the deactivated ones; with managers where the portal has them."""

    client: HubspotClient
    now: datetime
    manager_property: str

    def pages(self, since: str | None) -> Iterator[Page]:
        """Pages of everything, or the rest of them where a pull was cut."""
        cursor = read_cursor(since)
        if cursor.mark is not None or cursor.bound is None:
            cursor = Cursor(bound=self.client.server_time() or self.now)
        managers = managers_of(self.client, manager_property=self.manager_property)
        while True:
            batch = self.client.owners(after=cursor.after, archived=cursor.is_sweeping)
            rows = [_row(owner, is_active=not cursor.is_sweeping) for owner in batch.records]
            if batch.after is None and cursor.is_sweeping:
                yield _page(rows, managers=managers, cursor=Cursor(mark=cursor.bound), is_last=True)
                return
            cursor = replace(cursor, after=batch.after, is_sweeping=cursor.is_sweeping or batch.after is None)
            yield _page(rows, managers=managers, cursor=cursor)


def managers_of(client: HubspotClient, *, manager_property: str) -> dict[str, str] | None:
    """Each owner's manager, by owner id; None where users cannot be read or have no such property.

    HubSpot's owners name no manager, and no property of its users is known to do so everywhere.
    """
    found: dict[str, str] = {}
    is_known, after = False, None
    try:
        while True:
            batch = client.records(_USERS, properties=[_OWNER_ID, manager_property], after=after)
            for values in (user["properties"] for user in batch.records):
                is_known |= manager_property in values
                owner_id, manager = (record_id(values.get(name)) for name in (_OWNER_ID, manager_property))
                found |= {owner_id: manager} if owner_id and manager else {}
            after = batch.after
            if after is None:
                return found if is_known else None
    except (MissingScope, CrmMissingField, RefusedBatch):
        return None


def _row(owner: Mapping[str, Any], *, is_active: bool) -> tuple[FactValue, ...]:
    """The owner by `id`: records name that one, and never the `userId` beside it."""
    name = joined([owner.get("firstName"), owner.get("lastName")])
    stamp = moment(owner.get("updatedAt") or owner["createdAt"])
    return (str(owner["id"]), stamp, name, owner.get("email") or None, is_active)


def _page(
    rows: list[tuple[FactValue, ...]], *, managers: Mapping[str, str] | None, cursor: Cursor, is_last: bool = False
) -> Page:
    """A page; without the column where nobody's manager can be known, as that is not the same as having none."""
    columns: tuple[str, ...] = COLUMNS
    if managers is not None:
        columns = (*COLUMNS, "manager")
        rows = [(*row, managers.get(str(row[0]))) for row in rows]
    return Page(
        kind=RecordKind.OWNER, columns=columns, rows=rows, cursor=cursor_text(cursor), is_full=True, is_last=is_last
    )
