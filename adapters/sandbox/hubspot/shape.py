"""Turns stored rows into the records of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.sandbox.hubspot.kinds import Kind
from adapters.sandbox.hubspot.property import Property
from adapters.sandbox.hubspot.rows import IN_BIN, Row
from adapters.sandbox.hubspot.times import shown

_HOST = "https://app-eu1.hubspot.com"


def record(
    kind: Kind, row: Row, *, portal: int, properties: Mapping[str, Property], wanted: Sequence[str] | None
) -> dict[str, Any]:
    """One record: what is wanted of it (None: all that is set) and the three properties that always come."""
    names = [*row.props] if wanted is None else list(wanted or kind.defaults)
    values: dict[str, str | None] = {
        name: _printed(properties[name], row.props.get(name)) for name in names if name in properties
    }
    values["hs_object_id"] = str(row.id)
    values[kind.created], values[kind.modified] = shown(row.created), shown(row.modified)
    archived: dict[str, Any] = {"archived": row.archived == IN_BIN}
    if row.archived_at:
        archived["archivedAt"] = shown(row.archived_at)
    return {
        "id": str(row.id),
        "properties": dict(sorted(values.items())),
        "createdAt": shown(row.created),
        "updatedAt": shown(row.modified),
        **archived,
        "url": _url(kind, row.id, portal),
    }


def _printed(found: Property, value: str | None) -> str | None:
    return shown(value) if value is not None and found.type == "datetime" else value


def _url(kind: Kind, record_id: int, portal: int) -> str:
    if kind.name == "tasks":
        return f"{_HOST}/tasks/{portal}/view/all/task/{record_id}"
    return f"{_HOST}/contacts/{portal}/record/{kind.type_id}/{record_id}"
