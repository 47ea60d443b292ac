"""Invitations and the states that they and their messages pass through."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connector.domain.surveys import AskKind


class Purpose(StrEnum):
    """What a mail is for; one of each at most is ever handed over for an invitation."""

    ASK = "ask"


class InvitationState(StrEnum):
    """Open until answered, closed after its time or revoked."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    REVOKED = "revoked"


class MessageState(StrEnum):
    """Delivery's own state (design 5.9); `uncertain` is never sent again."""

    READY = "ready"
    HANDING_OVER = "handing over"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One ask to one person, with all that its mail and page need. Times are aware UTC."""

    id: int
    person_id: int
    contact_id: int
    account_id: int
    side: str
    program: str
    milestone: str
    ordinal: int
    survey: str
    survey_version: str
    kind: AskKind
    language: str
    attribution: str
    state: InvitationState
    address: str | None
    contact_name: str | None
    account_name: str | None
    nonce: bytes
    key_id: str
    created_at: datetime
    closes_at: datetime
    counterpart_name: str | None = None
    """The name of the contact's counterpart, where one is active."""
