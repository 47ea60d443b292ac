"""Counts on SQL: accounts by relationship type, persons by level, and how far facts are filled."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, case, func, select

from connector.domain.listed import Listed
from connector.domain.programs import RelationshipRule, Track
from connector.domain.records import Fact, Level, RecordKind
from connector.ports.storage.counting import Levels, Reached
from connector.storage.anchors import anchors_of
from connector.storage.conditions import column_of, relationship_sql
from connector.storage.joined import joined_account
from connector.storage.reached import reached
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.listening import DecisionRow, OccurrenceRow
from connector.storage.tables.rows import alias_of, table_of

_OCCURRENCE, _DECISION = table_of(OccurrenceRow), table_of(DecisionRow)
_ACCOUNT, _CONTACT = RECORD_TABLES[RecordKind.ACCOUNT], RECORD_TABLES[RecordKind.CONTACT]


class SqlCounts:
    """The counts over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def types(self, rules: Sequence[RelationshipRule]) -> Mapping[str, int]:
        anchors = anchors_of(self._connection, RecordKind.ACCOUNT)
        each = (
            select(relationship_sql(rules, anchors.tables).label("type"))
            .select_from(anchors.source)
            .where(anchors.is_live)
            .subquery()
        )
        counted = self._connection.execute(select(each.c.type, func.count().label("number")).group_by(each.c.type))
        return {rule.type: 0 for rule in rules} | {row.type: row.number for row in counted}

    def levels(self, *, titles: int) -> Levels:
        persons = _persons().subquery()
        by_level = select(persons.c.level, func.count().label("number")).where(persons.c.place == 1)
        counted = {row.level: row.number for row in self._connection.execute(by_level.group_by(persons.c.level))}
        is_unknown = and_(persons.c.place == 1, persons.c.level.is_(None), persons.c.title.is_not(None))
        common = select(persons.c.title, func.count().label("number")).where(is_unknown).group_by(persons.c.title)
        rows = self._connection.execute(common.order_by(func.count().desc(), persons.c.title).limit(titles))
        return Levels(
            persons={level: counted.get(level, 0) for level in (*Level, None)},
            titles=[(row.title, row.number) for row in rows],
        )

    def accounts_without(self, crm: str, others: Collection[str]) -> int:
        beside = alias_of(_ACCOUNT, "beside")
        there = select(joined_account(beside)).where(beside.c.crm.in_(sorted(others)), beside.c.removed_at.is_(None))
        is_of = and_(_ACCOUNT.c.crm == crm, _ACCOUNT.c.removed_at.is_(None))
        query = select(func.count()).select_from(_ACCOUNT).where(is_of, joined_account(_ACCOUNT).not_in(there))
        return int(self._connection.execute(query).scalar_one())

    def filled(self, crm: str, facts: Sequence[Fact]) -> Mapping[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for kind in dict.fromkeys(fact.kind for fact in facts):
            table, ours = RECORD_TABLES[kind], [fact for fact in facts if fact.kind is kind]
            known = [func.count(column_of(fact, table)) for fact in ours]
            query = select(func.count(), *known).where(table.c.crm == crm, table.c.removed_at.is_(None))
            total, *counts = self._connection.execute(query.select_from(table)).one()
            found |= {fact.name: (number, total) for fact, number in zip(ours, counts, strict=True)}
        return found

    def holding(self, crm: str, fact: Fact, value: str) -> int:
        table = RECORD_TABLES[fact.kind]
        is_of = and_(table.c.crm == crm, table.c.removed_at.is_(None), column_of(fact, table) == value)
        return int(self._connection.execute(select(func.count()).select_from(table).where(is_of)).scalar_one())

    def reached(self, listed: Listed) -> Reached:
        return reached(self._connection, listed)

    def occurrences(self, *, track: Track | None = None) -> Mapping[tuple[str, str], int]:
        ids = (_OCCURRENCE.c.program, _OCCURRENCE.c.milestone)
        query = select(*ids, func.count()).group_by(*ids).order_by(*ids)
        if track is not None:
            decided = select(_DECISION.c.occurrence_id).where(_DECISION.c.track == track.value)
            query = query.where(_OCCURRENCE.c.id.in_(decided))
        counted = self._connection.execute(query)
        return {(program, milestone): number for program, milestone, number in counted}


def _persons() -> Any:
    """Live contacts with their level and title; `place` 1 is the one that tells most of its person."""
    level = func.coalesce(_CONTACT.c.rep_level, _CONTACT.c.level)
    tells = case((level.is_not(None), 0), (_CONTACT.c.title.is_not(None), 1), else_=2)
    place = func.row_number().over(partition_by=_CONTACT.c.person_id, order_by=(tells, _CONTACT.c.id))
    columns = (level.label("level"), _CONTACT.c.title, place.label("place"))
    return select(*columns).where(_CONTACT.c.removed_at.is_(None), _CONTACT.c.person_id.is_not(None))
