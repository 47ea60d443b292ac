"""The end of a hand-over: a mail that left is noted as sent, whatever happens to the database meanwhile."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import pytest

from connector.domain.invitations import MessageState
from connector.ports.delivery import Envelope
from connector.ports.errors import DeliveryPostponed, DeliveryRefused, StorageError
from connector.ports.storage.unit import UnitOfWork
from connector.storage.engine import SqlStorage
from connector.testing.asking_world import ASKED, decide_to_ask, store_records
from connector.testing.fakes import FakeMailer
from connector.usecases.ask import SETTLE_ATTEMPTS, AskReport, ask
from tests.asking import NONCES, make_asking, rows_of, states_of


@pytest.fixture
def storage(storage: SqlStorage) -> SqlStorage:
    """A world with three people who are to be asked, on each database."""
    store_records(storage)
    decide_to_ask(storage)
    return storage


@dataclass(slots=True)
class Shaky:
    """A storage that refuses as many units as it is told to, and notes how long it was waited for."""

    storage: SqlStorage
    refusals: int = 0
    slept: list[float] = field(default_factory=list)

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        if self.refusals:
            self.refusals -= 1
            raise StorageError("The database refused: OperationalError: database is locked")
        return self.storage.begin()

    def snapshot(self) -> AbstractContextManager[UnitOfWork]:
        return self.storage.snapshot()


def test_a_database_that_fails_for_a_while_does_not_put_a_delivered_mail_in_doubt(storage: SqlStorage) -> None:
    shaky = Shaky(storage)

    def refuse(envelope: Envelope) -> None:
        shaky.refusals = SETTLE_ATTEMPTS - 1 if envelope.recipient == ASKED[0] else 0

    asking = make_asking(shaky, FakeMailer(on_send=refuse), sleep=shaky.slept.append)
    assert ask(asking) == AskReport(made=3, messages={MessageState.SENT: 3})
    assert (states_of(storage), shaky.slept) == (["sent"] * 3, [1, 2, 4, 8])


def test_a_database_that_goes_on_failing_ends_the_run_and_leaves_the_mail_in_doubt(storage: SqlStorage) -> None:
    shaky = Shaky(storage)

    def refuse(envelope: Envelope) -> None:
        shaky.refusals = 99

    asking = make_asking(shaky, FakeMailer(on_send=refuse), sleep=shaky.slept.append)
    with pytest.raises(StorageError, match="database is locked"):
        ask(asking)
    assert (99 - shaky.refusals, states_of(storage)) == (SETTLE_ATTEMPTS, ["handing over", "ready", "ready"])
    mailer = FakeMailer()
    assert ask(make_asking(storage, mailer)) == AskReport(doubted=1, messages={MessageState.SENT: 2})
    assert ASKED[0] not in [envelope.recipient for envelope in mailer.given]


def test_a_sender_that_was_taken_for_dead_says_that_its_mail_left(storage: SqlStorage) -> None:
    doubted = []

    def doubt(envelope: Envelope) -> None:
        with storage.begin() as unit:
            doubted.append(unit.messages.doubt_abandoned(at=make_asking(storage, FakeMailer()).clock.now()))
            unit.commit()

    assert ask(make_asking(storage, FakeMailer(on_send=doubt))).sent == 3
    messages = [(row.state, row.error, row.sent_at is None) for row in rows_of(storage, "message")]
    assert (doubted, messages) == ([1, 1, 1], [("sent", None, False)] * 3)


@pytest.mark.parametrize("failure", [DeliveryRefused("no"), DeliveryPostponed("later")])
def test_any_other_end_leaves_a_doubted_mail_in_doubt(
    storage: SqlStorage, failure: DeliveryRefused | DeliveryPostponed
) -> None:
    def doubt(envelope: Envelope) -> None:
        with storage.begin() as unit:
            unit.messages.doubt_abandoned(at=make_asking(storage, FakeMailer()).clock.now())
            unit.commit()

    ask(make_asking(storage, FakeMailer([failure] * 3, on_send=doubt)))
    assert states_of(storage) == ["uncertain"] * 3
    mailer = FakeMailer()
    ask(make_asking(storage, mailer, new_nonce=iter(NONCES[3:]).__next__))
    assert mailer.given == []
