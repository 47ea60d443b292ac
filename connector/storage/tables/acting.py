"""Closed-loop actions, their history, and the tasks by which owners see them in a CRM (design 5.12)."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class ActionRow(SQLModel, table=True):
    """What an answer asks of us; `account_id` is the account that was asked, `owner_id` the CRM's id."""

    __tablename__ = "action"
    __table_args__ = (UniqueConstraint("response_id", "rule"), Index(None, "state", "due_on"))

    id: int | None = Field(default=None, primary_key=True)
    response_id: int = Field(foreign_key="response.id")
    program: str
    rule: str
    account_id: int = Field(foreign_key="account.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    owned_by: str
    """Whose owner gets it first: contact or account."""
    crm: str | None = None
    """Where its task lives; None where the account is in no CRM."""
    owner_id: str | None = None
    owner_reason: str
    subject: str
    cause: str
    due_on: date
    state: str
    """open, done or dropped."""
    opened_at: datetime
    closed_at: datetime | None = None
    resolution: str | None = None
    """What the owner wrote into the task, or why it was dropped."""


class ActionEventRow(SQLModel, table=True):
    """What happened to an action: append-only."""

    __tablename__ = "action_event"

    id: int | None = Field(default=None, primary_key=True)
    action_id: int = Field(foreign_key="action.id", index=True)
    event: str
    """opened, task made, task refused, task gone, owner changed, done or dropped."""
    detail: str | None = None
    at: datetime


class TaskRow(SQLModel, table=True):
    """One try at having a task in the CRM: the intent is committed before the first request."""

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("action_id", "n"), Index(None, "crm", "state"))

    id: int | None = Field(default=None, primary_key=True)
    action_id: int = Field(foreign_key="action.id")
    n: int
    crm: str
    marker: str = Field(unique=True)
    body: str
    """Our own lines, the marker's last: what else the CRM shows is the owner's."""
    state: str
    """intent, made, refused, gone, done or dropped."""
    crm_id: str | None = None
    attempts: int = 0
    not_before: datetime | None = None
    error: str | None = None
    opened_at: datetime
    seen_at: datetime | None = None
    """When the CRM last showed it."""
