"""Occurrences, candidates, decisions and plans."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from connector.domain.ask_history import PastAsk
from connector.domain.occurrences import Mark, Occurrence, Sighting
from connector.domain.plans import Inputs, PlanDecision
from connector.domain.programs import Milestone, Policy, Program, Track
from connector.domain.records import RecordKind
from connector.domain.selection import Candidate, Decision, Outcome, Reason


class OccurrenceStore(Protocol):
    """Milestones that came due, by program, milestone and CRM."""

    def loaded_crms(
        self, sources: Mapping[str, Mapping[str, str]], *, kinds: Mapping[str, Collection[RecordKind]]
    ) -> Sequence[str]:
        """Of the CRMs given with the sources of their facts: those whose given kinds are loaded, from those sources."""
        ...

    def mark(self, program: str, milestone: str, *, crm: str, definition: str) -> Mark | None:
        """How far this definition was planned, or None where it is new."""
        ...

    def set_mark(self, program: str, milestone: str, *, crm: str, definition: str, mark: Mark) -> None:
        """Remember how far a definition was planned, in place of what was there."""
        ...

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
    ) -> Sequence[tuple[Sighting, Occurrence | None]]:
        """Records whose moment may open, move, cancel or expire an occurrence, with their newest ordinal.

        A joined account is seen once, as its first record, with the facts that count; what any of its records has had
        is its own. `near` looks at these joined accounts only.
        """
        ...

    def due(self, *, today: date, near: Collection[int] | None = None) -> Sequence[Occurrence]:
        """Stored occurrences that are open or asked, due and not expired; `near` those at these joined accounts."""
        ...

    def save(self, occurrences: Sequence[Occurrence], *, at: datetime) -> Sequence[Occurrence]:
        """Insert or update; the same occurrences come back with their ids."""
        ...

    def count_candidates(self) -> int:
        """Who had to be decided, counted from occurrences and contacts alone and never from decisions.

        Persons with a live contact on the joined account (or the anchor's own contact) at the moment when the
        occurrence's candidates were drawn.
        """
        ...


class DecisionStore(Protocol):
    """Candidates and what was decided about them."""

    def real_since(self, program: str) -> date | None:
        """Since which day a program's decisions are real, or None while they are shadow's."""
        ...

    def live_since(self, program: str) -> date | None:
        """Since which day a program reaches everybody, or None while it is in shadow or test."""
        ...

    def live_programs(self) -> Sequence[str]:
        """The programs that were live when they were last planned, sorted; also those that left the settings."""
        ...

    def set_real_since(self, program: str, day: date | None, *, live_on: date | None = None) -> None:
        """Remember since when decisions are real and since when live; None when a program goes back to shadow."""
        ...

    def candidates(self, program: Program, occurrences: Sequence[Occurrence], *, track: Track) -> Sequence[Candidate]:
        """Who is undecided or not finally decided: the drawn ones, or newly drawn where nobody was yet."""
        ...

    def past_asks(self, *, track: Track, since: date, today: date) -> Sequence[PastAsk]:
        """Asks that count for the track from a day on; those whose mail never left, or never will, do not count."""
        ...

    def save(self, decisions: Sequence[Decision], *, today: date, at: datetime, configuration: str) -> int:
        """Store decisions of stored occurrences; how many changed.

        Adds a verdict row where verdict or rule changed, or the day of a wait that does not move every day anyway.
        """
        ...

    def unreached(self, decision_ids: Sequence[int]) -> Mapping[int, Reason]:
        """Those of the decisions that test mode kept back ever since they were drawn, each with its reason."""
        ...

    def outcomes(self, *, track: Track, today: date) -> Mapping[Outcome, int]:
        """Decisions of a track by outcome, as they stand on a day of the organisation's."""
        ...


class PlanStore(Protocol):
    """Dry runs and what they were made from."""

    def watermark(self) -> Mapping[str, str]:
        """How far each kind of each CRM was synced, as text."""
        ...

    def add(self, inputs: Inputs, rows: Sequence[PlanDecision], *, digest: str, at: datetime) -> int:
        """Store a plan; returns its id."""
        ...

    def get(self, plan_id: int) -> tuple[Inputs, str, Sequence[PlanDecision]] | None:
        """A plan's inputs, digest and rows."""
        ...
