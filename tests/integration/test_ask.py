"""Asking with every fault there is: each mail is handed over at most once, and nobody is lost."""

import email
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.invitations import InvitationState, MessageState
from connector.domain.links import Keyring, LinkPurpose, token_hash
from connector.domain.programs import Mode
from connector.ports.delivery import Envelope
from connector.ports.errors import (
    DeliveryError,
    DeliveryPostponed,
    DeliveryRefused,
    DeliveryUncertain,
    RelayUnavailable,
)
from connector.storage.engine import SqlStorage
from connector.testing.asking_world import ASKED, POLICY, PROGRAM, SURVEY, decide_to_ask, link, store_records
from connector.testing.fakes import FakeClock, FakeMailer
from connector.usecases.ask import ATTEMPTS, AskReport, ask
from tests.asking import NONCES, URL, make_asking, rows_of, states_of


@pytest.fixture
def storage(storage: SqlStorage) -> SqlStorage:
    """A world with three people who are to be asked, on each database."""
    store_records(storage)
    decide_to_ask(storage)
    return storage


def _to(envelopes: Iterable[Envelope]) -> list[str]:
    return [envelope.recipient for envelope in envelopes]


def test_everybody_decided_is_invited_and_mailed_once(storage: SqlStorage) -> None:
    mailer = FakeMailer()
    asking = make_asking(storage, mailer)
    assert ask(asking) == AskReport(made=3, messages={MessageState.SENT: 3})
    assert ask(asking) == AskReport()
    assert _to(mailer.given) == list(ASKED)
    assert states_of(storage) == ["sent"] * 3


def test_the_links_in_the_mail_open_the_invitation(storage: SqlStorage) -> None:
    mailer = FakeMailer()
    ask(make_asking(storage, mailer))
    message = email.message_from_bytes(mailer.given[0].content, policy=default)
    assert f"{URL}/a/{link(NONCES[0])}\r\n" in message.get_body(("plain",)).get_content()
    assert message["List-Unsubscribe"] == f"<{URL}/u/{link(NONCES[0], purpose=LinkPurpose.UNSUBSCRIBE)}>"
    with storage.snapshot() as unit:
        found = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(link(NONCES[0])))
        assert found is not None
        assert unit.responses.survey(found.survey_version) == SURVEY
    assert found.closes_at == FakeClock().now() + timedelta(days=PROGRAM.closes_days)


def test_in_shadow_nothing_is_made_or_sent(storage: SqlStorage) -> None:
    mailer = FakeMailer()
    report = ask(make_asking(storage, mailer, policy=replace(POLICY, mode=Mode.SHADOW)))
    assert report == AskReport(refusal="mode is shadow: nothing is made or sent")
    assert (rows_of(storage, "invitation"), rows_of(storage, "message"), mailer.given) == ([], [], [])


def test_a_program_in_shadow_or_no_longer_there_neither_makes_nor_sends(storage: SqlStorage) -> None:
    waiting = FakeMailer([RelayUnavailable()])
    ask(make_asking(storage, waiting))
    mailer, clock = FakeMailer(), FakeClock()
    clock.turn(timedelta(hours=1))
    for programs in ((replace(PROGRAM, mode=Mode.SHADOW),), ()):
        assert ask(make_asking(storage, mailer, clock=clock, policy=replace(POLICY, programs=programs))) == AskReport()
    assert mailer.given == []
    assert ask(make_asking(storage, mailer, clock=clock)).sent == 3


def test_the_stop_switch_ends_a_run_before_the_next_mail(storage: SqlStorage) -> None:
    def stop(envelope: Envelope) -> None:
        with storage.begin() as unit:
            unit.switches.stop(at=FakeClock().now(), reason=None)
            unit.commit()

    stopping, mailer = FakeMailer(on_send=stop), FakeMailer()
    assert ask(make_asking(storage, stopping)) == AskReport(
        halted="stopped: mail waits until it is resumed", made=3, messages={MessageState.SENT: 1}
    )
    asking = make_asking(storage, mailer)
    assert ask(asking).sent == 0
    with storage.begin() as unit:
        unit.switches.resume()
        unit.commit()
    assert ask(asking).sent == 2
    assert _to(stopping.given + mailer.given) == list(ASKED)


def test_a_refused_mail_fails_and_is_not_tried_again(storage: SqlStorage) -> None:
    mailer = FakeMailer([DeliveryRefused("The relay said 550 5.1.1 to RCPT.")])
    asking = make_asking(storage, mailer)
    assert ask(asking).messages == {MessageState.FAILED: 1, MessageState.SENT: 2}
    assert ask(asking).messages == {}
    assert (states_of(storage), rows_of(storage, "message")[0].error) == (
        ["failed", "sent", "sent"],
        "The relay said 550 5.1.1 to RCPT.",
    )


def test_an_uncertain_mail_is_never_sent_again(storage: SqlStorage) -> None:
    mailer, clock = FakeMailer([DeliveryUncertain("lost")]), FakeClock()
    asking = make_asking(storage, mailer, clock=clock)
    assert ask(asking).messages == {MessageState.UNCERTAIN: 1, MessageState.SENT: 2}
    clock.turn(timedelta(days=2))
    assert ask(asking).messages == {}
    assert Counter(_to(mailer.given)) == Counter(ASKED)


def test_a_postponed_mail_is_tried_again_with_longer_waits_and_then_fails(storage: SqlStorage) -> None:
    mailer, clock = FakeMailer([DeliveryPostponed("later")] * 99), FakeClock()
    asking = make_asking(storage, mailer, clock=clock)
    tries = []
    for quarter in range(4 * 48):
        if ask(asking).messages:
            tries.append(quarter / 4)
        clock.turn(timedelta(minutes=15))
    assert tries == [0, 0.25, 1.25, 5.25, 9.25, 13.25, 17.25, 21.25]
    assert (states_of(storage), {row.attempts for row in rows_of(storage, "message")}) == (["failed"] * 3, {ATTEMPTS})


def test_a_relay_that_is_away_ends_the_run_and_costs_one_attempt(storage: SqlStorage) -> None:
    mailer, clock = FakeMailer([RelayUnavailable("away")]), FakeClock()
    asking = make_asking(storage, mailer, clock=clock)
    assert ask(asking) == AskReport(halted="away", made=3, messages={MessageState.READY: 1})
    assert [row.attempts for row in rows_of(storage, "message")] == [1, 0, 0]
    assert ask(asking).sent == 2
    clock.turn(timedelta(minutes=15))
    assert ask(asking).sent == 1


def test_a_process_that_dies_in_the_middle_leaves_a_doubt_and_no_second_mail(storage: SqlStorage) -> None:
    def die(envelope: Envelope) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(make_asking(storage, FakeMailer(on_send=die)))
    assert states_of(storage) == ["handing over", "ready", "ready"]
    mailer = FakeMailer()
    assert ask(make_asking(storage, mailer)) == AskReport(doubted=1, messages={MessageState.SENT: 2})
    assert _to(mailer.given) == list(ASKED[1:])
    assert states_of(storage) == ["uncertain", "sent", "sent"]


def test_the_hand_over_is_committed_before_the_mail_leaves(storage: SqlStorage) -> None:
    seen = []
    ask(make_asking(storage, FakeMailer(on_send=lambda envelope: seen.append(states_of(storage)))))
    assert seen == [
        ["handing over", "ready", "ready"],
        ["sent", "handing over", "ready"],
        ["sent", "sent", "handing over"],
    ]


def test_somebody_who_opts_out_during_the_run_gets_no_mail(storage: SqlStorage) -> None:
    ben = next(row.person_id for row in rows_of(storage, "contact") if row.address == ASKED[1])

    def opt_out(envelope: Envelope) -> None:
        with storage.begin() as unit:
            unit.opt_outs.add(person_id=ben, address=None, at=FakeClock().now(), source="unsubscribe-page")
            unit.commit()

    mailer = FakeMailer(on_send=opt_out)
    assert ask(make_asking(storage, mailer)).messages == {MessageState.SENT: 2, MessageState.CANCELLED: 1}
    assert _to(mailer.given) == [ASKED[0], ASKED[2]]
    assert states_of(storage) == ["sent", "cancelled", "sent"]


def test_what_could_not_leave_before_its_closing_day_is_cancelled(storage: SqlStorage) -> None:
    clock = FakeClock()
    ask(make_asking(storage, FakeMailer([RelayUnavailable()]), clock=clock))
    clock.turn(timedelta(days=PROGRAM.closes_days))
    mailer = FakeMailer()
    assert ask(make_asking(storage, mailer, clock=clock)) == AskReport(closed=3)
    assert (mailer.given, states_of(storage)) == ([], ["cancelled"] * 3)
    assert {row.state for row in rows_of(storage, "invitation")} == {InvitationState.CLOSED}


def test_a_mail_whose_key_is_gone_fails_without_an_attempt(storage: SqlStorage) -> None:
    ask(make_asking(storage, FakeMailer([RelayUnavailable()])))
    clock = FakeClock()
    clock.turn(timedelta(hours=1))
    other = Keyring.of((b"quite another key of thirty-two b.",))
    mailer = FakeMailer()
    asking = make_asking(storage, mailer, clock=clock, keyring=other)
    report = ask(replace(asking, writer=replace(asking.writer, keyring=other)))
    assert (report.messages, mailer.given) == ({MessageState.FAILED: 3}, [])
    assert [row.attempts for row in rows_of(storage, "message")] == [1, 0, 0]


def test_more_people_than_a_batch_are_all_asked_once(sqlite_storage: Callable[[], SqlStorage]) -> None:
    storage = sqlite_storage()
    people = [(f"c{n}", f"Person {n}", f"p{n}@tui.example", "a1", False) for n in range(230)]
    store_records(storage, contacts=people)
    decide_to_ask(storage)
    mailer = FakeMailer([DeliveryPostponed("later")] * 150)
    report = ask(make_asking(storage, mailer, new_nonce=iter([n.to_bytes(16) for n in range(999)]).__next__))
    assert (report.made, report.messages) == (230, {MessageState.READY: 150, MessageState.SENT: 80})
    assert Counter(_to(mailer.given)) == Counter(address for _, _, address, _, _ in people)
    storage.close()


class _Crash(BaseException):
    """The process dies."""


FAULTS = st.lists(
    st.sampled_from([None, DeliveryRefused(), DeliveryPostponed(), RelayUnavailable(), DeliveryUncertain(), _Crash()]),
    max_size=12,
)


@settings(max_examples=25)
@given(faults=FAULTS)
def test_whatever_happens_no_mail_may_arrive_twice_and_every_message_ends(
    sqlite_storage: Callable[[], SqlStorage], faults: list[DeliveryError | _Crash | None]
) -> None:
    storage, clock, may_have_left = sqlite_storage(), FakeClock(), Counter[str]()
    store_records(storage)
    decide_to_ask(storage)

    class FaultyMailer:
        def send(self, envelope: Envelope) -> str:
            fault = faults.pop(0) if faults else None
            if fault is None or isinstance(fault, DeliveryUncertain | _Crash):
                may_have_left[envelope.recipient] += 1
            if fault is not None:
                raise fault
            return "250 ok"

    faults = list(faults)
    made = 0
    for _ in range(40):
        try:
            made += ask(make_asking(storage, FaultyMailer(), clock=clock, new_nonce=iter(NONCES[made:]).__next__)).made
        except _Crash:
            made = len(rows_of(storage, "invitation"))
        clock.turn(timedelta(hours=4))
    assert max(may_have_left.values(), default=0) <= 1
    assert set(states_of(storage)) <= {"sent", "failed", "uncertain"}
    assert len(states_of(storage)) == len(ASKED)
    storage.close()
