"""Invitations and the outbox of their messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from connector.domain.gates import Gate
from connector.domain.invitations import Invitation, InvitationState, MessageState, Purpose
from connector.domain.links import LinkPurpose
from connector.domain.surveys import AskKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A real decision to ask that has no invitation yet."""

    decision_id: int
    person_id: int
    contact_id: int
    account_id: int
    side: str
    program: str
    milestone: str
    ordinal: int
    kind: AskKind
    address: str
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """What is fixed when an invitation is made; the two hashes are SHA-256 of its links' tokens."""

    decided: Decided
    survey: str
    survey_version: str
    language: str
    nonce: bytes
    key_id: str
    answer_hash: str
    unsubscribe_hash: str
    created_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message in the outbox; `crm` is the connection of the contact that it goes to."""

    id: int
    crm: str
    invitation: Invitation
    purpose: Purpose
    state: MessageState
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Mails that wait for one cause: what the relay said at their last try, None where they had none yet.

    The first of them was made at `since`, and the first is tried again at `next_at`, or with the next run after it.
    """

    cause: str | None
    mails: int
    since: datetime
    next_at: datetime


class InvitationStore(Protocol):
    """Invitations, found by their decision or by the hash of a link's token."""

    def undone(
        self, *, programs: Sequence[str], today: date, limit: int, gate: Gate | None = None
    ) -> Sequence[Decided]:
        """Real decisions of these programs with verdict ask that have no invitation yet, oldest first.

        Only persons with a live contact that has an address, and nobody who has opted out or left in the meantime, or
        who is on hold on the organisation's day `today`; nothing of an occurrence that was cancelled or has expired,
        and nothing that the gate of test mode keeps back.
        """
        ...

    def add(self, new: NewInvitation) -> int:
        """Store an invitation together with its ready `ask` message; returns its id."""
        ...

    def by_link(self, purpose: LinkPurpose, token_hash: str) -> Invitation | None:
        """The invitation whose link of this purpose has this token hash; `set_state` decides between two at once."""
        ...

    def set_state(self, invitation_id: int, *, expected: InvitationState, state: InvitationState) -> bool:
        """Move an invitation from the expected state; False where it was not in it any more."""
        ...

    def close_overdue(self, *, at: datetime) -> int:
        """Close open invitations whose time is over; how many. Ready messages of any that is not open are cancelled."""
        ...


class MessageStore(Protocol):
    """The outbox: marked `handing over` and committed before the mail leaves."""

    def ready(
        self,
        *,
        programs: Sequence[str],
        now: datetime,
        today: date,
        limit: int,
        held_back: Sequence[str] = (),
        gate: Gate | None = None,
    ) -> Sequence[Message]:
        """Messages that are due, oldest first, of open invitations of these programs.

        Whose person or account is on hold on the organisation's day `today` waits, until its invitation closes.
        Those to contacts of the connections `held_back` are left out, and what the gate of test mode keeps back.
        """
        ...

    def hand_over(self, message_id: int, *, at: datetime, today: date, gate: Gate | None = None) -> bool:
        """Claim a ready message; False where another has it, or something came between.

        It is cancelled then, but for a hold that was set meanwhile, and for the gate of test mode: with these it stays
        ready and waits.
        """
        ...

    def settle(
        self,
        message_id: int,
        *,
        state: MessageState,
        at: datetime,
        error: str | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Note how the hand-over ended; `ready` with `not_before` where it is tried again.

        A message that is no longer ready or handing over (an answer proved it sent) stays as it is. Only `sent` also
        moves an uncertain one: its sender lives, was taken for dead, and knows that the relay took the mail.
        """
        ...

    def waiting(self, *, now: datetime) -> Sequence[Waiting]:
        """Ready messages of open invitations by cause, those that were tried first, then the most.

        What the stop switch, a hold or test mode keeps back waits too.
        """
        ...

    def prove_sent(self, invitation_id: int, *, at: datetime) -> None:
        """An answer came: an uncertain message, or one whose hand-over has not been settled, did arrive."""
        ...

    def doubt_abandoned(self, *, at: datetime) -> int:
        """At start: messages left in `handing over` by a dead process become uncertain; how many.

        The caller holds the claim of the ask stage, so no living process is handing over.
        """
        ...
