"""Plan: find what came due and decide every candidate with reasons; `plan` shows it and `run plan` stores it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from connector.domain.ask_history import AskHistory
from connector.domain.occurrences import GONE_MILESTONE, Mark, Occurrence, OccurrenceState, advances, without_double
from connector.domain.plans import Inputs, PlanDecision, digest
from connector.domain.programs import Milestone, Mode, Policy, Program, Track
from connector.domain.selection import Candidate, Decision, VerdictKind, decide_all
from connector.domain.surveys import AskKind
from connector.ports.clock import Clock
from connector.ports.errors import UnknownPlan
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.wiring import Crm, joined_with
from connector.usecases.gating import Screen, live_since
from connector.usecases.plannable import Plannable, definition_of, plannable


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMark:
    """How far a milestone's definition is planned once this plan is run."""

    program: str
    milestone: str
    crm: str
    definition: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Everything that a plan would change, before anything is changed."""

    inputs: Inputs
    occurrences: Sequence[Occurrence]
    decisions: Sequence[Decision]
    marks: Sequence[NewMark]
    real_since: Mapping[str, date | None]
    live_since: Mapping[str, date | None]
    rows: Sequence[PlanDecision]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRefused:
    """Why a stored plan is not run: the decisions that differ from what would be decided now."""

    only_then: Sequence[PlanDecision]
    only_now: Sequence[PlanDecision]


def make_plan(*, storage: Storage, policy: Policy, crms: Sequence[Crm], clock: Clock) -> tuple[int, Planned]:
    """Compute a plan in one snapshot and store it as a plan only; decisions are not touched."""
    now = clock.now()
    with storage.snapshot() as unit:
        planned = compute_plan(unit, policy=policy, crms=crms, now=now)
    with storage.begin() as unit:
        plan_id = unit.plans.add(planned.inputs, planned.rows, digest=planned.digest, at=now)
        unit.commit()
    return plan_id, planned


def run_plan(
    *, storage: Storage, policy: Policy, crms: Sequence[Crm], clock: Clock, plan_id: int | None = None
) -> Planned | PlanRefused:
    """Compute a plan in one snapshot and store its decisions in one short commit. The caller holds the plan's claim.

    What changes in between is looked at again before an invitation is made and before a mail leaves.
    With `plan_id`, only if the decisions are those of the stored plan; else they come back as PlanRefused. Raises
    UnknownPlan where there is no such plan.
    """
    now = clock.now()
    with storage.snapshot() as unit:
        planned = compute_plan(unit, policy=policy, crms=crms, now=now)
        refused = _compare(unit, planned, plan_id) if plan_id is not None else None
    if refused is not None:
        return refused
    with storage.begin() as unit:
        _store(unit, planned, policy=policy, now=now)
        unit.commit()
    return planned


def compute_plan(
    unit: UnitOfWork, *, policy: Policy, crms: Sequence[Crm], now: datetime, near: Collection[int] | None = None
) -> Planned:
    """What would be decided now, of these joined accounts only where `near` names some; reads only."""
    today = policy.organisation.day_of(now)
    can = plannable(unit, crms, policy=policy, today=today)
    changed, marks = _advance_all(unit, can, policy=policy, crms=crms, now=now, today=today, near=near)
    waiting = {crm.name for crm in crms} - can.crms
    due = [
        each for each in _due(unit, changed, policy=policy, today=today, near=near) if each.anchor.crm not in waiting
    ]
    real_since = {program.id: _real_since(unit, program, policy, today) for program in policy.programs}
    lives = {program.id: live_since(unit, program, policy, today=today) for program in policy.programs}
    screen = Screen(unit=unit, policy=policy, live_since=lives)
    decisions = _decide(unit, policy=policy, due=due, real_since=real_since, screen=screen, today=today)
    rows = [PlanDecision.of(decision) for decision in decisions]
    inputs = Inputs(as_of=today, configuration=policy.digest, watermark=unit.plans.watermark())
    return Planned(
        inputs=inputs,
        occurrences=_touched(changed, due, decisions, now),
        decisions=decisions,
        marks=marks,
        real_since=real_since,
        live_since=lives,
        rows=rows,
        digest=digest(rows),
    )


def _advance_all(
    unit: UnitOfWork,
    can: Plannable,
    *,
    policy: Policy,
    crms: Sequence[Crm],
    now: datetime,
    today: date,
    near: Collection[int] | None,
) -> tuple[list[Occurrence], list[NewMark]]:
    changed: list[Occurrence] = []
    marks: list[NewMark] = []
    for crm in crms:
        for program in policy.programs:
            for milestone in program.milestones:
                if not can.includes(crm, milestone):
                    continue
                definition = definition_of(policy, program, milestone, joined_with(crm, crms))
                mark = unit.occurrences.mark(program.id, milestone.id, crm=crm.name, definition=definition)
                mark = mark or Mark(planned_through=today - timedelta(days=1), planned_at=now)
                changed.extend(_advance(unit, policy, program, milestone, crm=crm, mark=mark, today=today, near=near))
                reached = Mark(planned_through=max(today, mark.planned_through), planned_at=now)
                marks.append(
                    NewMark(
                        program=program.id, milestone=milestone.id, crm=crm.name, definition=definition, mark=reached
                    )
                )
    return changed, marks


def _advance(
    unit: UnitOfWork,
    policy: Policy,
    program: Program,
    milestone: Milestone,
    *,
    crm: Crm,
    mark: Mark,
    today: date,
    near: Collection[int] | None,
) -> Iterable[Occurrence]:
    sightings = unit.occurrences.sightings(policy, program, milestone, crm=crm.name, mark=mark, today=today, near=near)
    for sighting, last in sightings:
        yield from without_double(sighting)
        yield from advances(
            milestone,
            program=program.id,
            sighting=sighting,
            last=last,
            mark=mark,
            starts_on=program.starts_on,
            today=today,
        )


def _due(
    unit: UnitOfWork, changed: list[Occurrence], *, policy: Policy, today: date, near: Collection[int] | None
) -> list[Occurrence]:
    """What is due today; occurrences of milestones that are gone from the programs are cancelled on the way."""
    milestones = {(program.id, milestone.id) for program in policy.programs for milestone in program.milestones}
    moved = {occurrence.id for occurrence in changed}
    stored = [each for each in unit.occurrences.due(today=today, near=near) if each.id not in moved]
    due = [occurrence for occurrence in (*stored, *changed) if occurrence.is_due(today)]
    gone = [each for each in due if (each.program, each.milestone) not in milestones]
    changed.extend(replace(each, state=OccurrenceState.CANCELLED, reason=GONE_MILESTONE) for each in gone)
    return [each for each in due if (each.program, each.milestone) in milestones]


def _real_since(unit: UnitOfWork, program: Program, policy: Policy, today: date) -> date | None:
    """Since when a program's asks are real: leaving shadow opens only what falls due from that day (design 5.1)."""
    if policy.mode_of(program) is Mode.SHADOW:
        return None
    return unit.decisions.real_since(program.id) or today


def _decide(
    unit: UnitOfWork,
    *,
    policy: Policy,
    due: Sequence[Occurrence],
    real_since: Mapping[str, date | None],
    screen: Screen,
    today: date,
) -> list[Decision]:
    decisions: list[Decision] = []
    overdue = unit.actions.overdue(today=today)
    for track in Track:
        candidates: list[tuple[Candidate, Program]] = []
        for program in policy.programs:
            ours = [each for each in due if each.program == program.id]
            ours = [each for each in ours if _track(each, real_since[program.id]) is track]
            found = unit.decisions.candidates(program, ours, track=track)
            known = unit.explanations.known_since(found)
            seen = screen.screened(found, program=program, track=track)
            candidates.extend(
                (_with_days(_with_overdue(candidate, overdue), moments, policy), program)
                for candidate, moments in zip(seen, known, strict=True)
            )
        since = today - timedelta(days=_longest(policy))
        history = AskHistory.of(unit.decisions.past_asks(track=track, since=since, today=today))
        decisions += decide_all(
            candidates,
            track=track,
            history=history,
            spacing=policy.spacing,
            today=today,
            most_overdue=policy.actions.most_overdue,
        )
    return decisions


def _with_overdue(candidate: Candidate, overdue: Mapping[str, int]) -> Candidate:
    return replace(candidate, overdue=overdue.get(candidate.account_owner or "", 0))


def _with_days(candidate: Candidate, moments: Mapping[str, datetime], policy: Policy) -> Candidate:
    """The candidate with the organisation's days since when what blocks them has been known."""
    days = {rule: policy.organisation.day_of(moment) for rule, moment in moments.items()}
    return replace(candidate, known_on=days) if days else candidate


def _track(occurrence: Occurrence, real_since: date | None) -> Track:
    return Track.REAL if real_since is not None and occurrence.due_on >= real_since else Track.SHADOW


def _longest(policy: Policy) -> int:
    return max(policy.spacing.between(earlier, new=new) for earlier in AskKind for new in AskKind)


def _touched(
    changed: Sequence[Occurrence], due: Sequence[Occurrence], decisions: Sequence[Decision], now: datetime
) -> list[Occurrence]:
    """Occurrences to save: the changed ones, and the due ones that are drawn or asked now."""
    asked = {each.candidate.occurrence.key for each in decisions if each.verdict is VerdictKind.ASK}
    touched = {occurrence.key: occurrence for occurrence in changed}
    for occurrence in due:
        state = OccurrenceState.ASKED if occurrence.key in asked else occurrence.state
        final = replace(occurrence, state=state, drawn_at=occurrence.drawn_at or now)
        if final != occurrence:
            touched[occurrence.key] = final
    return list(touched.values())


def _compare(unit: UnitOfWork, planned: Planned, plan_id: int) -> PlanRefused | None:
    stored = unit.plans.get(plan_id)
    if stored is None:
        raise UnknownPlan(f"There is no plan {plan_id}: `closedloop plan` makes one and prints its number.")
    _, stored_digest, rows = stored
    if stored_digest == planned.digest:
        return None
    then, now = set(rows), set(planned.rows)
    return PlanRefused(
        only_then=[row for row in rows if row not in now], only_now=[row for row in planned.rows if row not in then]
    )


def _store(unit: UnitOfWork, planned: Planned, *, policy: Policy, now: datetime) -> None:
    saved = {occurrence.key: occurrence for occurrence in unit.occurrences.save(planned.occurrences, at=now)}
    decisions = [_with_occurrence(decision, saved) for decision in planned.decisions]
    unit.decisions.save(decisions, today=planned.inputs.as_of, at=now, configuration=policy.digest)
    for new in planned.marks:
        unit.occurrences.set_mark(new.program, new.milestone, crm=new.crm, definition=new.definition, mark=new.mark)
    for program, day in planned.real_since.items():
        live_on = planned.live_since[program]
        if (day, live_on) != (unit.decisions.real_since(program), unit.decisions.live_since(program)):
            unit.decisions.set_real_since(program, day, live_on=live_on)


def _with_occurrence(decision: Decision, saved: Mapping[str, Occurrence]) -> Decision:
    candidate = decision.candidate
    occurrence = saved.get(candidate.occurrence.key, candidate.occurrence)
    return replace(decision, candidate=replace(candidate, occurrence=occurrence))
