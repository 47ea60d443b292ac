"""Gating: whom test mode reaches, for the plan and for the last look before something leaves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from connector.domain.gates import Gate, unlisted
from connector.domain.programs import Mode, Policy, Program, Track
from connector.domain.selection import Candidate, Reason
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


def written_programs(unit: UnitOfWork, policy: Policy) -> frozenset[str] | None:
    """The programs whose answers are written to every record; None where the list counts for no program by itself.

    What a program in shadow heard was heard in an earlier mode, and stays on the records.
    """
    if policy.mode is not Mode.LIVE or not is_testing(policy):
        return None
    return frozenset((*open_programs(unit, policy), *policy.programs_in(Mode.SHADOW)))


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

    def screened(self, candidates: Sequence[Candidate], *, program: Program, track: Track) -> Sequence[Candidate]:
        """The candidates, each with the reason why test mode does not reach them, where it decides.

        In test mode that is today's list. In live mode it is the reason of then for who fell due before and was kept
        back all along: no backlog of the test opens, and who could be asked once can be asked again.
        """
        if track is not Track.REAL:
            return candidates
        since = self.live_since[program.id]
        if since is None:
            return [self._held_against_list(candidate) for candidate in candidates]
        before = [each.decision_id for each in candidates if each.occurrence.due_on < since]
        known = [decision_id for decision_id in before if decision_id is not None]
        kept_back = self.unit.decisions.unreached(known) if known else {}
        return [self._opened(each, since=since, kept_back=kept_back) for each in candidates]

    def _opened(self, candidate: Candidate, *, since: date, kept_back: Mapping[int, Reason]) -> Candidate:
        if candidate.decision_id is not None:
            return replace(candidate, unlisted=kept_back.get(candidate.decision_id))
        is_late = candidate.occurrence.due_on < since  # fell due while the program was in test, and no plan saw it
        return self._held_against_list(candidate) if is_late else candidate

    def _held_against_list(self, candidate: Candidate) -> Candidate:
        if self._accounts is None:
            self._accounts = frozenset(self.unit.families.listed(self.policy.listed))
        return replace(candidate, unlisted=unlisted(candidate, listed=self.policy.listed, accounts=self._accounts))
