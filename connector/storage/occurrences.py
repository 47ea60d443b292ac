"""Occurrences on SQL: which records' moments open, move or end one, and how far each milestone was planned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, or_, select, true, update
from sqlalchemy.sql import Select

from connector.domain.occurrences import (
    OVERLAP,
    Anchor,
    Mark,
    Occurrence,
    OccurrenceState,
    Sighting,
    first_day,
    sighted,
)
from connector.domain.programs import Milestone, Policy, Program, WhenKind
from connector.domain.records import RecordKind
from connector.storage.anchors import Anchors, anchors_of, occurrences_of
from connector.storage.census import count_candidates
from connector.storage.conditions import condition_sql, relationship_sql
from connector.storage.moments import moment_column, moment_literal, period_window
from connector.storage.sameness import account_ids
from connector.storage.tables.listening import MilestoneMarkRow, OccurrenceRow
from connector.storage.tables.records import FactMappingRow, FieldChangeRow
from connector.storage.tables.rows import insert_many, table_of, update_many
from connector.storage.tables.running import CursorRow

OCCURRENCE, MARK, CURSOR = table_of(OccurrenceRow), table_of(MilestoneMarkRow), table_of(CursorRow)
CHANGE, MAPPING = table_of(FieldChangeRow), table_of(FactMappingRow)


class SqlOccurrences:
    """The occurrence store over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def loaded_crms(
        self, sources: Mapping[str, Mapping[str, str]], *, kinds: Mapping[str, Collection[RecordKind]]
    ) -> Sequence[str]:
        stored = select(MAPPING.c.crm, MAPPING.c.fact, MAPPING.c.source)
        mapped = {(row.crm, row.fact): row.source for row in self._connection.execute(stored)}
        complete = select(CURSOR.c.crm, CURSOR.c.kind).where(
            CURSOR.c.loaded_at.is_not(None), CURSOR.c.cursor != "", CURSOR.c.full_started_at.is_(None)
        )
        loaded = {(row.crm, row.kind) for row in self._connection.execute(complete)}
        return [
            crm
            for crm in sorted(sources)
            if all((crm, kind) in loaded for kind in kinds[crm])
            and all(mapped.get((crm, fact)) == source for fact, source in sources[crm].items())
        ]

    def mark(self, program: str, milestone: str, *, crm: str, definition: str) -> Mark | None:
        query = select(MARK.c.planned_through, MARK.c.planned_at).where(
            MARK.c.program == program,
            MARK.c.milestone == milestone,
            MARK.c.crm == crm,
            MARK.c.definition == definition,
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Mark(planned_through=row.planned_through, planned_at=row.planned_at)

    def set_mark(self, program: str, milestone: str, *, crm: str, definition: str, mark: Mark) -> None:
        key = {"program": program, "milestone": milestone, "crm": crm}
        values = {
            "definition": definition,
            "planned_through": mark.planned_through,
            "planned_at": mark.planned_at,
        }
        changed = self._connection.execute(
            update(MARK).where(*(MARK.c[name] == value for name, value in key.items())).values(values)
        )
        if changed.rowcount == 0:
            self._connection.execute(insert(MARK).values(key | values))

    def sightings(
        self,
        policy: Policy,
        program: Program,
        milestone: Milestone,
        *,
        crm: str,
        mark: Mark,
        today: date,
        near: Collection[int] | None = None,
    ) -> Sequence[tuple[Sighting, Occurrence | None]]:
        anchors = anchors_of(self._connection, milestone.when.anchor)
        query = _sightings(policy, program, milestone, anchors=anchors, crm=crm, mark=mark, today=today)
        query = query if near is None else query.where(anchors.account.c.id.in_(near))
        found = [_sighting(row, milestone, policy) for row in self._connection.execute(query)]
        rows = occurrences_of(self._connection, anchors, program, milestone, [each.anchor.id for each in found])
        return [
            sighted(each, [occurrence_of(row) for row in rows.get(each.anchor.id, ())], milestone) for each in found
        ]

    def due(self, *, today: date, near: Collection[int] | None = None) -> Sequence[Occurrence]:
        query = select(OCCURRENCE).where(
            OCCURRENCE.c.state.in_([OccurrenceState.OPEN, OccurrenceState.ASKED]),
            OCCURRENCE.c.due_on <= today,
            OCCURRENCE.c.expires_on >= today,
        )
        if near is not None:
            query = query.where(OCCURRENCE.c.account_id.in_(account_ids(self._connection, near)))
        rows = self._connection.execute(query.order_by(OCCURRENCE.c.id)).all()
        return [occurrence_of(row) for row in rows]

    def save(self, occurrences: Sequence[Occurrence], *, at: datetime) -> Sequence[Occurrence]:
        stored = [(each.id, _values(each, at)) for each in occurrences if each.id is not None]
        update_many(self._connection, OCCURRENCE, stored)
        opened = [_values(each, at) | {"opened_at": at} for each in occurrences if each.id is None]
        ids = iter(insert_many(self._connection, OCCURRENCE, opened))
        return [each if each.id is not None else replace(each, id=next(ids)) for each in occurrences]

    def count_candidates(self) -> int:
        return count_candidates(self._connection)


def _sightings(
    policy: Policy, program: Program, milestone: Milestone, *, anchors: Anchors, crm: str, mark: Mark, today: date
) -> Select[Any]:
    """Records in the window and matching, or with an open occurrence whatever they say now."""
    anchor, account, tables = anchors.anchor, anchors.account, anchors.tables
    matches = and_(
        anchors.is_live,
        relationship_sql(policy.relationships, tables) == program.relationship,
        condition_sql(milestone.where, tables) if milestone.where is not None else true(),
    )
    moment = moment_column(milestone.when, tables)
    if milestone.when.kind is WhenKind.EVERY:
        in_window = period_window(milestone.when, moment=moment, first=first_day(mark, today=today), today=today)
    elif milestone.when.kind is WhenKind.CHANGED:
        in_window = _transition_window(milestone, anchors, moment, mark)
    else:
        in_window = _date_window(milestone, anchors, moment, mark, today)
    return (
        select(
            anchor.c.id.label("anchor_id"),
            (anchor.c.crm + "/" + anchor.c.crm_id).label("key"),
            account.c.id.label("account_id"),
            moment.label("value"),
            case((matches, 1), else_=0).label("matches"),
            newest_change(milestone, anchors, FieldChangeRow.seen_at).label("changed_at"),
            newest_change(milestone, anchors, FieldChangeRow.id).label("change_id"),
        )
        .select_from(anchors.source)
        .where(
            anchor.c.crm == crm, anchors.is_the_one, or_(and_(matches, in_window), anchors.has_open(program, milestone))
        )
        .order_by(anchor.c.id)
    )


def _date_window(
    milestone: Milestone, anchors: Anchors, fact: ColumnElement[Any], mark: Mark, today: date
) -> ColumnElement[bool]:
    """Moments that fall due after the mark and through today, and those that moved behind the mark since."""
    shift = timedelta(days=milestone.when.days if milestone.when.kind is WhenKind.BEFORE else -milestone.when.days)
    low, high = (moment_literal(milestone.when, day + shift) for day in (first_day(mark, today=today), today))
    return and_(fact <= high, or_(fact >= low, _changed_since(milestone, anchors, mark)))


def _transition_window(
    milestone: Milestone, anchors: Anchors, fact: ColumnElement[Any], mark: Mark
) -> ColumnElement[bool]:
    """Records that stand at the value and whose newest transition may fall due after the mark."""
    since = mark.planned_at - timedelta(days=milestone.when.days + 2)
    return and_(fact == milestone.when.value, newest_change(milestone, anchors, FieldChangeRow.seen_at) > since)


def _changed_since(milestone: Milestone, anchors: Anchors, mark: Mark) -> ColumnElement[bool]:
    return newest_change(milestone, anchors, FieldChangeRow.seen_at) > mark.planned_at - OVERLAP


def newest_change(milestone: Milestone, anchors: Anchors, column: Any) -> ColumnElement[Any]:
    """A column's greatest value over real changes of the milestone's fact, on the record that tells it."""
    return (
        select(func.max(column))
        .where(
            CHANGE.c.kind == milestone.when.anchor,
            CHANGE.c.record_id == anchors.told_by(milestone.when.fact),
            CHANGE.c.fact == anchors.word_of(milestone.when),
            CHANGE.c.cause.in_(["crm", "derived"]),
        )
        .scalar_subquery()
    )


def _sighting(row: Any, milestone: Milestone, policy: Policy) -> Sighting:
    moment: date | None
    if milestone.when.kind is WhenKind.CHANGED:
        stands = row.value == milestone.when.value and row.changed_at is not None
        moment = policy.organisation.day_of(row.changed_at) if stands else None
    else:
        moment = _as_date(row.value)
    return Sighting(
        anchor=Anchor(kind=milestone.when.anchor, id=row.anchor_id, key=row.key, account_id=row.account_id),
        moment_on=moment,
        matches=bool(row.matches),
        changed_at=row.changed_at,
        change_id=row.change_id if milestone.when.kind is WhenKind.CHANGED else None,
    )


def _as_date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def occurrence_of(row: Any) -> Occurrence:
    anchor = Anchor(kind=RecordKind(row.anchor_kind), id=row.anchor_id, key=row.anchor_key, account_id=row.account_id)
    return Occurrence(
        program=row.program,
        milestone=row.milestone,
        anchor=anchor,
        ordinal=row.ordinal,
        due_on=row.due_on,
        expires_on=row.expires_on,
        state=OccurrenceState(row.state),
        id=row.id,
        reason=row.reason,
        change_id=row.change_id,
        drawn_at=row.drawn_at,
    )


def _values(occurrence: Occurrence, at: datetime) -> dict[str, Any]:
    is_closed = occurrence.state in (OccurrenceState.CANCELLED, OccurrenceState.EXPIRED)
    return {
        "program": occurrence.program,
        "milestone": occurrence.milestone,
        "anchor_kind": occurrence.anchor.kind,
        "anchor_id": occurrence.anchor.id,
        "anchor_key": occurrence.anchor.key,
        "ordinal": occurrence.ordinal,
        "account_id": occurrence.anchor.account_id,
        "due_on": occurrence.due_on,
        "expires_on": occurrence.expires_on,
        "state": occurrence.state,
        "reason": occurrence.reason,
        "change_id": occurrence.change_id,
        "drawn_at": occurrence.drawn_at,
        "closed_at": at if is_closed else None,
    }
