"""Occurrences, decisions with their verdicts, and plans (design 5.1 to 5.4)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.storage.tables.columns import json_column


class OccurrenceRow(SQLModel, table=True):
    """A milestone of one anchor record came due; `ordinal` counts from 1."""

    __tablename__ = "occurrence"
    __table_args__ = (
        UniqueConstraint("program", "milestone", "anchor_kind", "anchor_id", "ordinal"),
        Index(None, "state", "due_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    program: str
    milestone: str
    anchor_kind: str
    anchor_id: int
    anchor_key: str
    """How the anchor is named without surrogate ids: `crm/CRM id` when it opened."""
    ordinal: int
    account_id: int = Field(foreign_key="account.id", index=True)
    due_on: date
    expires_on: date
    state: str
    """open, asked, cancelled or expired."""
    reason: str | None = None
    """Why it was blocked as a whole or cancelled."""
    change_id: int | None = Field(default=None, foreign_key="field_change.id")
    drawn_at: datetime | None = None
    """When the candidates were drawn: the first plan on or after the due day."""
    opened_at: datetime
    closed_at: datetime | None = None


class MilestoneMarkRow(SQLModel, table=True):
    """Through which day a milestone was planned under which definition; a new definition starts afresh."""

    __tablename__ = "milestone_mark"
    __table_args__ = (UniqueConstraint("program", "milestone", "crm"),)

    id: int | None = Field(default=None, primary_key=True)
    program: str
    milestone: str
    crm: str
    definition: str
    planned_through: date
    planned_at: datetime


class TrackStartRow(SQLModel, table=True):
    """Since which day a program's decisions are on a track; what fell due before stays there."""

    __tablename__ = "track_start"
    __table_args__ = (UniqueConstraint("program", "track"),)

    id: int | None = Field(default=None, primary_key=True)
    program: str
    track: str
    started_on: date
    live_on: date | None = None
    """Since when it reaches everybody; what fell due before keeps to the test list."""


class DecisionRow(SQLModel, table=True):
    """One candidate of one occurrence on one track; the verdict columns repeat the newest verdict row."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("track", "occurrence_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    track: str
    occurrence_id: int = Field(foreign_key="occurrence.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    contact_id: int = Field(foreign_key="contact.id")
    account_id: int = Field(foreign_key="account.id", index=True)
    side: str = "theirs"
    ask_kind: str
    verdict: str
    rule: str
    until_on: date | None = None
    decided_at: datetime
    decided_on: date


class VerdictRow(SQLModel, table=True):
    """A verdict as it was reached: append-only, with every reason."""

    __tablename__ = "verdict"

    id: int | None = Field(default=None, primary_key=True)
    decision_id: int = Field(foreign_key="decision.id", index=True)
    verdict: str
    rule: str
    until_on: date | None = None
    reasons: list[dict[str, Any]] = Field(sa_column=json_column())
    decided_at: datetime
    configuration: str


class PlanRow(SQLModel, table=True):
    """A dry run's inputs and digest."""

    __tablename__ = "plan"

    id: int | None = Field(default=None, primary_key=True)
    as_of: date
    made_at: datetime
    configuration: str
    watermark: dict[str, Any] = Field(sa_column=json_column())
    digest: str = Field(index=True)
    rows: int


class PlanDecisionRow(SQLModel, table=True):
    """One row of a plan in words that do not depend on surrogate ids."""

    __tablename__ = "plan_decision"

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True)
    occurrence: str
    person: str
    track: str
    verdict: str
    rule: str
    until_on: date | None = None
    reasons: list[dict[str, Any]] = Field(sa_column=json_column())
