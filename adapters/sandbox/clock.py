"""The sandbox's own clock: it stands still until it is turned, and never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.sandbox.state import State


class TurnedBack(ValueError):
    """The clock was asked to go back."""


class Clock:
    """Simulated time in whole seconds, kept in the state so that a restart goes on where it was."""

    def __init__(self, state: State, *, start: datetime) -> None:
        self._state = state
        kept = state.meta("now")
        self._now = datetime.fromisoformat(kept) if kept else start.astimezone(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """The simulated instant, aware UTC."""
        return self._now

    def set(self, instant: datetime) -> None:
        """Move to this instant; raises TurnedBack for an earlier one."""
        target = instant.astimezone(UTC).replace(microsecond=0)
        if target < self._now:
            raise TurnedBack(f"the clock stands at {self._now.isoformat()} and never goes back")
        self._state.set_meta("now", target.isoformat())
        self._now = target


def stamp(instant: datetime) -> str:
    """The instant as Salesforce prints it: whole seconds, milliseconds always 000, no colon in the zone."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"


def from_stamp(text: str) -> datetime:
    """The instant of a printed stamp, aware UTC."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)


def whole_minute(instant: datetime) -> datetime:
    """The instant with its seconds cut."""
    return instant - timedelta(seconds=instant.second, microseconds=instant.microsecond)
