"""Invitations with the proofs of their links, and the outbox of messages (design 5.9, 5.10)."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class InvitationRow(SQLModel, table=True):
    """One ask to one person. The tokens themselves are never stored, only their SHA-256."""

    __tablename__ = "invitation"

    id: int | None = Field(default=None, primary_key=True)
    decision_id: int = Field(foreign_key="decision.id", unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    contact_id: int = Field(foreign_key="contact.id")
    account_id: int = Field(foreign_key="account.id", index=True)
    side: str = "theirs"
    program: str
    milestone: str
    ordinal: int
    survey: str
    survey_version: str
    ask_kind: str
    language: str
    attribution: str = "attributed"
    state: str = Field(index=True)
    """open, answered, closed, revoked."""
    address: str | None
    address_hash: str = Field(index=True)
    nonce: bytes
    key_id: str
    answer_hash: str = Field(unique=True)
    unsubscribe_hash: str = Field(unique=True)
    created_at: datetime
    closes_at: datetime


class MessageRow(SQLModel, table=True):
    """One mail of one purpose for one invitation; at most one of each is ever handed over."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("invitation_id", "purpose"), Index(None, "state", "not_before"))

    id: int | None = Field(default=None, primary_key=True)
    invitation_id: int = Field(foreign_key="invitation.id")
    purpose: str
    """ask, reminder or told."""
    state: str
    """ready, handing over, sent, failed, uncertain or cancelled."""
    attempts: int = 0
    not_before: datetime
    created_at: datetime
    handed_over_at: datetime | None = None
    sent_at: datetime | None = None
    error: str | None = None
