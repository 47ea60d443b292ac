"""When a job is due: the slots of its schedules, how many were missed, and how long a failed fire waits. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)


class FireState(StrEnum):
    """How far a fire has come."""

    DUE = "due"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    MADE_UP = "made up"


class Cause(StrEnum):
    """What made a fire: a slot of an interval, a day, or work that was announced."""

    INTERVAL = "interval"
    DAILY = "daily"
    WAKE = "wake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One time at which a job is due: its key is the same in every process, `due_at` is business time in UTC."""

    key: str
    due_at: datetime


class Schedule(Protocol):
    """The slots of a job; every moment of business time lies in exactly one."""

    @property
    def cause(self) -> Cause: ...

    def slot(self, now: datetime) -> Slot:
        """The slot in which a moment lies; it began then or before."""
        ...

    def next_after(self, now: datetime) -> datetime:
        """When the slot after that of a moment begins."""
        ...

    def missed(self, last: datetime, *, now: datetime) -> int:
        """How many whole slots lie between those of two moments."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """Slots of so many seconds, counted in UTC from 1970, so that no change of a local clock moves them."""

    seconds: int

    @property
    def cause(self) -> Cause:
        """An interval."""
        return Cause.INTERVAL

    def slot(self, now: datetime) -> Slot:
        """The slot in which a moment lies; its key is the start of the slot in UTC."""
        start = _EPOCH + self._number(now) * timedelta(seconds=self.seconds)
        return Slot(key=start.isoformat(), due_at=start)

    def next_after(self, now: datetime) -> datetime:
        """When the slot after that of a moment begins."""
        return _EPOCH + (self._number(now) + 1) * timedelta(seconds=self.seconds)

    def missed(self, last: datetime, *, now: datetime) -> int:
        """How many whole slots lie between those of two moments."""
        return max(0, self._number(now) - self._number(last) - 1)

    def _number(self, now: datetime) -> int:
        return (now - _EPOCH) // timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Daily:
    """One slot for each date in a time zone; a day of 23 or 25 hours, or one without a midnight, is one slot too."""

    zone: str

    @property
    def cause(self) -> Cause:
        """A day."""
        return Cause.DAILY

    def slot(self, now: datetime) -> Slot:
        """The local date of a moment; due at the first moment of that date."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        # The earlier of two midnights; one that a clock skips stands for the moment of the skip.
        midnight = datetime.combine(today, time(), tzinfo=ZoneInfo(self.zone))
        return Slot(key=today.isoformat(), due_at=midnight.astimezone(UTC))

    def next_after(self, now: datetime) -> datetime:
        """The first moment of the next local date."""
        # No local date lasts longer than 25 hours, and 30 hours after its start the next one has not ended.
        return self.slot(self.slot(now).due_at + timedelta(hours=30)).due_at

    def missed(self, last: datetime, *, now: datetime) -> int:
        """How many whole dates lie between those of two moments."""
        days = now.astimezone(ZoneInfo(self.zone)).date() - last.astimezone(ZoneInfo(self.zone)).date()
        return max(0, days.days - 1)


def next_due(schedules: Sequence[Schedule], *, last: datetime | None, waits_until: datetime | None) -> datetime | None:
    """The first of what waits and of the slots that come; a slot that nobody opened yet has been due since it began.

    `last` is the due time of the newest slot that was opened. Without one, or without schedules, nobody serves the job:
    then nothing is due (None), and work that was announced for it waits in the ledger for somebody who does.
    """
    if last is None or not schedules:
        return None
    slots = [schedule.next_after(last) for schedule in schedules]
    return min(filter(None, (*slots, waits_until)))


def wait_after(attempts: int) -> timedelta:
    """How long, on real time, a fire that failed so many times waits: 1, 2, 4 ... minutes, an hour at most.

    The job's next slot comes as always and makes the waiting fire up, so no wait is longer than until then.
    """
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts - 1, 10)))
