"""Connections, cursors, runs, switches and configurations, as of the first revision."""

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from connector.storage.migrations.first.metadata import FIRST, JSON_VALUE, MOMENT, TEXT

Table(
    "connection",
    FIRST,
    Column("crm", TEXT, primary_key=True),
    Column("org_id", TEXT, nullable=False),
    Column("pinned_at", MOMENT, nullable=False),
)

Table(
    "cursor",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("crm", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("cursor", TEXT, nullable=False),
    Column("full_started_at", MOMENT),
    Column("moved", JSON_VALUE),
    Column("loaded_at", MOMENT),
    Column("synced_at", MOMENT, nullable=False),
    UniqueConstraint("crm", "kind"),
)

Table(
    "run",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("stage", TEXT, nullable=False),
    Column("started_at", MOMENT, nullable=False),
    Column("finished_at", MOMENT),
    Column("outcome", TEXT),
    Column("counts", JSON_VALUE, nullable=False),
    Column("error", TEXT),
    Index(None, "stage"),
)

Table(
    "switch",
    FIRST,
    Column("name", TEXT, primary_key=True),
    Column("set_at", MOMENT, nullable=False),
    Column("reason", TEXT),
)

Table(
    "configuration",
    FIRST,
    Column("digest", TEXT, primary_key=True),
    Column("texts", JSON_VALUE, nullable=False),
    Column("first_used_at", MOMENT, nullable=False),
)
