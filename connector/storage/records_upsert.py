"""From the stage into the records: what changed, then the rows themselves, all of it set-based."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlmodel import SQLModel

from connector.domain.records import RecordKind
from connector.storage import tables
from connector.storage.records_json import as_json, member, merged, without_null
from connector.storage.records_stage import Shape, differs
from connector.storage.tables.columns import JSON_TYPE

FIELD_CHANGE: Table = SQLModel.metadata.tables[tables.records.FieldChangeRow.__tablename__]
REMOVED = "removed"
"""The fact that a record is gone: false, then true, then false where it is restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many staged rows are what."""

    rows: int
    inserted: int
    changed: int
    back: int
    touched: int


def tally_of(connection: Connection, shape: Shape) -> Tally:
    """Count the matched stage; a restored record counts as changed."""
    stage = shape.stage.c
    is_known = and_(stage.record_id.is_not(None), stage.is_stale.is_not(true()))
    conditions = (
        true(),
        stage.record_id.is_(None),
        and_(is_known, or_(stage.is_changed, stage.is_back)),
        and_(is_known, stage.is_back),
        and_(is_known, or_(stage.is_changed, stage.is_touched)),
    )
    sums = (func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in conditions)
    rows, inserted, changed, back, touched = connection.execute(select(*sums)).one()
    return Tally(rows=rows, inserted=inserted, changed=changed, back=back, touched=touched)


def note_changes(
    connection: Connection, shape: Shape, *, crm: str, seen_at: datetime, moved: frozenset[str] = frozenset()
) -> int:
    """Append a field change for each fact whose stored value differs from the staged one; how many.

    Changes of the words `moved`, which are read elsewhere now, are those of the mapping.
    """
    stage = shape.stage.c
    noted = 0
    for word in (*shape.words, *shape.facts):
        old, new = _values(shape, word)
        cause = literal("mapping") if word in moved else stage.cause
        rows = _transitions(shape, fact=word, old=old, new=new, crm=crm, seen_at=seen_at, cause=cause)
        noted += append_changes(connection, rows.where(stage.is_changed, differs(shape, word)))
    old, new = literal(True, JSON_TYPE), literal(False, JSON_TYPE)
    rows = _transitions(shape, fact=REMOVED, old=old, new=new, crm=crm, seen_at=seen_at, cause=stage.cause)
    return noted + append_changes(connection, rows.where(stage.is_back))


def append_changes(connection: Connection, rows: Select[Any]) -> int:
    """Append the selected field changes; how many. Columns: crm, kind, id, fact, old, new, seen at, stamp, cause."""
    columns = ["crm", "kind", "record_id", "fact", "old", "new", "seen_at", "stamp", "cause"]
    statement = insert(FIELD_CHANGE).from_select(columns, rows, include_defaults=False)
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def store_stage(connection: Connection, shape: Shape, *, crm: str, seen_at: datetime, tally: Tally) -> None:
    """Update what is known, insert what is new, and mark every row as seen."""
    if tally.touched:
        connection.execute(_update(shape))
    if tally.rows > tally.inserted:
        record, stage = shape.record.c, shape.stage.c
        seen = update(shape.record).where(record.id == stage.record_id, record.seen_at < seen_at)
        connection.execute(seen.values(seen_at=seen_at))
    if tally.inserted:
        connection.execute(_insert(shape, crm=crm, seen_at=seen_at))


def _values(shape: Shape, word: str) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    record, stage = shape.record, shape.stage
    if word in shape.words:
        return as_json(record.c[word]), as_json(stage.c[word])
    return without_null(member(record.c.facts, word)), without_null(member(stage.c.facts, word))


def _transitions(
    shape: Shape,
    *,
    fact: str,
    old: ColumnElement[Any],
    new: ColumnElement[Any],
    crm: str,
    seen_at: datetime,
    cause: ColumnElement[str],
) -> Select[Any]:
    record, stage, change = shape.record.c, shape.stage.c, FIELD_CHANGE.c
    return (
        select(
            literal(crm, change.crm.type),
            literal(shape.kind.value, change.kind.type),
            record.id,
            literal(fact, change.fact.type),
            old,
            new,
            literal(seen_at, change.seen_at.type),
            func.coalesce(stage.stamp, record.stamp),
            case((stage.is_back, literal("restored")), else_=cause),
        )
        .where(record.id == stage.record_id, stage.is_stale.is_not(true()))
        .order_by(stage.n)
    )


def _update(shape: Shape) -> Any:
    record, stage = shape.record.c, shape.stage.c
    values: dict[str, Any] = {name: stage[name] for name in shape.columns}
    values |= {"stamp": func.coalesce(stage.stamp, record.stamp), "removed_at": None, "merged_into": None}
    if shape.facts:
        values["facts"] = merged(record.facts, stage.facts, *(literal(word) for word in shape.facts))
    if shape.ours:
        values["ours"] = merged(record.ours, stage.ours, *(literal(word) for word in shape.ours))
    if shape.kind is RecordKind.CONTACT:
        values["person_id"] = func.coalesce(stage.person_id, record.person_id)
    is_due = and_(stage.is_stale.is_not(true()), or_(stage.is_changed, stage.is_touched))
    return update(shape.record).where(record.id == stage.record_id, is_due).values(values)


def _insert(shape: Shape, *, crm: str, seen_at: datetime) -> Any:
    record, stage = shape.record.c, shape.stage.c
    copied = ["crm_id", "stamp", *shape.columns, "facts", "ours"]
    if shape.kind is RecordKind.CONTACT:
        copied.append("person_id")
    fixed = [
        literal(crm, record.crm.type),
        literal(seen_at, record.first_seen_at.type),
        literal(seen_at, record.seen_at.type),
    ]
    rows = select(*fixed, *(stage[name] for name in copied)).where(stage.record_id.is_(None)).order_by(stage.n)
    names = ["crm", "first_seen_at", "seen_at", *copied]
    return insert(shape.record).from_select(names, rows, include_defaults=False)
