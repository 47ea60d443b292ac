"""Invitations and the outbox of their messages, in SQL."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from connector.domain.gates import Gate
from connector.domain.invitations import Invitation, InvitationState, MessageState, Purpose
from connector.domain.links import LinkPurpose
from connector.domain.programs import Track
from connector.domain.selection import VerdictKind
from connector.ports.storage.asking import Decided, Message, NewInvitation, Waiting
from connector.storage import tables
from connector.storage.asking_rows import decided_of, invitation_columns, invitation_of, message_of
from connector.storage.came_between import came_between, can_be_invited
from connector.storage.counterparts import counterpart_name
from connector.storage.gating import may_be_mailed
from connector.storage.refusal import living_person
from connector.storage.rep_words import is_held, is_held_at_home
from connector.storage.tables.rows import insert_one, table_of

_INVITATION: Table = table_of(tables.asking.InvitationRow)
_MESSAGE: Table = table_of(tables.asking.MessageRow)
_DECISION: Table = table_of(tables.listening.DecisionRow)
_OCCURRENCE: Table = table_of(tables.listening.OccurrenceRow)
_CONTACT: Table = table_of(tables.records.ContactRow)
_ACCOUNT: Table = table_of(tables.records.AccountRow)

_UNSETTLED = (MessageState.READY, MessageState.HANDING_OVER)
_SENDABLE = (*_UNSETTLED, MessageState.UNCERTAIN)
_LINK_COLUMNS = {LinkPurpose.ANSWER: "answer_hash", LinkPurpose.UNSUBSCRIBE: "unsubscribe_hash"}


class SqlInvitations:
    """Invitations, found by their decision or by the hash of a link's token."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def undone(
        self, *, programs: Sequence[str], today: date, limit: int, gate: Gate | None = None
    ) -> Sequence[Decided]:
        """Decisions to ask that have no invitation yet, as the port promises; oldest first."""
        query = (
            select(_DECISION, _OCCURRENCE, _CONTACT.c.address, _CONTACT.c.language, _DECISION.c.id.label("decision_id"))
            .select_from(_DECISION.join(_OCCURRENCE, _OCCURRENCE.c.id == _DECISION.c.occurrence_id))
            .join(_CONTACT, _CONTACT.c.id == _DECISION.c.contact_id)
            .where(
                _DECISION.c.track == Track.REAL,
                _DECISION.c.verdict == VerdictKind.ASK,
                _OCCURRENCE.c.program.in_(programs),
                ~exists().where(_INVITATION.c.decision_id == _DECISION.c.id),
                can_be_invited(today),
                not_(is_held(living_person(_DECISION.c.person_id), _DECISION.c.account_id, today=today)),
                not_(is_held_at_home(_CONTACT, today=today)),
                _may_be_mailed(gate, _OCCURRENCE.c.program, _DECISION.c.account_id, _CONTACT.c.address),
            )
            .order_by(_DECISION.c.decided_at, _DECISION.c.id)
            .limit(limit)
        )
        return [decided_of(row) for row in self._connection.execute(query)]

    def add(self, new: NewInvitation) -> int:
        """Store an invitation together with its ready `ask` message; returns its id."""
        invitation_id = insert_one(self._connection, _INVITATION, invitation_columns(new))
        message = {
            "invitation_id": invitation_id,
            "purpose": Purpose.ASK,
            "state": MessageState.READY,
            "attempts": 0,
            "not_before": new.created_at,
            "created_at": new.created_at,
        }
        self._connection.execute(insert(_MESSAGE), message)
        return invitation_id

    def by_link(self, purpose: LinkPurpose, token_hash: str) -> Invitation | None:
        """The invitation whose link of this purpose has this token hash."""
        query = _invitations().where(_INVITATION.c[_LINK_COLUMNS[purpose]] == token_hash)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else invitation_of(row)

    def set_state(self, invitation_id: int, *, expected: InvitationState, state: InvitationState) -> bool:
        """Move an invitation from the expected state; False where it was not in it any more."""
        moved = (
            update(_INVITATION)
            .where(_INVITATION.c.id == invitation_id, _INVITATION.c.state == expected)
            .values(state=state)
        )
        return self._connection.execute(moved).rowcount == 1

    def close_overdue(self, *, at: datetime) -> int:
        """Close open invitations whose time is over, how many; and cancel ready messages of any that is not open."""
        overdue = update(_INVITATION).where(_INVITATION.c.state == InvitationState.OPEN, _INVITATION.c.closes_at <= at)
        closed = self._connection.execute(overdue.values(state=InvitationState.CLOSED)).rowcount
        is_over = exists().where(
            _INVITATION.c.id == _MESSAGE.c.invitation_id, _INVITATION.c.state != InvitationState.OPEN
        )
        late = update(_MESSAGE).where(_MESSAGE.c.state == MessageState.READY, is_over)
        self._connection.execute(late.values(state=MessageState.CANCELLED, error="the invitation is no longer open"))
        return closed


class SqlMessages:
    """The outbox: marked `handing over` and committed before the mail leaves."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
        """Messages that are due, oldest first, of open invitations of these programs, see the port."""
        query = (
            _invitations()
            .add_columns(
                _MESSAGE.c.id.label("message_id"),
                _MESSAGE.c.purpose,
                _MESSAGE.c.state.label("message_state"),
                _MESSAGE.c.attempts,
                _CONTACT.c.crm,
            )
            .join(_MESSAGE, _MESSAGE.c.invitation_id == _INVITATION.c.id)
            .where(
                _MESSAGE.c.state == MessageState.READY,
                _MESSAGE.c.not_before <= now,
                _INVITATION.c.state == InvitationState.OPEN,
                _INVITATION.c.closes_at > now,
                _INVITATION.c.program.in_(programs),
                not_(_is_on_hold(today)),
                _passes(gate),
                _CONTACT.c.crm.not_in(held_back),
            )
            .order_by(_MESSAGE.c.created_at, _MESSAGE.c.id)
            .limit(limit)
        )
        return [message_of(row) for row in self._connection.execute(query)]

    def hand_over(self, message_id: int, *, at: datetime, today: date, gate: Gate | None = None) -> bool:
        """Claim a ready message; False where another worker has it or it waits, or it is cancelled by now."""
        is_ready = and_(_MESSAGE.c.id == message_id, _MESSAGE.c.state == MessageState.READY)
        between = self._connection.execute(
            select(came_between())
            .select_from(_MESSAGE.join(_INVITATION, _INVITATION.c.id == _MESSAGE.c.invitation_id))
            .join(_CONTACT, _CONTACT.c.id == _INVITATION.c.contact_id)
            .where(is_ready)
        ).scalar()
        if between is not None:
            cancel = update(_MESSAGE).where(is_ready).values(state=MessageState.CANCELLED, error=between)
            self._connection.execute(cancel)
            return False
        claim = update(_MESSAGE).where(is_ready, _of_open_invitation(today, gate))
        claimed = claim.values(state=MessageState.HANDING_OVER, handed_over_at=at, attempts=_MESSAGE.c.attempts + 1)
        return self._connection.execute(claimed).rowcount == 1

    def settle(
        self,
        message_id: int,
        *,
        state: MessageState,
        at: datetime,
        error: str | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Note how the hand-over ended; a message that is settled already stays as it is; see the port."""
        values: dict[str, Any] = {"state": state, "error": error}
        if state is MessageState.SENT:
            values["sent_at"] = at
        if not_before is not None:
            values["not_before"] = not_before
        open_states = _SENDABLE if state is MessageState.SENT else _UNSETTLED
        unsettled = update(_MESSAGE).where(_MESSAGE.c.id == message_id, _MESSAGE.c.state.in_(open_states))
        self._connection.execute(unsettled.values(values))

    def waiting(self, *, now: datetime) -> Sequence[Waiting]:
        """Ready messages of open invitations by cause, see the port."""
        number = func.count().label("mails")
        query = (
            select(_MESSAGE.c.error, number, func.min(_MESSAGE.c.created_at), func.min(_MESSAGE.c.not_before))
            .join(_INVITATION, _INVITATION.c.id == _MESSAGE.c.invitation_id)
            .where(_MESSAGE.c.state == MessageState.READY)
            .where(_INVITATION.c.state == InvitationState.OPEN, _INVITATION.c.closes_at > now)
            .group_by(_MESSAGE.c.error)
            .order_by(_MESSAGE.c.error.is_(None), number.desc(), _MESSAGE.c.error)
        )
        return [
            Waiting(cause=cause, mails=mails, since=since, next_at=next_at)
            for cause, mails, since, next_at in self._connection.execute(query)
        ]

    def prove_sent(self, invitation_id: int, *, at: datetime) -> None:
        """An answer came: an uncertain message, or one whose hand-over has not been settled, did arrive."""
        unproven = update(_MESSAGE).where(
            _MESSAGE.c.invitation_id == invitation_id,
            _MESSAGE.c.state.in_([MessageState.UNCERTAIN, MessageState.HANDING_OVER]),
        )
        self._connection.execute(unproven.values(state=MessageState.SENT, sent_at=at, error=None))

    def doubt_abandoned(self, *, at: datetime) -> int:
        """Messages left in `handing over` by a dead process become uncertain; how many."""
        left = update(_MESSAGE).where(_MESSAGE.c.state == MessageState.HANDING_OVER)
        doubt = f"its process ended between hand-over and reply; noticed at {at.isoformat(timespec='seconds')}"
        return self._connection.execute(left.values(state=MessageState.UNCERTAIN, error=doubt)).rowcount


def _of_open_invitation(today: date, gate: Gate | None) -> ColumnElement[bool]:
    is_its = and_(_INVITATION.c.id == _MESSAGE.c.invitation_id, _INVITATION.c.state == InvitationState.OPEN)
    is_its = and_(is_its, _CONTACT.c.id == _INVITATION.c.contact_id)
    return exists().where(is_its, not_(_is_on_hold(today)), _passes(gate)).correlate_except(_INVITATION, _CONTACT)


def _passes(gate: Gate | None) -> ColumnElement[bool]:
    """Whether test mode lets an invitation's mail through, over invitation and contact."""
    return _may_be_mailed(gate, _INVITATION.c.program, _INVITATION.c.account_id, _INVITATION.c.address)


def _may_be_mailed(gate: Gate | None, program: Any, account_id: Any, address: Any) -> ColumnElement[bool]:
    return may_be_mailed(gate, program=program, account_id=account_id, address=address, contact=_CONTACT)


def _is_on_hold(today: date) -> ColumnElement[bool]:
    """Whether an invitation's person or account is on hold today, or the contact where it stands by now."""
    is_on_hold = is_held(living_person(_INVITATION.c.person_id), _INVITATION.c.account_id, today=today)
    return or_(is_on_hold, is_held_at_home(_CONTACT, today=today))


def _invitations() -> Select[Any]:
    return (
        select(_INVITATION, _CONTACT.c.name.label("contact_name"), _ACCOUNT.c.name.label("account_name"))
        .add_columns(counterpart_name(_CONTACT).label("counterpart_name"))
        .join(_CONTACT, _CONTACT.c.id == _INVITATION.c.contact_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _INVITATION.c.account_id)
    )
