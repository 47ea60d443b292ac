"""Records that are gone from the CRM: tombstones, never deletes; a merged record's alias leads to the winner."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

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
    exists,
    false,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlmodel import SQLModel

from connector.domain.records import RecordKind
from connector.ports.crm import Removal
from connector.storage import tables
from connector.storage.bulk import analyse, for_this_page, load
from connector.storage.joined import is_merged
from connector.storage.records_dirty import drop_marks, mark_dirty
from connector.storage.records_people import close_addresses
from connector.storage.records_stage import Shape
from connector.storage.records_upsert import FIELD_CHANGE, REMOVED, append_changes
from connector.storage.records_voices import mark_voices_of
from connector.storage.tables.columns import JSON_TYPE
from connector.storage.tables.kinds import RECORD_TABLES

ALIAS: Table = SQLModel.metadata.tables[tables.records.RecordAliasRow.__tablename__]
PERSON_ALIAS: Table = SQLModel.metadata.tables[tables.people.PersonAliasRow.__tablename__]
_GONE = Table(
    "stage_gone",
    MetaData(),
    Column("crm_id", String, primary_key=True),
    Column("merged_into", String),
    Column("record_id", Integer),
    prefixes=["TEMPORARY"],
)
_LONGEST_CHAIN = 8
"""Merges of merges in one page; a longer chain is flattened by the next merge."""


def remove_given(
    connection: Connection, kind: RecordKind, removals: Sequence[Removal], *, crm: str, seen_at: datetime
) -> tuple[int, int]:
    """Mark the removals' records; returns how many were live, and how many field changes that made."""
    if not removals:
        return 0, 0
    record = RECORD_TABLES[kind].c
    with for_this_page(connection, _GONE):
        rows = {removal.crm_id: (removal.crm_id, removal.merged_into) for removal in removals}
        load(connection, _GONE, ("crm_id", "merged_into"), rows.values())
        analyse(connection, _GONE)
        match = update(_GONE).where(record.crm == crm, record.crm_id == _GONE.c.crm_id)
        connection.execute(match.values(record_id=record.id))
        return _remove(connection, kind, crm=crm, seen_at=seen_at)


def remove_unseen(
    connection: Connection, kind: RecordKind, *, crm: str, since: datetime, seen_at: datetime
) -> tuple[int, int]:
    """Mark the live records that were not seen since the first page of a full pull; returns as `remove_given`."""
    record = RECORD_TABLES[kind].c
    unseen = select(record.crm_id, record.id).where(
        record.crm == crm, record.removed_at.is_(None), record.seen_at < since
    )
    with for_this_page(connection, _GONE):
        connection.execute(insert(_GONE).from_select(["crm_id", "record_id"], unseen, include_defaults=False))
        analyse(connection, _GONE)
        return _remove(connection, kind, crm=crm, seen_at=seen_at)


def join_merged(connection: Connection, kind: RecordKind, *, crm: str, seen_at: datetime) -> bool:
    """Add an alias for each merged record whose winner is known by now, and for its person; whether there was one."""
    added = connection.execute(
        insert(ALIAS).from_select(
            ["kind", "record_id", "into_id", "from_at", "cause"], _unjoined(kind, crm, seen_at), include_defaults=False
        ),
        execution_options={"preserve_rowcount": True},
    ).rowcount
    if not added:
        return False
    for _ in range(_LONGEST_CHAIN):
        if not _flatten(connection, kind, seen_at=seen_at):
            break
    if kind is RecordKind.CONTACT:
        _join_persons(connection, seen_at=seen_at)
    return True


def mark_merged(connection: Connection, kind: RecordKind, *, seen_at: datetime) -> None:
    """Mark the winners of the merges of this moment, and what answers count for by them, once ids lead to them."""
    if kind in (RecordKind.CONTACT, RecordKind.ACCOUNT):
        record = RECORD_TABLES[kind].c
        into = select(ALIAS.c.into_id).where(is_merged(ALIAS, kind), _is_new(ALIAS, seen_at))
        winners = select(record.id).where(record.id.in_(into), record.removed_at.is_(None))
        mark_dirty(connection, kind, winners, cause="merge", at=seen_at)
        mark_voices_of(connection, kind, winners, cause="merge", at=seen_at)


def part_restored(connection: Connection, shape: Shape, *, seen_at: datetime) -> None:
    """End the merges of staged records that are back."""
    stage = shape.stage.c
    back = select(stage.record_id).where(stage.is_back, stage.is_stale.is_(false()))
    if shape.kind is RecordKind.ACCOUNT:  # what counted for the winner until now
        mark_voices_of(connection, shape.kind, back, cause="restored", at=seen_at)
    parted = update(ALIAS).where(is_merged(ALIAS, shape.kind), ALIAS.c.record_id.in_(back))
    connection.execute(parted.values(to_at=seen_at))
    if shape.kind in (RecordKind.CONTACT, RecordKind.ACCOUNT):
        mark_dirty(connection, shape.kind, back, cause="restored", at=seen_at)
    if shape.kind is RecordKind.CONTACT:
        contact = shape.record.c
        persons = select(contact.person_id).where(contact.id.in_(back))
        is_live = and_(
            PERSON_ALIAS.c.to_at.is_(None), PERSON_ALIAS.c.person_id.in_(persons), PERSON_ALIAS.c.cause == "merge"
        )
        connection.execute(update(PERSON_ALIAS).where(is_live).values(to_at=seen_at))


def _remove(connection: Connection, kind: RecordKind, *, crm: str, seen_at: datetime) -> tuple[int, int]:
    """Note the change, set the tombstone and the winner, and close addresses that nobody holds any more."""
    record = RECORD_TABLES[kind].c
    is_gone = record.id == _GONE.c.record_id
    is_live = record.removed_at.is_(None)
    noted = append_changes(connection, _removals(kind, crm, seen_at).where(is_gone, is_live).order_by(record.id))
    merge = update(RECORD_TABLES[kind]).where(is_gone, _GONE.c.merged_into.is_not(None))
    connection.execute(merge.values(merged_into=_GONE.c.merged_into))
    drop_marks(connection, kind, select(_GONE.c.record_id))
    tombstone = update(RECORD_TABLES[kind]).where(is_gone, is_live).values(removed_at=seen_at)
    removed = connection.execute(tombstone).rowcount
    if removed and kind is RecordKind.CONTACT:
        close_addresses(connection, select(record.address).where(is_gone), at=seen_at)
    if removed:
        mark_voices_of(connection, kind, select(_GONE.c.record_id), cause=REMOVED, at=seen_at)
    return removed, noted


def _removals(kind: RecordKind, crm: str, seen_at: datetime) -> Select[Any]:
    record, change = RECORD_TABLES[kind].c, FIELD_CHANGE.c
    return select(
        literal(crm, change.crm.type),
        literal(kind.value, change.kind.type),
        record.id,
        literal(REMOVED, change.fact.type),
        literal(False, JSON_TYPE),
        literal(True, JSON_TYPE),
        literal(seen_at, change.seen_at.type),
        record.stamp,
        case((_GONE.c.merged_into.is_(None), literal("removed")), else_=literal("merge")),
    )


def _unjoined(kind: RecordKind, crm: str, seen_at: datetime) -> Select[Any]:
    loser, winner = RECORD_TABLES[kind].alias("loser"), RECORD_TABLES[kind].alias("winner")
    is_joined = exists().where(is_merged(ALIAS, kind), ALIAS.c.record_id == loser.c.id)
    return select(
        literal(kind.value, ALIAS.c.kind.type),
        loser.c.id,
        winner.c.id,
        literal(seen_at, ALIAS.c.from_at.type),
        literal("merge", ALIAS.c.cause.type),
    ).where(
        loser.c.crm == crm,
        loser.c.merged_into.is_not(None),
        winner.c.crm == crm,
        winner.c.crm_id == loser.c.merged_into,
        winner.c.id != loser.c.id,
        ~is_joined,
    )


def _flatten(connection: Connection, kind: RecordKind, *, seen_at: datetime) -> int:
    """Lead aliases into merged records on to where those were merged; how many."""
    highest = connection.execute(select(func.max(ALIAS.c.id))).scalar_one()
    first, then = ALIAS.alias("first_join"), ALIAS.alias("then_join")
    goes_on = and_(
        is_merged(first, kind),
        is_merged(then, kind),
        then.c.record_id == first.c.into_id,
        then.c.into_id != first.c.record_id,
    )
    moved = select(
        first.c.kind, first.c.record_id, then.c.into_id, literal(seen_at, ALIAS.c.from_at.type), first.c.cause
    ).where(goes_on)
    columns = ["kind", "record_id", "into_id", "from_at", "cause"]
    statement = insert(ALIAS).from_select(columns, moved, include_defaults=False)
    count = connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
    if count:
        closed = select(first.c.id).where(goes_on, first.c.id <= highest)
        connection.execute(update(ALIAS).where(ALIAS.c.id.in_(closed)).values(to_at=seen_at))
    return count


def _join_persons(connection: Connection, *, seen_at: datetime) -> None:
    """A merged contact's person is the winner's, unless another live contact still stands for it.

    Of a person whose contacts went to several winners the first is taken: nobody is joined into two.
    """
    contacts = RECORD_TABLES[RecordKind.CONTACT]
    loser, winner, other = contacts.alias("loser"), contacts.alias("winner"), contacts.alias("other")
    is_needed = exists().where(other.c.person_id == loser.c.person_id, other.c.removed_at.is_(None))
    is_joined = exists().where(PERSON_ALIAS.c.person_id == loser.c.person_id, PERSON_ALIAS.c.to_at.is_(None))
    joins = (
        select(loser.c.person_id, func.min(winner.c.person_id), literal(seen_at, PERSON_ALIAS.c.from_at.type))
        .group_by(loser.c.person_id)
        .where(
            is_merged(ALIAS, RecordKind.CONTACT),
            _is_new(ALIAS, seen_at),
            loser.c.id == ALIAS.c.record_id,
            winner.c.id == ALIAS.c.into_id,
            loser.c.person_id != winner.c.person_id,
            ~is_needed,
            ~is_joined,
        )
    )
    connection.execute(
        insert(PERSON_ALIAS).from_select(["person_id", "into_id", "from_at"], joins, include_defaults=False)
    )
    flatten_persons(connection, at=seen_at)


def flatten_persons(connection: Connection, *, at: datetime) -> None:
    """Lead every person on to the one that nobody was joined into since."""
    for _ in range(_LONGEST_CHAIN):
        if not _flatten_persons(connection, seen_at=at):
            break


def _flatten_persons(connection: Connection, *, seen_at: datetime) -> int:
    """Lead persons who were joined into somebody joined since on to that one; how many."""
    highest = connection.execute(select(func.max(PERSON_ALIAS.c.id))).scalar_one()
    first, then = PERSON_ALIAS.alias("first_join"), PERSON_ALIAS.alias("then_join")
    goes_on = and_(
        first.c.to_at.is_(None),
        then.c.to_at.is_(None),
        then.c.person_id == first.c.into_id,
        then.c.into_id != first.c.person_id,
    )
    moved = select(
        first.c.person_id, then.c.into_id, literal(seen_at, PERSON_ALIAS.c.from_at.type), first.c.cause
    ).where(goes_on)
    columns = ["person_id", "into_id", "from_at", "cause"]
    statement = insert(PERSON_ALIAS).from_select(columns, moved, include_defaults=False)
    count = connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
    if count:
        closed = select(first.c.id).where(goes_on, first.c.id <= highest)
        connection.execute(update(PERSON_ALIAS).where(PERSON_ALIAS.c.id.in_(closed)).values(to_at=seen_at))
    return count


def _is_new(alias: Any, seen_at: datetime) -> ColumnElement[bool]:
    return cast(ColumnElement[bool], alias.c.from_at == literal(seen_at, alias.c.from_at.type))
