"""Dirty records and the write log, as of the first revision."""

from sqlalchemy import Column, Index, Integer, Table

from connector.storage.migrations.first.metadata import FIRST, JSON_VALUE, MOMENT, TEXT

Table(
    "dirty",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("record_id", Integer, nullable=False),
    Column("cause", TEXT, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("not_before", MOMENT),
    Index(None, "kind", "record_id"),
)

Table(
    "write_log",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("crm", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("record_id", Integer, nullable=False),
    Column("word", TEXT, nullable=False),
    Column("old", JSON_VALUE),
    Column("new", JSON_VALUE),
    Column("key", TEXT, nullable=False),
    Column("logged_at", MOMENT, nullable=False),
    Column("settled_at", MOMENT),
    Column("outcome", TEXT),
    Column("message", TEXT),
    Index(None, "key"),
    Index(None, "kind", "record_id", "word"),
)
