"""How the store suites look into the database: a fixture gives a table's rows, these functions shorten them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Rows = Callable[[str], Sequence[Mapping[str, Any]]]
"""`rows(table)` reads every row of a table in the order of its key, JSON decoded and times aware UTC."""


def record_row(rows: Rows, crm_id: str, *, kind: str = "contact") -> Mapping[str, Any]:
    """The one row of a record."""
    (row,) = (row for row in rows(kind) if row["crm_id"] == crm_id)
    return row


def changes(rows: Rows, *columns: str) -> list[tuple[Any, ...]]:
    """The field changes in the order in which they were noted, as tuples of these columns."""
    return [tuple(row[column] for column in columns) for row in rows("field_change")]


def persons(rows: Rows) -> dict[str, int]:
    """Each contact's person by the contact's CRM id; persons are numbered from 1 in order of appearance here."""
    contacts = rows("contact")
    order = {person: n for n, person in enumerate(dict.fromkeys(row["person_id"] for row in contacts), start=1)}
    return {row["crm_id"]: order[row["person_id"]] for row in contacts}


def live_addresses(rows: Rows) -> dict[str, int]:
    """The person of each address that is not closed."""
    return {row["address"]: row["person_id"] for row in rows("person_address") if row["to_at"] is None}
