"""Invitations and the outbox, as of the first revision."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint

from connector.storage.migrations.first.metadata import FIRST, MOMENT, TEXT

Table(
    "invitation",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("decision_id", Integer, ForeignKey("decision.id"), nullable=False),
    Column("person_id", Integer, ForeignKey("person.id"), nullable=False),
    Column("contact_id", Integer, ForeignKey("contact.id"), nullable=False),
    Column("account_id", Integer, ForeignKey("account.id"), nullable=False),
    Column("side", TEXT, nullable=False),
    Column("program", TEXT, nullable=False),
    Column("milestone", TEXT, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("survey", TEXT, nullable=False),
    Column("survey_version", TEXT, nullable=False),
    Column("ask_kind", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("attribution", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("address", TEXT),
    Column("address_hash", TEXT, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("key_id", TEXT, nullable=False),
    Column("answer_hash", TEXT, nullable=False),
    Column("unsubscribe_hash", TEXT, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("closes_at", MOMENT, nullable=False),
    UniqueConstraint("answer_hash"),
    UniqueConstraint("decision_id"),
    UniqueConstraint("unsubscribe_hash"),
    Index(None, "account_id"),
    Index(None, "address_hash"),
    Index(None, "person_id"),
    Index(None, "state"),
)

Table(
    "message",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("invitation_id", Integer, ForeignKey("invitation.id"), nullable=False),
    Column("purpose", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", MOMENT, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("handed_over_at", MOMENT),
    Column("sent_at", MOMENT),
    Column("error", TEXT),
    UniqueConstraint("invitation_id", "purpose"),
    Index(None, "state", "not_before"),
)
