"""Ports as bootstrap would join them, around one little CRM or two."""

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

from connector.domain.links import Keyring
from connector.ports.errors import CrmUnavailable
from connector.ports.storage.unit import Storage
from connector.ports.wiring import Crm, Ports
from connector.testing.fakes import FakeClock, FakeMailer
from tests.builders import make_policy


def make_ports(storage: Storage, *crms: Crm, **changes: Any) -> Ports:
    """Everything that a job works with; business and real time stand still on clocks of their own."""
    ports = Ports(
        storage=storage,
        clock=FakeClock(),
        real_clock=FakeClock(),
        open_mailer=lambda: nullcontext(FakeMailer()),
        writer=None,  # type: ignore[arg-type]  # nobody is asked
        keyring=Keyring.of((b"k" * 32,)),
        policy=make_policy(),
        texts={"closedloop.yaml": "mode: live"},
        public_url="http://127.0.0.1:8080",
        listen=("127.0.0.1", 8080),
        crms=crms,
    )
    return replace(ports, **changes)


def dead(crm: Crm, *, name: str | None = None) -> Crm:
    """The connection as it is while its line is dead."""
    name = name or crm.name

    @contextmanager
    def refuse():
        raise CrmUnavailable(f"{name}: the line is dead", crm=name)
        yield

    return replace(crm, name=name, open=refuse)
