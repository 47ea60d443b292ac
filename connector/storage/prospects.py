"""How near an account's milestones are, in SQL, with the expressions by which they are planned. Reads only."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, and_, null, or_, select, true, union

from connector.domain.condition import Condition
from connector.domain.leaves import typed
from connector.domain.programs import Milestone, Policy, Program
from connector.domain.records import Fact, RecordKind
from connector.ports.storage.explaining import AccountSeen, AnchorSeen
from connector.storage.anchors import Anchors, anchors_of, occurrences_of
from connector.storage.conditions import condition_sql, fact_column, relationship_sql
from connector.storage.drawing import DECISION
from connector.storage.joined import is_at
from connector.storage.moments import moment_column
from connector.storage.occurrences import OCCURRENCE, newest_change, occurrence_of
from connector.storage.places import ACCOUNT, CONTACT
from connector.storage.sameness import joined_ids, person_ids
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.listening import MilestoneMarkRow
from connector.storage.tables.records import FieldChangeRow
from connector.storage.tables.rows import alias_of, table_of

_MARK = table_of(MilestoneMarkRow)
_CASE = RECORD_TABLES[RecordKind.CASE]


class SqlProspects:
    """The prospect store over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def near(self, person_id: int) -> Sequence[int]:
        people = person_ids(self._connection, person_id)
        of_contacts = (query.where(CONTACT.c.person_id.in_(people)) for query in (_stands(), _brought_at()))
        found = union(*of_contacts, _drawn(people))
        return sorted(set(joined_ids(self._connection, self._connection.scalars(found)).values()))

    def account(self, account_id: int, *, policy: Policy) -> AccountSeen:
        anchors = anchors_of(self._connection, RecordKind.ACCOUNT)
        facts = _facts(*(rule.when for rule in policy.relationships))
        query = (
            select(
                anchors.anchor,
                relationship_sql(policy.relationships, anchors.tables).label("relationship"),
                *_saw(facts, anchors),
            )
            .select_from(anchors.source)
            .where(anchors.anchor.c.id == account_id)
        )
        row = self._connection.execute(query).one()
        return AccountSeen(
            id=row.id,
            key=f"{row.crm}/{row.crm_id}",
            name=row.name,
            records=self._records(account_id),
            owner=f"{row.crm}/{row.owner}" if row.owner else None,
            relationship=row.relationship,
            values=_values(facts, row),
        )

    def anchors(
        self, account_id: int, *, person_id: int, program: Program, milestone: Milestone
    ) -> Sequence[AnchorSeen]:
        anchors = anchors_of(self._connection, milestone.when.anchor)
        facts = _facts(milestone.where)
        query = _anchors(anchors, milestone, facts).where(anchors.account.c.id == account_id)
        query = query.add_columns(*_brought(anchors, person_id))
        if anchors.kind is RecordKind.CONTACT:
            query = query.where(anchors.anchor.c.person_id == person_id)
        rows = self._connection.execute(query).all()
        had = occurrences_of(self._connection, anchors, program, milestone, [row.anchor_id for row in rows])
        planned = self._planned(program, milestone)
        return [
            AnchorSeen(
                key=row.key,
                where=None if row.is_for is None else bool(row.is_for),
                values=_values(facts, row),
                moment=_moment(milestone, row.moment),
                changed_at=row.changed_at,
                occurrence=occurrence_of(had[row.anchor_id][-1]) if had.get(row.anchor_id) else None,
                planned_through=planned.get(row.crm),
                is_theirs=bool(row.is_theirs),
                brought_by=row.brought_by,
            )
            for row in rows
        ]

    def _records(self, account_id: int) -> Sequence[str]:
        is_one = or_(ACCOUNT.c.id == account_id, ACCOUNT.c.joined_id == account_id)
        query = select(ACCOUNT.c.crm + "/" + ACCOUNT.c.crm_id).where(is_one, ACCOUNT.c.removed_at.is_(None))
        return self._connection.scalars(query.order_by(ACCOUNT.c.joined_id.is_not(None), ACCOUNT.c.id)).all()

    def _planned(self, program: Program, milestone: Milestone) -> dict[str, date]:
        query = select(_MARK.c.crm, _MARK.c.planned_through)
        query = query.where(_MARK.c.program == program.id, _MARK.c.milestone == milestone.id)
        return {row.crm: row.planned_through for row in self._connection.execute(query)}


def _stands() -> Select[Any]:
    """The accounts of contacts."""
    return select(ACCOUNT.c.id).select_from(CONTACT.join(ACCOUNT, is_at(CONTACT, ACCOUNT)))


def _brought_at() -> Select[Any]:
    """The accounts of the cases that contacts have brought."""
    is_its = and_(_CASE.c.crm == CONTACT.c.crm, _CASE.c.contact == CONTACT.c.crm_id)
    return select(ACCOUNT.c.id).select_from(CONTACT.join(_CASE, is_its).join(ACCOUNT, is_at(_CASE, ACCOUNT)))


def _drawn(people: Sequence[int]) -> Select[Any]:
    """The accounts of the occurrences of which people are candidates."""
    source = DECISION.join(OCCURRENCE, OCCURRENCE.c.id == DECISION.c.occurrence_id)
    return select(OCCURRENCE.c.account_id).select_from(source).where(DECISION.c.person_id.in_(people))


def _anchors(anchors: Anchors, milestone: Milestone, facts: Sequence[Fact]) -> Select[Any]:
    anchor, where = anchors.anchor, milestone.where
    return (
        select(
            anchor.c.id.label("anchor_id"),
            anchor.c.crm,
            (anchor.c.crm + "/" + anchor.c.crm_id).label("key"),
            (true() if where is None else condition_sql(where, anchors.tables)).label("is_for"),
            moment_column(milestone.when, anchors.tables).label("moment"),
            newest_change(milestone, anchors, FieldChangeRow.seen_at).label("changed_at"),
            *_saw(facts, anchors),
        )
        .select_from(anchors.source)
        .where(anchors.is_live, anchors.is_the_one)
        .order_by(anchor.c.id)
    )


def _brought(anchors: Anchors, person_id: int) -> list[Any]:
    """Whether a record is about the person, and else who brought it: of cases only, as candidates are drawn."""
    if anchors.kind is not RecordKind.CASE:
        return [true().label("is_theirs"), null().label("brought_by")]
    case, contact = anchors.anchor, alias_of(CONTACT, "brought_it")
    is_it = and_(contact.c.crm == case.c.crm, contact.c.crm_id == case.c.contact, contact.c.removed_at.is_(None))
    theirs = select(contact.c.id).where(is_it, contact.c.person_id == person_id).exists()
    return [theirs.label("is_theirs"), (case.c.crm + "/" + case.c.contact).label("brought_by")]


def _facts(*conditions: Condition | None) -> list[Fact]:
    """What the conditions read, each once."""
    return list(dict.fromkeys(fact for each in conditions if each is not None for fact in each.facts()))


def _saw(facts: Sequence[Fact], anchors: Anchors) -> list[Any]:
    return [fact_column(fact, anchors.tables).label(f"saw_{number}") for number, fact in enumerate(facts)]


def _values(facts: Sequence[Fact], row: Any) -> dict[str, Any]:
    return typed(facts, {fact.name: getattr(row, f"saw_{number}") for number, fact in enumerate(facts)})


def _moment(milestone: Milestone, value: Any) -> Any:
    """A date as a date also where the JSON column holds it; `from` comes as one."""
    fact = milestone.when.fact
    if fact is None:
        return date.fromisoformat(value) if isinstance(value, str) else value
    return typed([fact], {fact.name: value})[fact.name]
