"""Dirty marks that come with a page: who was merged, joined or restored is written anew, who is gone is not."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, insert, literal, select

from connector.domain.records import RecordKind
from connector.storage.refusal import living_person
from connector.storage.tables.hearing import ResponseRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import table_of
from connector.storage.tables.writing import DirtyRow

_DIRTY, _RESPONSE = table_of(DirtyRow), table_of(ResponseRow)


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


def mark_answered_at(connection: Connection, accounts: Select[Any], *, cause: str, at: datetime) -> None:
    """Mark the live contacts of accounts (a query of ids) for whose person there is a response."""
    contact, account = RECORD_TABLES[RecordKind.CONTACT], RECORD_TABLES[RecordKind.ACCOUNT]
    is_theirs = and_(account.c.crm == contact.c.crm, account.c.crm_id == contact.c.account)
    answered = contact.c.person_id.in_(select(living_person(_RESPONSE.c.person_id)))
    ids = (
        select(contact.c.id)
        .join(account, is_theirs)
        .where(account.c.id.in_(accounts), contact.c.removed_at.is_(None), answered)
    )
    mark_dirty(connection, RecordKind.CONTACT, ids, cause=cause, at=at)


def drop_marks(connection: Connection, kind: RecordKind, ids: Select[Any]) -> None:
    """Take back the marks of records (a query of ids) that nothing can be written to any more."""
    connection.execute(delete(_DIRTY).where(_DIRTY.c.kind == kind.value, _DIRTY.c.record_id.in_(ids)))
