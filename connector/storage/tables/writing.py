"""Write-back: records whose fields may have changed, and the log of every value written (design 5.12)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from connector.storage.tables.columns import json_column


class DirtyRow(SQLModel, table=True):
    """A record whose wanted values may have changed; appended, never updated."""

    __tablename__ = "dirty"
    __table_args__ = (Index(None, "kind", "record_id"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    record_id: int
    cause: str
    created_at: datetime
    not_before: datetime | None = None


class WriteLogRow(SQLModel, table=True):
    """One value for one field: logged with the old one before the push, with the receipt after it."""

    __tablename__ = "write_log"
    __table_args__ = (Index(None, "kind", "record_id", "word"),)

    id: int | None = Field(default=None, primary_key=True)
    crm: str
    kind: str
    record_id: int
    word: str
    old: Any = Field(default=None, sa_column=json_column(nullable=True))
    new: Any = Field(default=None, sa_column=json_column(nullable=True))
    key: str = Field(index=True)
    logged_at: datetime
    settled_at: datetime | None = None
    outcome: str | None = None
    """written, skip or retry; None while the push is under way."""
    message: str | None = None
