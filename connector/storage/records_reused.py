"""Contact records that were reused for somebody else: name and address changed together (design 5.5)."""

from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, func, or_

from connector.domain.records import RecordKind
from connector.storage.records_json import as_json
from connector.storage.records_people import ADDRESS
from connector.storage.records_upsert import FIELD_CHANGE
from connector.storage.refusal import living_person


def was_reused(contact_id: ColumnElement[int], *, person_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a contact left an address of the person in the same moment as the name; its history says so."""
    name, left = FIELD_CHANGE.alias("renamed"), FIELD_CHANGE.alias("left")
    is_its = [each.c.kind == RecordKind.CONTACT.value for each in (name, left)] + [
        each.c.record_id == contact_id for each in (name, left)
    ]
    return (
        exists()
        .where(
            *is_its,
            left.c.fact == "address",
            name.c.fact == "name",
            name.c.seen_at == left.c.seen_at,
            _folded(name.c.old) != _folded(name.c.new),
            left.c.old == as_json(ADDRESS.c.address),
            or_(ADDRESS.c.person_id == person_id, living_person(ADDRESS.c.person_id) == person_id),
        )
        .correlate_except(name, left, ADDRESS)
    )


def _folded(name: ColumnElement[Any]) -> ColumnElement[str]:
    return func.coalesce(func.lower(cast(name, String)), "")
