"""Accounts and contacts that are one over several CRMs (design 5.6): what `same_as` says now against what was joined.

A join is an alias of each record of the group to its first one. `account.joined_id` repeats where the aliases lead.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union,
    update,
)

from connector.domain.records import RecordKind
from connector.ports.storage.records import Joining
from connector.storage.bulk import analyse, for_this_page, load
from connector.storage.joined import is_joined, is_merged, joined_account
from connector.storage.records_dirty import mark_answered_at, mark_dirty
from connector.storage.records_same_person import seat_joined
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.records import RecordAliasRow
from connector.storage.tables.rows import table_of

_ALIAS = table_of(RecordAliasRow)
_WANTED = Table(
    "stage_wanted",
    MetaData(),
    Column("member_id", Integer, primary_key=True, autoincrement=False),
    Column("target_id", Integer, nullable=False),
    Column("first_id", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
_SHOWN = Table("stage_shown", MetaData(), Column("crm_id", String, primary_key=True), prefixes=["TEMPORARY"])
_NEAR = Table(
    "stage_near",
    MetaData(),
    Column("record_id", Integer, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
)
_Ids = Select[Any] | CompoundSelect[Any]


def join_records(
    connection: Connection,
    kind: RecordKind,
    joining: Joining,
    *,
    at: datetime,
    near: tuple[str, Sequence[str]] | None,
) -> None:
    """Join and part records; see the port."""
    is_idle = near is not None and not near[1]
    if is_idle or (not joining.pairs and not _has_joins(connection, kind)):
        return
    with for_this_page(connection, _WANTED, _SHOWN, _NEAR):
        if near is not None:
            _gather(connection, kind, joining.pairs, near=near)
        is_near = _is_near(near)
        _want(connection, kind, joining, is_near=is_near)
        changed = _end(connection, kind, at=at, is_near=is_near) + _begin(connection, kind, at=at)
        if changed and kind is RecordKind.ACCOUNT:
            lead_accounts(connection)
        if kind is RecordKind.CONTACT:
            seat_joined(connection, joining.pairs, wanted=_WANTED, is_near=is_near, at=at)


def mark_joined(connection: Connection, kind: RecordKind, *, at: datetime) -> None:
    """Mark the live records of every join; see the port."""
    sides = union(*(select(side).where(is_joined(_ALIAS, kind)) for side in (_ALIAS.c.record_id, _ALIAS.c.into_id)))
    _mark(connection, kind, sides, cause="home", at=at)


def lead_accounts(connection: Connection) -> None:
    """Let `joined_id` of every account be where its aliases lead: of a merge to the winner, then to the first."""
    account = RECORD_TABLES[RecordKind.ACCOUNT]
    merge, join = _ALIAS.alias("merge"), _ALIAS.alias("joins")
    winner = func.coalesce(
        _into(merge, and_(is_merged(merge, RecordKind.ACCOUNT), merge.c.record_id == account.c.id)), account.c.id
    )
    first = func.coalesce(_into(join, and_(is_joined(join, RecordKind.ACCOUNT), join.c.record_id == winner)), winner)
    leads = func.nullif(first, account.c.id)
    has_alias = select(_ALIAS.c.record_id).where(_ALIAS.c.kind == RecordKind.ACCOUNT.value, _ALIAS.c.to_at.is_(None))
    moved = select(account.c.id, leads.label("first_id")).where(
        or_(account.c.joined_id.is_not(None), account.c.id.in_(has_alias)),
        account.c.joined_id.is_distinct_from(leads),
    )
    found = moved.subquery("led")
    connection.execute(update(account).where(account.c.id == found.c.id).values(joined_id=found.c.first_id))


def _into(alias: Any, condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return select(alias.c.into_id).where(condition).correlate_except(alias).scalar_subquery()


def _has_joins(connection: Connection, kind: RecordKind) -> bool:
    return connection.execute(select(_ALIAS.c.id).where(is_joined(_ALIAS, kind)).limit(1)).scalar() is not None


def _is_near(near: object) -> Any:
    """Whether a record (its id) is among those that are looked at."""
    return (lambda _: true()) if near is None else (lambda record_id: record_id.in_(select(_NEAR.c.record_id)))


def _gather(
    connection: Connection, kind: RecordKind, pairs: Mapping[str, str], *, near: tuple[str, Sequence[str]]
) -> None:
    """The shown records, what they point at and what points at them, with the whole groups of all of these."""
    crm, crm_ids = near
    record = RECORD_TABLES[kind]
    load(connection, _SHOWN, ("crm_id",), ((crm_id,) for crm_id in dict.fromkeys(crm_ids)))
    analyse(connection, _SHOWN)
    shown = select(_SHOWN.c.crm_id)
    _add_near(connection, select(record.c.id).where(record.c.crm == crm, record.c.crm_id.in_(shown)))
    for pointing, into in pairs.items():
        if into == crm:
            is_pointing = and_(record.c.crm == pointing, record.c.same_as.is_not(None), record.c.same_as.in_(shown))
            _add_near(connection, select(record.c.id).where(is_pointing))
        if pointing == crm:
            named = select(record.c.same_as).where(record.c.crm == crm, record.c.crm_id.in_(shown))
            _add_near(connection, select(record.c.id).where(record.c.crm == into, record.c.crm_id.in_(named)))
    gathered = select(_NEAR.c.record_id)
    _add_near(connection, select(_ALIAS.c.into_id).where(is_merged(_ALIAS, kind), _ALIAS.c.record_id.in_(gathered)))
    _add_near(connection, select(_ALIAS.c.into_id).where(is_joined(_ALIAS, kind), _ALIAS.c.record_id.in_(gathered)))
    _add_near(connection, select(_ALIAS.c.record_id).where(is_joined(_ALIAS, kind), _ALIAS.c.into_id.in_(gathered)))
    analyse(connection, _NEAR)


def _add_near(connection: Connection, ids: Select[Any]) -> None:
    (column,) = ids.selected_columns
    new = ids.where(column.not_in(select(_NEAR.c.record_id))).distinct()
    connection.execute(insert(_NEAR).from_select(["record_id"], new))


def _want(connection: Connection, kind: RecordKind, joining: Joining, *, is_near: Any) -> None:
    """Who should be joined to whom now: every record of a group, its target included, with the first."""
    columns = ["member_id", "target_id", "first_id"]
    for crm, into in joining.pairs.items():
        connection.execute(insert(_WANTED).from_select(columns, _pointing(kind, crm, into=into, is_near=is_near)))
    targets = select(_WANTED.c.target_id, _WANTED.c.target_id.label("t"), _WANTED.c.target_id.label("f")).distinct()
    connection.execute(insert(_WANTED).from_select(columns, targets))
    if joining.home is not None:
        record = RECORD_TABLES[kind]
        at_home = (
            select(_WANTED.c.target_id, func.min(_WANTED.c.member_id).label("first_id"))
            .join(record, record.c.id == _WANTED.c.member_id)
            .where(record.c.crm == joining.home)
            .group_by(_WANTED.c.target_id)
            .subquery("at_home")
        )
        is_its = _WANTED.c.target_id == at_home.c.target_id
        connection.execute(update(_WANTED).where(is_its).values(first_id=at_home.c.first_id))
    analyse(connection, _WANTED)


def _pointing(kind: RecordKind, crm: str, *, into: str, is_near: Any) -> Select[Any]:
    """Live records that name a live one of another CRM, or one that was merged into it."""
    record = RECORD_TABLES[kind]
    member, named, target = record.alias("member"), record.alias("named"), record.alias("target")
    merge = _ALIAS.alias("merge")
    source = (
        member.join(named, and_(named.c.crm == into, named.c.crm_id == member.c.same_as))
        .outerjoin(merge, and_(is_merged(merge, kind), merge.c.record_id == named.c.id))
        .join(target, target.c.id == func.coalesce(merge.c.into_id, named.c.id))
    )
    return (
        select(member.c.id, target.c.id.label("target_id"), target.c.id.label("first_id"))
        .select_from(source)
        .where(
            member.c.crm == crm,
            member.c.same_as.is_not(None),
            member.c.removed_at.is_(None),
            target.c.removed_at.is_(None),
            is_near(target.c.id),
        )
    )


def _end(connection: Connection, kind: RecordKind, *, at: datetime, is_near: Any) -> int:
    """End the joins that are not wanted any more; how many."""
    is_wanted = exists().where(_WANTED.c.member_id == _ALIAS.c.record_id, _WANTED.c.first_id == _ALIAS.c.into_id)
    is_over = and_(is_joined(_ALIAS, kind), is_near(_ALIAS.c.record_id), ~is_wanted)
    sides = select(_ALIAS.c.record_id).where(is_over).union(select(_ALIAS.c.into_id).where(is_over))
    _mark(connection, kind, sides, cause="split", at=at)
    return connection.execute(update(_ALIAS).where(is_over).values(to_at=at)).rowcount


def _begin(connection: Connection, kind: RecordKind, *, at: datetime) -> int:
    """Begin the joins that are wanted and not there; how many."""
    stands = exists().where(
        is_joined(_ALIAS, kind), _ALIAS.c.record_id == _WANTED.c.member_id, _ALIAS.c.into_id == _WANTED.c.first_id
    )
    is_new = and_(_WANTED.c.member_id != _WANTED.c.first_id, ~stands)
    sides = select(_WANTED.c.member_id).where(is_new).union(select(_WANTED.c.first_id).where(is_new))
    _mark(connection, kind, sides, cause="joined", at=at)
    rows = select(
        literal(kind.value, _ALIAS.c.kind.type),
        _WANTED.c.member_id,
        _WANTED.c.first_id,
        literal(at, _ALIAS.c.from_at.type),
        literal("same_as", _ALIAS.c.cause.type),
    ).where(is_new)
    columns = ["kind", "record_id", "into_id", "from_at", "cause"]
    statement = insert(_ALIAS).from_select(columns, rows.order_by(_WANTED.c.member_id), include_defaults=False)
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _mark(connection: Connection, kind: RecordKind, ids: _Ids, *, cause: str, at: datetime) -> None:
    """Mark the live ones of records; of accounts those of their groups, and who answered: scores are now of others."""
    record = RECORD_TABLES[kind]
    if kind is RecordKind.ACCOUNT:
        roots = select(joined_account(record)).where(record.c.id.in_(ids))
        ids = select(record.c.id).where(record.c.id.in_(roots))
        ids = ids.union(select(record.c.id).where(record.c.joined_id.in_(roots)))  # two indices, each for itself
    live = select(record.c.id).where(record.c.id.in_(ids), record.c.removed_at.is_(None))
    mark_dirty(connection, kind, live, cause=cause, at=at)
    if kind is RecordKind.ACCOUNT:
        mark_answered_at(connection, live, cause=cause, at=at)
