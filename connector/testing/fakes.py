"""Fakes for the ports at the edge: a clock that is turned by hand and a mailer that keeps what it is given."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from connector.ports.delivery import Envelope
from connector.ports.errors import DeliveryError


class FakeClock:
    """A Clock that stands still until it is turned."""

    def __init__(self, now: datetime = datetime(2026, 1, 5, 9, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        """The moment it was last turned to."""
        return self._now

    def turn(self, by: timedelta) -> None:
        """Move on."""
        self._now += by


class FakeMailer:
    """A Mailer that keeps every envelope that it was given; `failures` are raised one per mail, None lets it pass.

    `on_send` runs before each, so that a test can do something in the middle of a run.
    """

    def __init__(
        self,
        failures: Iterable[DeliveryError | None] = (),
        *,
        on_send: Callable[[Envelope], None] = lambda envelope: None,
    ) -> None:
        self.given: list[Envelope] = []
        self._failures = iter(failures)
        self._on_send = on_send

    def send(self, envelope: Envelope) -> str:
        """Keep the envelope, then pass or fail as it was told."""
        self.given.append(envelope)
        self._on_send(envelope)
        failure = next(self._failures, None)
        if failure is not None:
            raise failure
        return "250 kept"
