"""Contacts that took another's person by a join and should have their own back, as they name nobody any more."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    cast,
    exists,
    false,
    literal,
    or_,
    select,
    true,
)

from connector.domain.records import RecordKind
from connector.storage.records_reused import was_reused
from connector.storage.records_upsert import FIELD_CHANGE
from connector.storage.tables.kinds import RECORD_TABLES

PERSON = "person"
"""The fact under which a contact's change of person is noted; old and new are our ids of persons."""
JOINED, SPLIT = "joined", "split"
_CONTACT = RECORD_TABLES[RecordKind.CONTACT]


def leaving(pairs: Mapping[str, str], is_near: Any) -> Select[Any]:
    """Live contacts that took another's person and name nobody any more: id, person, own person, cause, false.

    One whose target alone is gone stays: it is still the same human, and what holds for them goes on holding. So does
    one of whose own person another contact was joined in the same way, and is; and one that was reused by then, as its
    own person is somebody else.
    """
    change, newer = FIELD_CHANGE.alias("change"), FIELD_CHANGE.alias("newer")
    is_newest = ~exists().where(_is_person(newer), newer.c.record_id == _CONTACT.c.id, newer.c.id > change.c.id)
    return select(_CONTACT.c.id, _CONTACT.c.person_id, _own_person(), literal(SPLIT), false()).where(
        change.c.fact == PERSON,  # without the kind, else SQLite reads every change of contacts that there ever was
        change.c.cause == JOINED,
        change.c.record_id == _CONTACT.c.id,
        is_newest,
        _CONTACT.c.removed_at.is_(None),
        is_near(_CONTACT.c.id),
        ~names_somebody(pairs, _CONTACT),
        ~_is_led(pairs, change),
        ~was_reused(_CONTACT.c.id, person_id=_own_person()),
    )


def _own_person() -> ColumnElement[int]:
    """The person that no join had given to a contact, which may have followed its target to further ones since."""
    origin, earlier = FIELD_CHANGE.alias("origin"), FIELD_CHANGE.alias("earlier")
    was_given = exists().where(
        _is_person(earlier),
        earlier.c.record_id == origin.c.record_id,
        earlier.c.cause == JOINED,
        earlier.c.id < origin.c.id,
        _number(earlier.c.new) == _number(origin.c.old),
    )
    return (
        select(_number(origin.c.old))
        .where(_is_person(origin), origin.c.record_id == _CONTACT.c.id, origin.c.cause == JOINED, ~was_given)
        .order_by(origin.c.id.desc())
        .limit(1)
        .correlate(_CONTACT)
        .scalar_subquery()
    )


def _is_led(pairs: Mapping[str, str], change: Any) -> ColumnElement[bool]:
    """Whether another contact went from the same person to the same one, is there, and names somebody else than us."""
    lead, its = _CONTACT.alias("lead"), FIELD_CHANGE.alias("its")
    went_along = exists().where(
        _is_person(its),
        its.c.record_id == lead.c.id,
        its.c.cause == JOINED,
        _number(its.c.old) == _number(change.c.old),
        _number(its.c.new) == _number(change.c.new),
    )
    is_lead = (
        lead.c.person_id == _CONTACT.c.person_id,
        lead.c.id != _CONTACT.c.id,
        lead.c.removed_at.is_(None),
        names_somebody(pairs, lead, but=_CONTACT.c.id),
        went_along.correlate_except(its),
    )
    return exists().where(*is_lead).correlate_except(lead)


def names_somebody(
    pairs: Mapping[str, str], contact: FromClause, *, but: ColumnElement[int] | None = None
) -> ColumnElement[bool]:
    """Whether a contact names one that is stored; a lookup for each pair, as an OR of CRMs would use no index."""
    named = {crm: _CONTACT.alias() for crm in pairs}
    is_another = {crm: true() if but is None else each.c.id != but for crm, each in named.items()}
    lookups = (
        and_(
            contact.c.crm == crm,
            exists()
            .where(each.c.crm == pairs[crm], each.c.crm_id == contact.c.same_as, is_another[crm])
            .correlate_except(each),
        )
        for crm, each in named.items()
    )
    return or_(false(), *lookups)


def _is_person(change: Any) -> ColumnElement[bool]:
    """Whether a change is ours: an admin may declare a fact of this name, whose changes have other causes."""
    is_ours = and_(change.c.fact == PERSON, change.c.cause.in_((JOINED, SPLIT)))
    return and_(change.c.kind == RecordKind.CONTACT.value, is_ours)


def _number(value: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(cast(value, String), Integer)
