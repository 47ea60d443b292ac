"""Responses and their answers: append-only (design 5.11)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from connector.storage.tables.columns import json_column


def _unacted() -> Index:
    """The index of responses whose action rules are still to be looked at, which are few."""
    waits = text("acted_at IS NULL")
    return Index(None, "id", sqlite_where=waits, postgresql_where=waits)


class SurveyVersionRow(SQLModel, table=True):
    """A survey's content under its version, so that an old invitation still shows what it asked."""

    __tablename__ = "survey_version"

    version: str = Field(primary_key=True)
    survey: str
    content: dict[str, Any] = Field(sa_column=json_column())
    first_used_at: datetime


class ResponseRow(SQLModel, table=True):
    """What somebody answered; `score` is the value of the survey's score question."""

    __tablename__ = "response"
    __table_args__ = (_unacted(),)

    id: int | None = Field(default=None, primary_key=True)
    invitation_id: int | None = Field(default=None, foreign_key="invitation.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    side: str = "theirs"
    program: str
    milestone: str
    survey: str
    survey_version: str
    ask_kind: str
    language: str
    source: str
    asked_for: bool
    attribution: str
    score: float | None = None
    answered_at: datetime
    supersedes: int | None = Field(default=None, foreign_key="response.id")
    acted_at: datetime | None = None
    """When its program's action rules were looked at, whether or not one matched."""


class AnswerRow(SQLModel, table=True):
    """The answer to one question of one response."""

    __tablename__ = "answer"

    id: int | None = Field(default=None, primary_key=True)
    response_id: int = Field(foreign_key="response.id", index=True)
    question: str
    number: float | None = None
    choices: list[str] | None = Field(default=None, sa_column=json_column(nullable=True))
    text: str | None = None
