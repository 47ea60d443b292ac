"""Surveys, responses and answers, as of the first revision."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table

from connector.storage.migrations.first.metadata import FIRST, JSON_VALUE, MOMENT, TEXT

Table(
    "survey_version",
    FIRST,
    Column("version", TEXT, primary_key=True),
    Column("survey", TEXT, nullable=False),
    Column("content", JSON_VALUE, nullable=False),
    Column("first_used_at", MOMENT, nullable=False),
)

Table(
    "response",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("invitation_id", Integer, ForeignKey("invitation.id")),
    Column("person_id", Integer, ForeignKey("person.id")),
    Column("contact_id", Integer, ForeignKey("contact.id")),
    Column("account_id", Integer, ForeignKey("account.id")),
    Column("side", TEXT, nullable=False),
    Column("program", TEXT, nullable=False),
    Column("milestone", TEXT, nullable=False),
    Column("survey", TEXT, nullable=False),
    Column("survey_version", TEXT, nullable=False),
    Column("ask_kind", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("source", TEXT, nullable=False),
    Column("asked_for", Boolean, nullable=False),
    Column("attribution", TEXT, nullable=False),
    Column("score", Float),
    Column("answered_at", MOMENT, nullable=False),
    Column("supersedes", Integer, ForeignKey("response.id")),
    Index(None, "account_id"),
    Index(None, "invitation_id"),
    Index(None, "person_id"),
)

Table(
    "answer",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("response_id", Integer, ForeignKey("response.id"), nullable=False),
    Column("question", TEXT, nullable=False),
    Column("number", Float),
    Column("choices", JSON_VALUE),
    Column("text", TEXT),
    Index(None, "response_id"),
)
