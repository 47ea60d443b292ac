"""Turns the clock and lives the days between: scanners, the world's changes and people, in time order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from adapters.sandbox.clock import Clock, TurnedBack
from adapters.sandbox.duties import Step
from adapters.sandbox.faults import Faults
from adapters.sandbox.hubspot import rows
from adapters.sandbox.people import Errand, People
from adapters.sandbox.reps import Reps
from adapters.sandbox.salesforce.catalogue import find_object
from adapters.sandbox.salesforce.rows import update
from adapters.sandbox.scanners import Scanners
from adapters.sandbox.state import State
from adapters.sandbox.world import cases, contracts, hub_life, hub_tickets, life, rep_fields, story_life
from adapters.sandbox.world.population import Plan

_WORLDS = (life, hub_life, rep_fields, story_life, cases, contracts, hub_tickets)
_Moment = tuple[datetime, str, Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Turning:
    """One turn at a time; while people act, the clock stands at the instant they act at."""

    state: State
    _: KW_ONLY
    clock: Clock
    plan: Plan
    faults: Faults
    scanners: Scanners
    people: People
    reps: Reps
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, target: datetime) -> None:
        """Live until the target; raises TurnedBack for one in the past."""
        with self.lock:
            if target < self.clock.now():
                raise TurnedBack(f"the clock stands at {self.clock.now().isoformat()} and never goes back")
            self.commit_late()
            self._scan()
            tried: set[tuple[str, str]] = set()
            day = self.clock.now().date()
            while day <= target.astimezone(UTC).date() and not self.stop.is_set():
                self._live(day, target, tried)
                day += timedelta(days=1)
            if not self.stop.is_set():
                self.clock.set(target)

    def act(self, *, everything: bool) -> int:
        """Scan new mail and let people do now what is due, or everything they mean to do; returns how much."""
        with self.lock:
            self._scan()
            until = datetime.max.replace(tzinfo=UTC) if everything else self.clock.now()
            errands = self.people.due(until)
            for errand in errands:
                if not self.stop.is_set():
                    self.people.act(errand)
            return len(errands)

    def commit_late(self) -> int:
        """Make every change visible that was stamped but not committed; returns how many."""
        late, self.faults.late[:] = list(self.faults.late), []
        for one in late:
            if one.crm == "hubspot":
                rows.change(self.state, int(one.id), one.values, at=one.opened)
                continue
            obj = find_object(one.object)
            assert obj is not None, one  # noqa: S101 - checked when the fault was switched on
            update(self.state, obj, one.id, one.values, at=one.opened, by=self.plan.id("User", 1))
        return len(late)

    def _scan(self) -> None:
        for mail in self.scanners.run(self.stop.is_set):
            self.people.read(mail)

    def _live(self, day: date, target: datetime, tried: set[tuple[str, str]]) -> None:
        begin = self.clock.now()
        end = min(target, datetime.combine(day, time.max, tzinfo=UTC))
        moments: list[_Moment] = []
        opens, closes = life.open_hours(day)
        # Looking for what happens costs more than living it: not done for a part of the day in which nothing can.
        for world in _WORLDS if begin < closes and opens <= end else ():
            for event in world.events(self.state, self.plan, day):
                if begin < event.at <= end:
                    moments.append((event.at, event.id, self._happening(world.apply, event)))
        moments += [(max(step.at, begin), step.task, self._working(step)) for step in self.reps.due(end)]
        for errand in self.people.due(end):
            key = (errand.address, errand.feedback_id)
            if key not in tried:
                tried.add(key)
                moments.append((max(errand.due, begin), errand.address, self._doing(errand)))
        for at, _, do in sorted(moments, key=lambda moment: moment[:2]):
            if self.stop.is_set():
                return
            self.clock.set(max(at, self.clock.now()))
            do()

    def _happening(self, apply: Callable[[State, Plan, life.Event], None], event: life.Event) -> Callable[[], None]:
        def happen() -> None:
            with self.state.change():
                apply(self.state, self.plan, event)

        return happen

    def _working(self, step: Step) -> Callable[[], None]:
        return lambda: self.reps.act(step, at=self.clock.now())

    def _doing(self, errand: Errand) -> Callable[[], None]:
        return lambda: self.people.act(errand)
