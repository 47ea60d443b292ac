"""What a plan of now would decide about one person: the plan itself, computed over the accounts that they are near."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

from connector.domain.programs import Policy
from connector.domain.selection import Decision
from connector.ports.storage.explaining import DecisionSeen
from connector.ports.storage.unit import UnitOfWork
from connector.ports.wiring import Crm
from connector.usecases.check_ids import refused_ids
from connector.usecases.plan import compute_plan
from connector.usecases.unplanned import waits


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedNow:
    """What running a plan now would decide anew about a person; what is stored already and would stay is left out.

    `looked_at` are the milestones of CRMs that it looks at, as (program, milestone, CRM). `waits` names for each CRM of
    which nothing is planned as things stand the stage that has to run first. `refused` are the mistakes in the settings
    for which no plan is run at all: nothing is decided then.
    """

    decisions: Sequence[Decision]
    looked_at: Set[tuple[str, str, str]]
    waits: Mapping[str, str]
    refused: Sequence[str] = ()

    @property
    def milestones(self) -> Set[tuple[str, str]]:
        """The milestones of the decisions, as (program, milestone)."""
        occurrences = [each.candidate.occurrence for each in self.decisions]
        return {(occurrence.program, occurrence.milestone) for occurrence in occurrences}


def decide_now(
    unit: UnitOfWork,
    person_id: int,
    *,
    near: Collection[int],
    stored: Sequence[DecisionSeen],
    policy: Policy,
    texts: Mapping[str, str],
    crms: Sequence[Crm],
    now: datetime,
) -> DecidedNow:
    """Compute the plan of now for the joined accounts `near` the person; `stored` is what was decided so far.

    Everything else that counts, such as earlier asks and overdue actions, is looked at whole. Reads only.
    """
    refused = refused_ids(unit, policy, texts)
    if refused is not None:
        return DecidedNow(
            decisions=(), looked_at=frozenset(), waits={}, refused=[str(each) for each in refused.mistakes]
        )
    planned = compute_plan(unit, policy=policy, crms=crms, now=now, near=near)
    newest = {each.id: each.verdicts[0] for each in stored if each.verdicts}
    known = {number: (verdict.verdict, verdict.rule, verdict.until_on) for number, verdict in newest.items()}
    theirs = [each for each in planned.decisions if each.candidate.person_id == person_id]
    return DecidedNow(
        decisions=[each for each in theirs if known.get(each.candidate.decision_id or 0) != _verdict(each)],
        looked_at={(mark.program, mark.milestone, mark.crm) for mark in planned.marks},
        waits=waits(unit, policy=policy, crms=crms, today=planned.inputs.as_of),
    )


def _verdict(decision: Decision) -> tuple[str, str, date | None]:
    return decision.verdict, decision.rule, decision.until_on
