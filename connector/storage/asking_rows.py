"""Invitations and messages: from what is decided to columns, and from rows to values."""

from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from connector.domain.invitations import Invitation, InvitationState, MessageState, Purpose
from connector.domain.surveys import AskKind
from connector.ports.storage.asking import Decided, Message, NewInvitation

_SAME_NAMES = (
    "id person_id contact_id account_id side program milestone ordinal survey survey_version language attribution "
    "address nonce key_id created_at closes_at contact_name account_name counterpart_name"
).split()


def invitation_columns(new: NewInvitation) -> dict[str, Any]:
    """The columns of an invitation that is made."""
    decided = new.decided
    return {
        "decision_id": decided.decision_id,
        "person_id": decided.person_id,
        "contact_id": decided.contact_id,
        "account_id": decided.account_id,
        "side": decided.side,
        "program": decided.program,
        "milestone": decided.milestone,
        "ordinal": decided.ordinal,
        "survey": new.survey,
        "survey_version": new.survey_version,
        "ask_kind": decided.kind,
        "language": new.language,
        "attribution": "attributed",
        "state": InvitationState.OPEN,
        "address": decided.address,
        "address_hash": sha256(decided.address.encode()).hexdigest(),
        "nonce": new.nonce,
        "key_id": new.key_id,
        "answer_hash": new.answer_hash,
        "unsubscribe_hash": new.unsubscribe_hash,
        "created_at": new.created_at,
        "closes_at": new.closes_at,
    }


def decided_of(row: Row[Any]) -> Decided:
    """The decision of a row."""
    return Decided(
        decision_id=row.decision_id,
        person_id=row.person_id,
        contact_id=row.contact_id,
        account_id=row.account_id,
        side=row.side,
        program=row.program,
        milestone=row.milestone,
        ordinal=row.ordinal,
        kind=AskKind(row.ask_kind),
        address=row.address,
        language=row.language,
    )


def invitation_of(row: Row[Any]) -> Invitation:
    """The invitation of a row, with the names of its contact and account."""
    same = {name: getattr(row, name) for name in _SAME_NAMES}
    return Invitation(**same, kind=AskKind(row.ask_kind), state=InvitationState(row.state))


def message_of(row: Row[Any]) -> Message:
    """The message of a row, with its invitation."""
    return Message(
        id=row.message_id,
        crm=row.crm,
        invitation=invitation_of(row),
        purpose=Purpose(row.purpose),
        state=MessageState(row.message_state),
        attempts=row.attempts,
    )
