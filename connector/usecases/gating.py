"""Gating: whom test mode reaches, for the plan and for the last look before something leaves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from connector.domain.gates import Gate, unlisted
from connector.domain.occurrences import Occurrence
from connector.domain.programs import Mode, Policy, Program, Track
from connector.domain.selection import Candidate
from connector.ports.storage.unit import UnitOfWork


def is_testing(policy: Policy) -> bool:
    """Whether the test list counts: the house is in test mode, or one of its programs is."""
    return policy.mode is Mode.TEST or bool(policy.programs_in(Mode.TEST))


def open_gate(unit: UnitOfWork, policy: Policy, *, near: int | None = None) -> Gate:
    """What may leave now. `near` looks at the accounts of one account's group only."""
    accounts = tuple(unit.families.listed(policy.listed, near=near)) if is_testing(policy) else ()
    return Gate(open_programs=open_programs(unit, policy), accounts=accounts, recipients=policy.listed.recipients)


def open_programs(unit: UnitOfWork, policy: Policy) -> tuple[str, ...]:
    """The programs that reach everybody: live ones, and those that were live when they left a live house's settings.

    None in a house in shadow or test, whatever programs say or said.
    """
    if policy.mode is not Mode.LIVE:
        return ()
    known = {program.id for program in policy.programs}
    left = (program for program in unit.decisions.live_programs() if program not in known)
    return (*policy.programs_in(Mode.LIVE), *left)


def reaches(unit: UnitOfWork, policy: Policy, *, program: str, crm: str, account: str) -> bool:
    """Whether what a program does may be seen at an account, by its id in a CRM: the last look before it is made."""
    if program in open_programs(unit, policy):
        return True
    return is_testing(policy) and unit.families.is_listed(policy.listed, crm=crm, crm_id=account)


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
