"""Connections, cursors, runs, the stop switch and the configurations that were in force."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.storage.tables.columns import json_column


class ConnectionRow(SQLModel, table=True):
    """A CRM connection and the org id it is pinned to."""

    __tablename__ = "connection"

    crm: str = Field(primary_key=True)
    org_id: str
    pinned_at: datetime
    joined_as: str | None = None
    """How records of connections were to be joined when this one was synced last; another way joins all anew."""


class CursorRow(SQLModel, table=True):
    """Where the next pull of a kind starts: saved in the transaction of the page it follows."""

    __tablename__ = "cursor"
    __table_args__ = (UniqueConstraint("crm", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    crm: str
    kind: str
    cursor: str
    full_started_at: datetime | None = None
    """While a full pull is under way: rows not seen since are removed at its end."""
    moved: list[str] | None = Field(default=None, sa_column=json_column(nullable=True))
    """Words that are read otherwise since the last full pull; in the next their changes have the cause `mapping`."""
    loaded_at: datetime | None = None
    """When the first full pull ended; a first load fires nothing."""
    hidden_at: datetime | None = None
    """Since when the CRM does not show the kind; null as soon as a page of it comes."""
    changed_at: datetime | None = None
    """When a page last changed something: what was derived of the kind before that is old."""
    synced_at: datetime


class RunRow(SQLModel, table=True):
    """One execution of a stage and how it ended."""

    __tablename__ = "run"

    id: int | None = Field(default=None, primary_key=True)
    stage: str = Field(index=True)
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str | None = None
    """ok, postponed or failed; None while it runs or after a crash."""
    counts: dict[str, Any] = Field(sa_column=json_column())
    error: str | None = None


class SwitchRow(SQLModel, table=True):
    """A switch that halts mail and writes while it stands."""

    __tablename__ = "switch"

    name: str = Field(primary_key=True)
    set_at: datetime
    reason: str | None = None


class ConfigurationRow(SQLModel, table=True):
    """The text of a configuration under its hash."""

    __tablename__ = "configuration"

    digest: str = Field(primary_key=True)
    texts: dict[str, str] = Field(sa_column=json_column())
    first_used_at: datetime
