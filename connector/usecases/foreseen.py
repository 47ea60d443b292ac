"""A unit of work as it will stand on later days, if nothing happens until then but what plans decide; never stored."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from connector.domain.ask_history import PastAsk
from connector.domain.occurrences import Mark, Occurrence, OccurrenceState, Sighting
from connector.domain.programs import Milestone, Policy, Program, Track
from connector.domain.records import RecordKind
from connector.domain.selection import Candidate, Decision, VerdictKind
from connector.ports.storage.acting import ActionStore
from connector.ports.storage.deriving import DerivedStore
from connector.ports.storage.listening import DecisionStore, OccurrenceStore
from connector.ports.storage.unit import UnitOfWork
from connector.usecases.plan import Planned

_Seen = Sequence[tuple[Sighting, Occurrence | None]]


class Foreseen:
    """Reads like the unit below it, with the plans of the days before laid over; a plan of a day calls it once.

    `today` is the day on which the unit below stands, `through` the last day that is looked at.
    """

    def __init__(self, unit: UnitOfWork, *, today: date, through: date) -> None:
        self._unit = unit
        self.occurrences = _Occurrences(unit.occurrences, through)
        self.decisions = _Decisions(unit.decisions, today)
        self.actions = _Actions(unit.actions, today)
        self.derived = _Derived(unit.derived)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)

    def take(self, planned: Planned) -> None:
        """What running this plan would change, for the days after it."""
        self.occurrences.take(planned)
        self.decisions.take(planned)


@dataclass(slots=True)
class _Occurrences:
    stored: OccurrenceStore
    through: date
    marks: dict[tuple[str, str, str, str], Mark] = field(default_factory=dict)
    seen: dict[tuple[str, str, str], _Seen] = field(default_factory=dict)
    changed: dict[str, Occurrence] = field(default_factory=dict)
    newest: dict[tuple[str, str, int], Occurrence] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stored, name)

    def mark(self, program: str, milestone: str, *, crm: str, definition: str) -> Mark | None:
        known = self.marks.get((program, milestone, crm, definition))
        return known or self.stored.mark(program, milestone, crm=crm, definition=definition)

    def sightings(
        self,
        policy: Policy,
        program: Program,
        milestone: Milestone,
        *,
        crm: str,
        mark: Mark,
        today: date,
        near: Collection[int] | None = None,
    ) -> _Seen:
        """All that any of the days needs, read at once: a plan passes over what is not due on its day."""
        key = program.id, milestone.id, crm
        if key not in self.seen:
            self.seen[key] = self.stored.sightings(
                policy, program, milestone, crm=crm, mark=mark, today=self.through, near=near
            )
        return [(sighting, self._last(key, sighting, last)) for sighting, last in self.seen[key]]

    def _last(self, key: tuple[str, str, str], sighting: Sighting, last: Occurrence | None) -> Occurrence | None:
        program, milestone, _ = key
        opened = self.newest.get((program, milestone, sighting.anchor.id))
        return opened or (self.changed.get(last.key, last) if last is not None else None)

    def due(self, *, today: date, near: Collection[int] | None = None) -> Sequence[Occurrence]:
        stored = {occurrence.key: occurrence for occurrence in self.stored.due(today=today, near=near)}
        return [each for each in (stored | self.changed).values() if each.is_due(today)]

    def take(self, planned: Planned) -> None:
        for new in planned.marks:
            self.marks[new.program, new.milestone, new.crm, new.definition] = new.mark
        for each in planned.occurrences:
            number = each.id if each.id is not None else -1 - len(self.changed)  # told apart, and never one in a table
            self.changed[each.key] = kept = replace(each, id=number)
            seat = each.program, each.milestone, each.anchor.id
            known = self.newest.get(seat)
            # A cancelled one may be another record's: it is found by its own key where it counts.
            if each.state is not OccurrenceState.CANCELLED and (known is None or known.ordinal <= each.ordinal):
                self.newest[seat] = kept


@dataclass(slots=True)
class _Decisions:
    stored: DecisionStore
    today: date
    real: dict[str, date | None] = field(default_factory=dict)
    live: dict[str, date | None] = field(default_factory=dict)
    drawn: dict[tuple[str, Track], Sequence[Candidate]] = field(default_factory=dict)
    asked: set[tuple[str, Track, int]] = field(default_factory=set)
    asks: list[tuple[Track, PastAsk]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stored, name)

    def real_since(self, program: str) -> date | None:
        return self.real[program] if program in self.real else self.stored.real_since(program)

    def live_since(self, program: str) -> date | None:
        return self.live[program] if program in self.live else self.stored.live_since(program)

    def candidates(self, program: Program, occurrences: Sequence[Occurrence], *, track: Track) -> Sequence[Candidate]:
        """Drawn once for each occurrence and track; who is asked meanwhile is left out from then on."""
        fresh = [each for each in occurrences if (each.key, track) not in self.drawn]
        self.drawn.update({(each.key, track): [] for each in fresh})
        for candidate in self.stored.candidates(program, fresh, track=track):
            key = candidate.occurrence.key, track
            self.drawn[key] = [*self.drawn[key], candidate]
        return [
            replace(candidate, occurrence=occurrence)
            for occurrence in occurrences
            for candidate in self.drawn[occurrence.key, track]
            if (occurrence.key, track, candidate.person_id) not in self.asked
        ]

    def past_asks(self, *, track: Track, since: date, today: date) -> Sequence[PastAsk]:
        """The stored asks as they stand now, whose mail leaves before the day that is planned, and the new ones."""
        stored = self.stored.past_asks(track=track, since=since, today=self.today)
        counted = [ask for of, ask in self.asks if track is Track.SHADOW or of is Track.REAL]
        return [*stored, *(ask for ask in counted if since <= ask.on <= today)]

    def take(self, planned: Planned) -> None:
        self.real |= planned.real_since
        self.live |= planned.live_since
        for decision in planned.decisions:
            if decision.verdict is VerdictKind.ASK:
                self._count(decision, planned.inputs.as_of)

    def _count(self, decision: Decision, day: date) -> None:
        candidate = decision.candidate
        self.asked.add((candidate.occurrence.key, decision.track, candidate.person_id))
        ask = PastAsk(person_id=candidate.person_id, address=candidate.address, kind=decision.kind, on=day)
        self.asks.append((decision.track, ask))


@dataclass(frozen=True, slots=True)
class _Actions:
    stored: ActionStore
    day: date

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stored, name)

    def overdue(self, *, today: date) -> Mapping[str, int]:
        """As it is now: that owners do no work for weeks is not to be expected."""
        del today
        return self.stored.overdue(today=self.day)


@dataclass(frozen=True, slots=True)
class _Derived:
    stored: DerivedStore

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stored, name)

    def outdated(self, crm: str, reads: Mapping[str, Set[RecordKind]], *, since: datetime) -> Set[str]:
        """None: facts stay as they are, as records do, and each day's plan waits until they are derived on it."""
        del crm, reads, since
        return frozenset()
