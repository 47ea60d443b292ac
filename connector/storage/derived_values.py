"""What the parts of a derivation say of each record, in SQL: one query over all records of a connection."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    Date,
    FromClause,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    case,
    false,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.sql import ColumnElement

from connector.domain.derivation import ChildPart, CountPart, DatePart, Derivation, OwnerPart, OwnPart, Part, Take
from connector.domain.records import Fact, FactType, RecordKind
from connector.storage.conditions import column_of, condition_sql
from connector.storage.days import day_number, day_of, number_of
from connector.storage.joined import living_record
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of

_ACCOUNT = RECORD_TABLES[RecordKind.ACCOUNT]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What one part says: the value as it is compared, and the record that it was read from."""

    text: str
    value: ColumnElement[Any]
    kind: RecordKind
    source_id: ColumnElement[Any]
    source_on: ColumnElement[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The fact's value beside each record in `source`; `compared` is it as `compared_as` shows the stored one."""

    source: FromClause
    compared: ColumnElement[Any]
    value: ColumnElement[Any]
    part: ColumnElement[Any]
    source_kind: ColumnElement[Any]
    source_id: ColumnElement[Any]
    source_on: ColumnElement[Any]


def children_of(
    derivation: Derivation, *, crm: str, today: date, unread: Set[RecordKind]
) -> dict[int, tuple[Table, Select[Any]]]:
    """By the number of each part that child records tell: a temporary table, and what to fill it with.

    In tables of their own since neither database guesses how many accounts such a query finds. Of `unread` kinds
    nothing is found, also where some of their records are known.
    """
    queries = {
        number: _dates(part, crm=crm, today=today)
        if isinstance(part, DatePart)
        else _counts(part, crm=crm, today=today)
        for number, part in enumerate(derivation.parts)
        if isinstance(part, DatePart | CountPart)
    }
    unknown = {number for number, part in enumerate(derivation.parts) if _is_unknown(part, unread)}
    queries |= {number: queries[number].where(false()) for number in unknown}
    return {number: (_children_table(number), query) for number, query in queries.items()}


def _is_unknown(part: Part, unread: Set[RecordKind]) -> bool:
    return isinstance(part, DatePart | CountPart) and _kind_of(part) in unread


@cache
def _children_table(number: int) -> Table:
    """Of each account that has such children: a day's number or how many they are, and the record that tells it.

    One table for each number, as statements on a new one would be compiled anew.
    """
    return Table(
        f"stage_part_{number}",
        MetaData(),
        Column("record_id", Integer, primary_key=True, autoincrement=False),
        Column("number", Integer, nullable=False),
        Column("source_id", String),
        prefixes=["TEMPORARY"],
    )


def told(derivation: Derivation, *, children: Mapping[int, FromClause], unread: Set[RecordKind]) -> Told:
    """The first value of the parts for each record, with where it comes from; `children` are the filled tables.

    Of `unread` kinds these are empty, and none of them says that there is nothing.
    """
    record = RECORD_TABLES[derivation.fact.kind]
    own = {part: fact for fact, part in derivation.own()}
    source: FromClause = record
    said: list[_Said] = []
    for number, part in enumerate(derivation.parts):
        each: _Said
        if isinstance(part, DatePart | CountPart):
            source = source.outerjoin(children[number], children[number].c.record_id == record.c.id)
            each = _said_by_children(part, children[number], is_known=not _is_unknown(part, unread))
        else:
            source, each = _beside(source, part, own=own, fact=derivation.fact, number=number)
        said.append(each)
    compared = func.coalesce(*(each.value for each in said), null())
    return Told(
        source=source,
        compared=compared,
        value=day_of(compared) if derivation.fact.type is FactType.DATE else compared,
        part=_first(said, [literal(each.text) for each in said]),
        source_kind=_first(said, [literal(each.kind.value) for each in said]),
        source_id=_first(said, [each.source_id for each in said]),
        source_on=_first(said, [each.source_on for each in said]),
    )


def compared_as(fact: Fact, table: FromClause) -> ColumnElement[Any]:
    """A stored fact as it is compared: a date as its number, which is unknown where the text is none."""
    column = column_of(fact, table)
    return day_number(column) if fact.type is FactType.DATE else column


def _first(said: list[_Said], values: list[ColumnElement[Any]]) -> ColumnElement[Any]:
    whens = [(each.value.is_not(None), value) for each, value in zip(said, values, strict=True)]
    return case(*whens, else_=null())


def _beside(
    source: FromClause,
    part: OwnPart | OwnerPart,
    *,
    own: dict[OwnPart, Fact],
    fact: Fact,
    number: int,
) -> tuple[FromClause, _Said]:
    """The source with what a part needs joined to it, and what the part says there."""
    record = RECORD_TABLES[fact.kind]
    if isinstance(part, OwnerPart) and part.kind is RecordKind.ACCOUNT:
        named, account = alias_of(_ACCOUNT, f"named_{number}"), alias_of(_ACCOUNT, f"owned_{number}")
        is_its = and_(named.c.crm == record.c.crm, named.c.crm_id == record.c.account)
        is_living = and_(account.c.id == _living(named), account.c.removed_at.is_(None))
        owner = _said(part, account.c.owner, kind=part.kind, source_id=account.c.crm_id)
        return source.outerjoin(named, is_its).outerjoin(account, is_living), owner
    value = record.c.owner if isinstance(part, OwnerPart) else compared_as(own[part], record)
    return source, _said(part, value, kind=fact.kind, source_id=record.c.crm_id)


def _said(part: Part, value: Any, *, kind: RecordKind, source_id: Any, source_on: Any = None) -> _Said:
    on = literal(None, Date) if source_on is None else source_on
    return _Said(text=str(part), value=value, kind=kind, source_id=source_id, source_on=on)


def _said_by_children(part: ChildPart, child: FromClause, *, is_known: bool) -> _Said:
    """A count of a kind that is known is never unknown: an account without a row has none."""
    if isinstance(part, CountPart):
        counted = func.coalesce(child.c.number, 0) if is_known else child.c.number
        return _said(part, counted, kind=part.kind, source_id=null())
    taken = day_of(child.c.number)
    return _said(part, child.c.number, kind=part.fact.kind, source_id=child.c.source_id, source_on=taken)


def _dates(part: DatePart, *, crm: str, today: date) -> Select[Any]:
    """Of each account the child whose date is taken; of equal dates that of the oldest record."""
    child = RECORD_TABLES[part.fact.kind]
    named = alias_of(_ACCOUNT, "named")
    account, day, now = _living(named), day_number(column_of(part.fact, child)), number_of(today)
    matches = {Take.NEXT: day >= now, Take.LATEST: day <= now, Take.FIRST: day.is_not(None)}[part.take]
    order = day.desc() if part.take is Take.LATEST else day.asc()
    place = func.row_number().over(partition_by=account, order_by=(order, child.c.id))
    rows = (
        select(account.label("record_id"), day.label("day"), child.c.crm_id.label("source_id"), place.label("place"))
        .select_from(_children(child, named))
        .where(*_counted(part, child, crm=crm), matches)
        .subquery("dated")
    )
    return select(rows.c.record_id, rows.c.day, rows.c.source_id).where(rows.c.place == 1)


def _counts(part: CountPart, *, crm: str, today: date) -> Select[Any]:
    child = RECORD_TABLES[part.kind]
    named = alias_of(_ACCOUNT, "named")
    account = _living(named)
    columns: tuple[Any, ...] = (account.label("record_id"), func.count().label("number"), literal(None, String))
    query = select(*columns).select_from(_children(child, named))
    query = query.where(*_counted(part, child, crm=crm))
    if part.window is not None and part.by is not None:
        first = number_of(part.window.start(today))
        query = query.where(day_number(column_of(part.by, child)).between(first, number_of(today)))
    return query.group_by(account)


def _children(child: FromClause, named: FromClause) -> FromClause:
    return child.join(named, and_(named.c.crm == child.c.crm, named.c.crm_id == child.c.account))


def _counted(part: ChildPart, child: FromClause, *, crm: str) -> list[ColumnElement[bool]]:
    kind = _kind_of(part)
    conditions = [child.c.crm == crm, child.c.removed_at.is_(None)]
    return conditions if part.where is None else [*conditions, condition_sql(part.where, {kind: child})]


def _kind_of(part: ChildPart) -> RecordKind:
    return part.kind if isinstance(part, CountPart) else part.fact.kind


def _living(named: FromClause) -> ColumnElement[int]:
    """The account that a record names, or the one that it was merged into; few were, so that few are looked up."""
    return case((named.c.merged_into.is_(None), named.c.id), else_=living_record(RecordKind.ACCOUNT, named.c.id))
