"""Gating: whom test mode reaches, for the plan and for the last look before something leaves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from connector.domain.gates import Gate, unlisted
from connector.domain.occurrences import Occurrence
from connector.domain.programs import Mode, Policy, Program, Track
from connector.domain.selection import Candidate
from connector.ports.storage.unit import UnitOfWork


def open_gate(unit: UnitOfWork, policy: Policy, *, near: int | None = None) -> Gate | None:
    """What test mode lets through now; None where no program is in it. `near` looks at one account's group only."""
    programs = policy.programs_in(Mode.TEST)
    if not programs:
        return None
    accounts = tuple(unit.families.listed(policy.listed, near=near))
    return Gate(programs=programs, accounts=accounts, recipients=policy.listed.recipients)


def live_since(unit: UnitOfWork, program: Program, policy: Policy, *, today: date) -> date | None:
    """Since when a program reaches everybody: going live opens only what falls due from that day (design 5.1)."""
    if policy.mode_of(program) is not Mode.LIVE:
        return None
    return unit.decisions.live_since(program.id) or today


@dataclass(slots=True, kw_only=True)
class Screen:
    """Holds candidates against the test list, which is looked up once and only where somebody is held against it."""

    unit: UnitOfWork
    policy: Policy
    live_since: Mapping[str, date | None]
    _accounts: Collection[int] | None = field(default=None, init=False)

    def screened(self, candidate: Candidate, *, program: Program, track: Track) -> Candidate:
        """The candidate, with the reason why test mode does not reach them, where it decides."""
        if track is not Track.REAL or not self._decides(candidate.occurrence, program):
            return candidate
        if self._accounts is None:
            self._accounts = frozenset(self.unit.families.listed(self.policy.listed))
        return replace(candidate, unlisted=unlisted(candidate, listed=self.policy.listed, accounts=self._accounts))

    def _decides(self, occurrence: Occurrence, program: Program) -> bool:
        """Whether the program is in test mode, or was when the occurrence fell due: no backlog opens with live."""
        since = self.live_since[program.id]
        return since is None or occurrence.due_on < since
