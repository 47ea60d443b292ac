"""What the ask stage works with in tests: the invented house of `connector.testing.asking_world`."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from connector.delivery.mail import InvitationMail
from connector.ports.delivery import Mailer
from connector.ports.storage.unit import Storage
from connector.storage.engine import SqlStorage
from connector.testing.asking_world import KEYRING, POLICY
from connector.testing.fakes import FakeClock
from connector.usecases.ask import Asking

NONCES = [bytes([number]) * 16 for number in range(1, 200)]
URL = "https://feedback.kea.example"


def make_writer() -> InvitationMail:
    """Writes the house's mails."""
    return InvitationMail(
        organisation=POLICY.organisation,
        sender="feedback@kea.example",
        shown_name="Kea Instruments",
        public_url=URL,
        keyring=KEYRING,
    )


def make_asking(storage: Storage, mailer: Mailer, *, clock: FakeClock | None = None, **changed: Any) -> Asking:
    """Everything that `ask` needs, with nonces in a known order."""
    asking = Asking(
        storage=storage,
        mailer=mailer,
        writer=make_writer(),
        policy=POLICY,
        keyring=KEYRING,
        clock=clock or FakeClock(),
        new_nonce=iter(NONCES).__next__,
    )
    return replace(asking, **changed)


def rows_of(storage: SqlStorage, table: str) -> list[Any]:
    """A table in the order of its ids."""
    columns = SQLModel.metadata.tables[table]
    with storage.engine.connect() as connection:
        return list(connection.execute(select(columns).order_by(columns.c.id)))


def states_of(storage: SqlStorage) -> list[str]:
    """The states of all messages."""
    return [row.state for row in rows_of(storage, "message")]
