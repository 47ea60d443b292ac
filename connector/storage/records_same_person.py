"""Persons of contacts that are one over CRMs: the pointing contact takes the other's person, and gets its own back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    case,
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
from connector.storage.records_own_person import JOINED, PERSON, leaving, names_somebody
from connector.storage.records_people import ADDRESS
from connector.storage.records_reused import was_reused
from connector.storage.records_upsert import FIELD_CHANGE, append_changes
from connector.storage.tables.kinds import RECORD_TABLES

_CONTACT = RECORD_TABLES[RecordKind.CONTACT]
_RESEATED = Table(
    "stage_reseated",
    MetaData(),
    Column("contact_id", Integer, primary_key=True, autoincrement=False),
    Column("old_person", Integer, nullable=False),
    Column("new_person", Integer, nullable=False),
    Column("cause", String, nullable=False),
    Column("is_other_human", Boolean, nullable=False),
    prefixes=["TEMPORARY"],
)
_COLUMNS = ["contact_id", "old_person", "new_person", "cause", "is_other_human"]


def seat_joined(connection: Connection, pairs: Mapping[str, str], *, wanted: Table, is_near: Any, at: datetime) -> None:
    """Seat the contacts of `wanted` with their targets' persons, and give back persons of who points nowhere now."""
    with for_this_page(connection, _RESEATED):
        if _stage(connection, leaving(pairs, is_near)):
            followers = _following(pairs).subquery()
            _stage(connection, leaving(pairs, lambda contact_id: contact_id.in_(select(followers.c.id))))
        _stay_with_address(connection, pairs)
        if _reseat(connection, at=at):
            _move_addresses(connection, at=at)
            _part_persons(connection, at=at)
        connection.execute(delete(_RESEATED))
        if _stage(connection, _joining(wanted)):
            _stage(connection, _following(pairs))
        if _reseat(connection, at=at):
            _join_persons(connection, at=at)


def _stage(connection: Connection, rows: Select[Any]) -> int:
    statement = insert(_RESEATED).from_select(_COLUMNS, rows)
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _reseat(connection: Connection, *, at: datetime) -> bool:
    """Give the staged contacts their persons, and note it; whether there were any."""
    if connection.execute(select(_RESEATED.c.contact_id).limit(1)).scalar() is None:
        return False
    analyse(connection, _RESEATED)
    append_changes(connection, _changes(at))
    is_moved = _CONTACT.c.id == _RESEATED.c.contact_id
    connection.execute(update(_CONTACT).where(is_moved).values(person_id=_RESEATED.c.new_person))
    return True


def _joining(wanted: Table) -> Select[Any]:
    target = _CONTACT.alias("target")
    # The person that either contact left when its record was reused is not the one whom it stands for now.
    is_other_human = or_(
        was_reused(target.c.id, person_id=_CONTACT.c.person_id), was_reused(_CONTACT.c.id, person_id=target.c.person_id)
    )
    new = target.c.person_id.label("new")
    return select(_CONTACT.c.id, _CONTACT.c.person_id, new, literal(JOINED), is_other_human).where(
        wanted.c.member_id == _CONTACT.c.id,
        wanted.c.target_id == target.c.id,
        _CONTACT.c.person_id != target.c.person_id,
    )


def _following(pairs: Mapping[str, str]) -> Select[Any]:
    """Who shares a personal address with a contact that is joined goes with it, unless it names somebody itself."""
    other, lead, staged = _CONTACT.alias("other"), _CONTACT.alias("lead"), _RESEATED.alias("staged")
    new = func.min(_RESEATED.c.new_person)
    return (
        select(other.c.id, _RESEATED.c.old_person, new, literal(JOINED), false())
        .select_from(_RESEATED)
        .join(lead, lead.c.id == _RESEATED.c.contact_id)
        .join(other, and_(other.c.address == lead.c.address, other.c.person_id == _RESEATED.c.old_person))
        .where(
            other.c.removed_at.is_(None),
            exists().where(ADDRESS.c.address == lead.c.address, ADDRESS.c.to_at.is_(None)),
            ~exists().where(staged.c.contact_id == other.c.id),
            ~_RESEATED.c.is_other_human,
            ~names_somebody(pairs, other),
        )
        .group_by(other.c.id, _RESEATED.c.old_person)
    )


def _stay_with_address(connection: Connection, pairs: Mapping[str, str]) -> None:
    """Who leaves and shares an address with somebody who stays goes on being that person: one address, one person.

    Somebody who names the leaving contact does not stay, but is joined to it next.
    """
    other = _CONTACT.alias("other")
    is_pair = or_(false(), *(and_(other.c.crm == crm, _CONTACT.c.crm == into) for crm, into in pairs.items()))
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
            or_(other.c.same_as.is_(None), other.c.same_as != _CONTACT.c.crm_id, ~is_pair),
        )
        .correlate(_RESEATED)
        .scalar_subquery()
    )
    connection.execute(update(_RESEATED).values(new_person=func.coalesce(stays, _RESEATED.c.new_person)))
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
    back = select(_RESEATED.c.new_person)
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
        .where(~_RESEATED.c.is_other_human, ~is_needed, ~is_led)
        .group_by(_RESEATED.c.old_person)
    )
    columns = ["person_id", "into_id", "from_at", "cause"]
    connection.execute(insert(PERSON_ALIAS).from_select(columns, left, include_defaults=False))
    flatten_persons(connection, at=at)
