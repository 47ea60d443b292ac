"""Contract of the stores of invitations, messages, responses and opt-outs: subclass and give a `storage` fixture.

The fixture is an empty Storage with its schema.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connector.domain.invitations import Invitation, InvitationState, MessageState, Purpose
from connector.domain.links import LinkPurpose, token_hash
from connector.domain.programs import Track
from connector.domain.records import RecordKind
from connector.domain.surveys import Answer, Question, QuestionKind
from connector.ports.errors import StorageError
from connector.ports.storage.asking import Decided, Message
from connector.ports.storage.hearing import NewResponse
from connector.ports.storage.unit import Storage
from connector.testing.asking_world import (
    ASKED,
    CLOSES_AT,
    CONTACTS,
    MONDAY,
    PROGRAM,
    SURVEY,
    decide_to_ask,
    invite,
    link,
    store_records,
)

NONCES = [bytes([number]) * 16 for number in range(1, 10)]
LATER = MONDAY + timedelta(days=1)


class AskingContract:
    """What every store of invitations and messages promises."""

    @pytest.fixture
    def decided(self, storage: Storage) -> Sequence[Decided]:
        """The world's decisions to ask."""
        store_records(storage)
        decide_to_ask(storage)
        return _undone(storage)

    def test_only_people_with_an_address_are_to_be_invited_oldest_first(self, decided: Sequence[Decided]) -> None:
        assert tuple(each.address for each in decided) == ASKED

    def test_two_contacts_of_one_person_make_one_invitation(self, decided: Sequence[Decided]) -> None:
        assert len({each.person_id for each in decided}) == len(decided) == 3

    def test_shadow_decisions_are_never_to_be_invited(self, storage: Storage) -> None:
        store_records(storage)
        decide_to_ask(storage, track=Track.SHADOW)
        assert _undone(storage) == []

    def test_decisions_of_other_programs_wait(self, storage: Storage, decided: Sequence[Decided]) -> None:
        with storage.snapshot() as unit:
            assert unit.invitations.undone(programs=["other"], today=MONDAY.date(), limit=9) == []
            assert unit.invitations.undone(programs=[], today=MONDAY.date(), limit=9) == []

    def test_no_more_are_returned_than_asked_for(self, storage: Storage, decided: Sequence[Decided]) -> None:
        with storage.snapshot() as unit:
            assert unit.invitations.undone(programs=[PROGRAM.id], today=MONDAY.date(), limit=2) == decided[:2]

    def test_an_invited_decision_is_done(self, storage: Storage, decided: Sequence[Decided]) -> None:
        invite(storage, decided[1], nonce=NONCES[0])
        assert _undone(storage) == [decided[0], decided[2]]

    def test_a_decision_is_invited_once(self, storage: Storage, decided: Sequence[Decided]) -> None:
        invite(storage, decided[0], nonce=NONCES[0])
        with pytest.raises(StorageError):
            invite(storage, decided[0], nonce=NONCES[1])

    def test_an_opt_out_after_the_decision_holds_for_person_and_address(
        self, storage: Storage, decided: Sequence[Decided]
    ) -> None:
        with storage.begin() as unit:
            unit.opt_outs.add(person_id=decided[0].person_id, address=None, at=LATER, source="unsubscribe-page")
            unit.opt_outs.add(
                person_id=decided[0].person_id, address=decided[1].address, at=LATER, source="unsubscribe-page"
            )
            unit.commit()
        assert _undone(storage) == [decided[2]]

    def test_an_opt_out_in_the_crm_after_the_decision_holds(self, storage: Storage, decided: Sequence[Decided]) -> None:
        crm_id, name, address, account, _ = CONTACTS[1]
        store_records(storage, contacts=[(crm_id, name, address, account, True)], at=LATER)
        assert _undone(storage) == [decided[0], decided[2]]

    def test_an_invitation_is_found_by_each_of_its_links_and_by_nothing_else(
        self, storage: Storage, decided: Sequence[Decided]
    ) -> None:
        invitation_id = invite(storage, decided[0], nonce=NONCES[0])
        answer, leave = link(NONCES[0]), link(NONCES[0], purpose=LinkPurpose.UNSUBSCRIBE)
        with storage.snapshot() as unit:
            found = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(answer))
            assert found == unit.invitations.by_link(LinkPurpose.UNSUBSCRIBE, token_hash(leave))
            assert unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(leave)) is None
            assert unit.invitations.by_link(LinkPurpose.UNSUBSCRIBE, token_hash("")) is None
        assert found is not None
        assert (found.id, found.contact_name, found.account_name) == (invitation_id, "Anna Größe", "Tui & Söhne <GmbH>")
        assert (found.nonce, found.created_at, found.closes_at) == (NONCES[0], MONDAY, CLOSES_AT)
        assert found.state is InvitationState.OPEN

    def test_a_state_moves_from_the_expected_one_only(self, storage: Storage, decided: Sequence[Decided]) -> None:
        one = invite(storage, decided[0], nonce=NONCES[0])
        with storage.begin() as unit:
            moves = [
                unit.invitations.set_state(one, expected=InvitationState.OPEN, state=InvitationState.ANSWERED)
                for _ in range(2)
            ]
        assert moves == [True, False]

    def test_overdue_invitations_close_and_their_waiting_messages_are_cancelled(
        self, storage: Storage, decided: Sequence[Decided]
    ) -> None:
        invite(storage, decided[0], nonce=NONCES[0], closes_at=LATER)
        invite(storage, decided[1], nonce=NONCES[1])
        with storage.begin() as unit:
            assert [unit.invitations.close_overdue(at=LATER) for _ in range(2)] == [1, 0]
            unit.commit()
        assert _found(storage, NONCES[0]).state is InvitationState.CLOSED
        assert [message.invitation.address for message in _ready(storage)] == [decided[1].address]

    def test_a_new_invitation_has_a_ready_message(self, storage: Storage, decided: Sequence[Decided]) -> None:
        invite(storage, decided[0], nonce=NONCES[0])
        (message,) = _ready(storage)
        assert (message.purpose, message.state, message.attempts) == (Purpose.ASK, MessageState.READY, 0)
        assert message.invitation == _found(storage, NONCES[0])

    def test_messages_of_other_programs_wait(self, storage: Storage, decided: Sequence[Decided]) -> None:
        invite(storage, decided[0], nonce=NONCES[0])
        with storage.snapshot() as unit:
            assert unit.messages.ready(programs=["other"], now=MONDAY, today=MONDAY.date(), limit=9) == []

    def test_a_message_is_handed_over_once(self, storage: Storage, decided: Sequence[Decided]) -> None:
        message = _invited(storage, decided[0])
        with storage.begin() as unit:
            claims = [unit.messages.hand_over(message.id, at=MONDAY, today=MONDAY.date()) for _ in range(2)]
            unit.commit()
        assert claims == [True, False]
        assert _ready(storage) == []

    def test_a_claim_that_is_not_committed_is_none(self, storage: Storage, decided: Sequence[Decided]) -> None:
        message = _invited(storage, decided[0])
        with storage.begin() as unit:
            unit.messages.hand_over(message.id, at=MONDAY, today=MONDAY.date())
        assert _ready(storage) == [message]

    def test_a_message_to_somebody_who_opted_out_is_cancelled(
        self, storage: Storage, decided: Sequence[Decided]
    ) -> None:
        message = _invited(storage, decided[0])
        with storage.begin() as unit:
            unit.opt_outs.add(person_id=decided[0].person_id, address=None, at=LATER, source="unsubscribe-page")
            assert unit.messages.hand_over(message.id, at=LATER, today=LATER.date()) is False
            unit.commit()
        assert _ready(storage) == []

    def test_a_message_of_a_revoked_invitation_is_not_handed_over(
        self, storage: Storage, decided: Sequence[Decided]
    ) -> None:
        message = _invited(storage, decided[0])
        with storage.begin() as unit:
            unit.invitations.set_state(
                message.invitation.id, expected=InvitationState.OPEN, state=InvitationState.REVOKED
            )
            assert unit.messages.hand_over(message.id, at=LATER, today=LATER.date()) is False

    def test_a_postponed_message_is_ready_again_at_its_time(self, storage: Storage, decided: Sequence[Decided]) -> None:
        message = _handed_over(storage, decided[0])
        with storage.begin() as unit:
            unit.messages.settle(message.id, state=MessageState.READY, at=MONDAY, error="later", not_before=LATER)
            unit.commit()
        assert _ready(storage) == []
        assert _ready(storage, now=LATER) == [replace(message, attempts=1)]

    @pytest.mark.parametrize("state", [MessageState.SENT, MessageState.FAILED, MessageState.UNCERTAIN])
    def test_a_settled_message_never_comes_back(
        self, storage: Storage, decided: Sequence[Decided], state: MessageState
    ) -> None:
        message = _handed_over(storage, decided[0])
        with storage.begin() as unit:
            unit.messages.settle(message.id, state=state, at=MONDAY)
            unit.messages.settle(message.id, state=MessageState.READY, at=MONDAY, not_before=MONDAY)
            assert unit.messages.hand_over(message.id, at=LATER, today=LATER.date()) is False
            unit.commit()
        assert _ready(storage, now=LATER) == []

    def test_abandoned_messages_are_doubted_once_and_never_sent_again(
        self, storage: Storage, decided: Sequence[Decided]
    ) -> None:
        _handed_over(storage, decided[0])
        with storage.begin() as unit:
            assert [unit.messages.doubt_abandoned(at=LATER) for _ in range(2)] == [1, 0]
            unit.commit()
        assert _ready(storage, now=LATER) == []

    def test_an_answer_proves_an_abandoned_message_sent(self, storage: Storage, decided: Sequence[Decided]) -> None:
        message = _handed_over(storage, decided[0])
        with storage.begin() as unit:
            unit.messages.prove_sent(message.invitation.id, at=LATER)
            assert unit.messages.doubt_abandoned(at=LATER) == 0


class HearingContract:
    """What every store of responses and opt-outs promises."""

    @pytest.fixture
    def invitation(self, storage: Storage) -> Invitation:
        """Anna's invitation; she is two contacts of one account."""
        store_records(storage)
        decide_to_ask(storage)
        invite(storage, _undone(storage)[0], nonce=NONCES[0])
        return _found(storage, NONCES[0])

    def test_a_response_makes_each_live_contact_of_the_person_at_the_account_dirty(
        self, storage: Storage, invitation: Invitation
    ) -> None:
        with storage.begin() as unit:
            unit.responses.add(_response(invitation))
            unit.commit()
        with storage.snapshot() as unit:
            dirty = unit.write_backs.dirty("sf", RecordKind.CONTACT, now=LATER, limit=9)
        assert [record.crm_id for record in dirty] == ["c1", "c4"]

    def test_a_response_that_is_not_committed_leaves_nothing(self, storage: Storage, invitation: Invitation) -> None:
        with storage.begin() as unit:
            unit.responses.add(_response(invitation))
        with storage.snapshot() as unit:
            assert unit.write_backs.dirty("sf", RecordKind.CONTACT, now=LATER, limit=9) == []

    def test_a_survey_is_kept_as_it_was_first_used(self, storage: Storage) -> None:
        comment = Question(id="more", kind=QuestionKind.COMMENT, text="Größe? \"Ja\" & 'nein'\n", optional=True)
        survey = replace(SURVEY, questions=(*SURVEY.questions, comment), language="de")
        with storage.begin() as unit:
            unit.responses.keep_survey(survey, at=MONDAY)
            unit.responses.keep_survey(SURVEY, at=LATER)
            unit.commit()
        with storage.snapshot() as unit:
            assert unit.responses.survey(SURVEY.version) == survey
            assert unit.responses.survey("unknown") is None


def _undone(storage: Storage) -> Sequence[Decided]:
    with storage.snapshot() as unit:
        return list(unit.invitations.undone(programs=[PROGRAM.id], today=MONDAY.date(), limit=9))


def _ready(storage: Storage, *, now: datetime = MONDAY) -> Sequence[Message]:
    with storage.snapshot() as unit:
        return list(unit.messages.ready(programs=[PROGRAM.id], now=now, today=now.date(), limit=9))


def _found(storage: Storage, nonce: bytes) -> Invitation:
    with storage.snapshot() as unit:
        found = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(link(nonce)))
    assert found is not None
    return found


def _invited(storage: Storage, decided: Decided) -> Message:
    invite(storage, decided, nonce=NONCES[0])
    (message,) = _ready(storage)
    return message


def _handed_over(storage: Storage, decided: Decided) -> Message:
    message = _invited(storage, decided)
    with storage.begin() as unit:
        assert unit.messages.hand_over(message.id, at=MONDAY, today=MONDAY.date())
        unit.commit()
    return message


def _response(invitation: Invitation) -> NewResponse:
    answers = [Answer(question="relationship", number=7), Answer(question="since", choices=("better",))]
    return NewResponse(invitation=invitation, answers=answers, score=7, source="page", answered_at=LATER)
