"""Dirty marks that come with a page: who was merged or restored is written anew, who is gone is not written."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, literal, select

from connector.domain.records import RecordKind
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import table_of
from connector.storage.tables.writing import DirtyRow

_DIRTY = table_of(DirtyRow)


def mark_dirty(connection: Connection, kind: RecordKind, ids: Select[Any], *, cause: str, at: datetime) -> None:
    """Mark each of the records (a query of ids)."""
    record = RECORD_TABLES[kind].c
    marks = select(
        literal(kind.value, _DIRTY.c.kind.type),
        record.id,
        literal(cause, _DIRTY.c.cause.type),
        literal(at, _DIRTY.c.created_at.type),
    ).where(record.id.in_(ids))
    columns = ["kind", "record_id", "cause", "created_at"]
    connection.execute(insert(_DIRTY).from_select(columns, marks.order_by(record.id), include_defaults=False))


def drop_marks(connection: Connection, kind: RecordKind, ids: Select[Any]) -> None:
    """Take back the marks of records (a query of ids) that nothing can be written to any more."""
    connection.execute(delete(_DIRTY).where(_DIRTY.c.kind == kind.value, _DIRTY.c.record_id.in_(ids)))
