"""Occurrences, decisions and plans, as of the first revision."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, UniqueConstraint

from connector.storage.migrations.first.metadata import FIRST, JSON_VALUE, MOMENT, TEXT

Table(
    "occurrence",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("program", TEXT, nullable=False),
    Column("milestone", TEXT, nullable=False),
    Column("anchor_kind", TEXT, nullable=False),
    Column("anchor_id", Integer, nullable=False),
    Column("anchor_key", TEXT, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("reason", TEXT),
    Column("change_id", Integer, ForeignKey("field_change.id")),
    Column("drawn_at", MOMENT),
    Column("opened_at", MOMENT, nullable=False),
    Column("closed_at", MOMENT),
    UniqueConstraint("program", "milestone", "anchor_kind", "anchor_id", "ordinal"),
    Index(None, "account_id"),
    Index(None, "state", "due_on"),
)

Table(
    "milestone_mark",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("program", TEXT, nullable=False),
    Column("milestone", TEXT, nullable=False),
    Column("crm", TEXT, nullable=False),
    Column("definition", TEXT, nullable=False),
    Column("planned_through", Date, nullable=False),
    Column("planned_at", MOMENT, nullable=False),
    UniqueConstraint("program", "milestone", "crm"),
)

Table(
    "track_start",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("program", TEXT, nullable=False),
    Column("track", TEXT, nullable=False),
    Column("started_on", Date, nullable=False),
    UniqueConstraint("program", "track"),
)

Table(
    "decision",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("track", TEXT, nullable=False),
    Column("occurrence_id", Integer, ForeignKey("occurrence.id"), nullable=False),
    Column("person_id", Integer, ForeignKey("person.id"), nullable=False),
    Column("contact_id", Integer, ForeignKey("contact.id"), nullable=False),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False),
    Column("side", TEXT, nullable=False),
    Column("ask_kind", TEXT, nullable=False),
    Column("verdict", TEXT, nullable=False),
    Column("rule", TEXT, nullable=False),
    Column("until_on", Date),
    Column("decided_at", MOMENT, nullable=False),
    Column("decided_on", Date, nullable=False),
    UniqueConstraint("track", "occurrence_id", "person_id"),
    Index(None, "account_id"),
    Index(None, "occurrence_id"),
    Index(None, "person_id"),
)

Table(
    "verdict",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("decision_id", Integer, ForeignKey("decision.id"), nullable=False),
    Column("verdict", TEXT, nullable=False),
    Column("rule", TEXT, nullable=False),
    Column("until_on", Date),
    Column("reasons", JSON_VALUE, nullable=False),
    Column("decided_at", MOMENT, nullable=False),
    Column("configuration", TEXT, nullable=False),
    Index(None, "decision_id"),
)

Table(
    "plan",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("made_at", MOMENT, nullable=False),
    Column("configuration", TEXT, nullable=False),
    Column("watermark", JSON_VALUE, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("rows", Integer, nullable=False),
    Index(None, "digest"),
)

Table(
    "plan_decision",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("plan_id", Integer, ForeignKey("plan.id"), nullable=False),
    Column("occurrence", TEXT, nullable=False),
    Column("person", TEXT, nullable=False),
    Column("track", TEXT, nullable=False),
    Column("verdict", TEXT, nullable=False),
    Column("rule", TEXT, nullable=False),
    Column("until_on", Date),
    Column("reasons", JSON_VALUE, nullable=False),
    Index(None, "plan_id"),
)
