"""Persons of contacts that are one over CRMs: the pointing contact takes the other's person, and gets its own back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from connector.domain.records import RecordKind
from connector.storage.bulk import analyse, for_this_page
from connector.storage.joined import is_merged
from connector.storage.records_gone import ALIAS, PERSON_ALIAS, flatten_persons
from connector.storage.records_json import as_json
from connector.storage.records_people import ADDRESS
from connector.storage.records_upsert import FIELD_CHANGE, append_changes
from connector.storage.tables.kinds import RECORD_TABLES

PERSON = "person"
"""The fact under which a contact's change of person is noted; old and new are our ids of persons."""
JOINED, SPLIT = "joined", "split"
_CONTACT = RECORD_TABLES[RecordKind.CONTACT]
_RESEATED = Table(
    "stage_reseated",
    MetaData(),
    Column("contact_id", Integer, primary_key=True, autoincrement=False),
    Column("old_person", Integer, nullable=False),
    Column("new_person", Integer, nullable=False),
    Column("cause", String, nullable=False),
    prefixes=["TEMPORARY"],
)


def seat_joined(connection: Connection, pairs: Mapping[str, str], *, wanted: Table, is_near: Any, at: datetime) -> None:
    """Seat the contacts of `wanted` with their targets' persons, and give back persons of who points nowhere now."""
    columns = ["contact_id", "old_person", "new_person", "cause"]
    with for_this_page(connection, _RESEATED):
        connection.execute(insert(_RESEATED).from_select(columns, _joining(wanted)))
        connection.execute(insert(_RESEATED).from_select(columns, _leaving(pairs, is_near)))
        _stay_with_address(connection)
        analyse(connection, _RESEATED)
        if connection.execute(select(_RESEATED.c.contact_id).limit(1)).scalar() is None:
            return
        append_changes(connection, _changes(at))
        is_moved = _CONTACT.c.id == _RESEATED.c.contact_id
        connection.execute(update(_CONTACT).where(is_moved).values(person_id=_RESEATED.c.new_person))
        _move_addresses(connection, at=at)
        _part_persons(connection, at=at)
        _join_persons(connection, at=at)


def _joining(wanted: Table) -> Select[Any]:
    target = _CONTACT.alias("target")
    return select(_CONTACT.c.id, _CONTACT.c.person_id, target.c.person_id.label("new"), literal(JOINED)).where(
        wanted.c.member_id == _CONTACT.c.id,
        wanted.c.target_id == target.c.id,
        _CONTACT.c.person_id != target.c.person_id,
    )


def _leaving(pairs: Mapping[str, str], is_near: Any) -> Select[Any]:
    """Live contacts that took another's person and name no contact of that CRM any more, each with its own person.

    One whose target alone is gone stays: it is still the same human, and what holds for them goes on holding.
    """
    change, newer, earlier = (FIELD_CHANGE.alias(name) for name in ("change", "newer", "earlier"))
    is_newest = ~exists().where(_is_person(newer), newer.c.record_id == _CONTACT.c.id, newer.c.id > change.c.id)
    # A contact may have followed its target to further persons; its own is the one that no join had given it.
    origin = FIELD_CHANGE.alias("origin")
    was_given = exists().where(
        _is_person(earlier),
        earlier.c.record_id == origin.c.record_id,
        earlier.c.cause == JOINED,
        earlier.c.id < origin.c.id,
        _number(earlier.c.new) == _number(origin.c.old),
    )
    own = (
        select(_number(origin.c.old))
        .where(_is_person(origin), origin.c.record_id == _CONTACT.c.id, origin.c.cause == JOINED, ~was_given)
        .order_by(origin.c.id.desc())
        .limit(1)
        .correlate(_CONTACT)
        .scalar_subquery()
    )
    return select(_CONTACT.c.id, _CONTACT.c.person_id, own, literal(SPLIT)).where(
        change.c.fact == PERSON,  # without the kind, else SQLite reads every change of contacts that there ever was
        change.c.cause == JOINED,
        change.c.record_id == _CONTACT.c.id,
        is_newest,
        _CONTACT.c.removed_at.is_(None),
        is_near(_CONTACT.c.id),
        ~_names_somebody(pairs),
    )


def _names_somebody(pairs: Mapping[str, str]) -> ColumnElement[bool]:
    """Whether a contact names one that is stored; a lookup for each pair, as an OR of CRMs would use no index."""
    named = {crm: _CONTACT.alias() for crm in pairs}
    lookups = (
        and_(_CONTACT.c.crm == crm, exists().where(each.c.crm == pairs[crm], each.c.crm_id == _CONTACT.c.same_as))
        for crm, each in named.items()
    )
    return or_(false(), *lookups)


def _is_person(change: Any) -> ColumnElement[bool]:
    """Whether a change is ours: an admin may declare a fact of this name, whose changes have other causes."""
    is_ours = and_(change.c.fact == PERSON, change.c.cause.in_((JOINED, SPLIT)))
    return and_(change.c.kind == RecordKind.CONTACT.value, is_ours)


def _number(value: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(cast(value, String), Integer)


def _stay_with_address(connection: Connection) -> None:
    """Who leaves and shares an address with somebody who stays goes on being that person: one address, one person."""
    other = _CONTACT.alias("other")
    is_reseated = exists().where(_RESEATED.c.contact_id == other.c.id)
    is_personal = exists().where(ADDRESS.c.address == _CONTACT.c.address, ADDRESS.c.to_at.is_(None))
    stays = (
        select(func.min(other.c.person_id))
        .where(
            _CONTACT.c.id == _RESEATED.c.contact_id,
            other.c.address == _CONTACT.c.address,
            other.c.id != _CONTACT.c.id,
            other.c.removed_at.is_(None),
            is_personal.correlate(_CONTACT),
            ~is_reseated.correlate(other),
        )
        .correlate(_RESEATED)
        .scalar_subquery()
    )
    leaves = _RESEATED.c.cause == SPLIT
    person = func.coalesce(stays, _RESEATED.c.new_person)
    connection.execute(update(_RESEATED).where(leaves).values(new_person=person))
    connection.execute(delete(_RESEATED).where(_RESEATED.c.old_person == _RESEATED.c.new_person))


def _changes(at: datetime) -> Select[Any]:
    change = FIELD_CHANGE.c
    return (
        select(
            _CONTACT.c.crm,
            literal(RecordKind.CONTACT.value, change.kind.type),
            _CONTACT.c.id,
            literal(PERSON, change.fact.type),
            as_json(_RESEATED.c.old_person),
            as_json(_RESEATED.c.new_person),
            literal(at, change.seen_at.type),
            _CONTACT.c.stamp,
            _RESEATED.c.cause,
        )
        .where(_CONTACT.c.id == _RESEATED.c.contact_id)
        .order_by(_CONTACT.c.id)
    )


def _move_addresses(connection: Connection, *, at: datetime) -> None:
    """An address that a contact opened for the other's person is its own person's from now on."""
    is_theirs = and_(
        _RESEATED.c.cause == SPLIT,
        _CONTACT.c.id == _RESEATED.c.contact_id,
        ADDRESS.c.address == _CONTACT.c.address,
        ADDRESS.c.person_id == _RESEATED.c.old_person,
        ADDRESS.c.to_at.is_(None),
    )
    opened = select(
        _RESEATED.c.new_person, ADDRESS.c.address, ADDRESS.c.address_hash, literal(at, ADDRESS.c.from_at.type)
    ).where(is_theirs)
    columns = ["person_id", "address", "address_hash", "from_at"]
    connection.execute(insert(ADDRESS).from_select(columns, opened.distinct(), include_defaults=False))
    left = select(ADDRESS.c.id).where(is_theirs)
    connection.execute(update(ADDRESS).where(ADDRESS.c.id.in_(left)).values(to_at=at))


def _part_persons(connection: Connection, *, at: datetime) -> None:
    """Whoever is somebody's person again is joined into nobody."""
    back = select(_RESEATED.c.new_person).where(_RESEATED.c.cause == SPLIT)
    is_over = and_(
        PERSON_ALIAS.c.person_id.in_(back), PERSON_ALIAS.c.to_at.is_(None), PERSON_ALIAS.c.cause == "same_as"
    )
    connection.execute(update(PERSON_ALIAS).where(is_over).values(to_at=at))


def _join_persons(connection: Connection, *, at: datetime) -> None:
    """A person whom the last live contact left is the one it went to: what holds for them goes on holding."""
    is_needed = exists().where(_CONTACT.c.person_id == _RESEATED.c.old_person, _CONTACT.c.removed_at.is_(None))
    is_led = exists().where(PERSON_ALIAS.c.person_id == _RESEATED.c.old_person, PERSON_ALIAS.c.to_at.is_(None))
    # Where the other's contact was merged, its person goes with the merge, and comes back if that is undone.
    merge, loser = ALIAS.alias("merge"), _CONTACT.alias("loser")
    merged = (
        select(loser.c.person_id)
        .join(merge, merge.c.record_id == loser.c.id)
        .where(is_merged(merge, RecordKind.CONTACT), loser.c.removed_at.is_not(None))
    )
    left = (
        select(
            _RESEATED.c.old_person,
            func.min(_RESEATED.c.new_person),
            literal(at, PERSON_ALIAS.c.from_at.type),
            case((_RESEATED.c.old_person.in_(merged), "merge"), else_="same_as"),
        )
        .where(_RESEATED.c.cause == JOINED, ~is_needed, ~is_led)
        .group_by(_RESEATED.c.old_person)
    )
    columns = ["person_id", "into_id", "from_at", "cause"]
    connection.execute(insert(PERSON_ALIAS).from_select(columns, left, include_defaults=False))
    flatten_persons(connection, at=at)
