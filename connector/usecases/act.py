"""Act: look at the action rules for each response once, and open what the first that matches asks for."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connector.domain.actions import ActionRule, ActionState, Place, choose_place, first_match, wishes
from connector.domain.due import due_on
from connector.domain.heard import EarlierScore, heard_values
from connector.domain.owners import Assigned, choose_owner
from connector.domain.programs import Policy, Program
from connector.domain.records import Fact, FactValue
from connector.domain.surveys import Survey
from connector.domain.task_texts import Told, body, cause, subject
from connector.ports.clock import Clock
from connector.ports.storage.acting import Answered, Earlier, NewAction
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.wiring import Crm, home_of

BATCH = 100
"""Responses read at once; each is acted upon in a commit of its own."""
MARK_BYTES = 4
"""Randomness of a marker beside the action's id: enough for two databases that write to one CRM never to meet."""
GONE_ACCOUNT = "The account is in no CRM any more."
NOWHERE = Assigned(owner_id=None, reason="unassigned: the account is in no CRM any more")


def new_mark() -> str:
    """What makes a task's marker unique over databases, also over one that was restored."""
    return secrets.token_hex(MARK_BYTES)


@dataclass(slots=True, kw_only=True)
class ActReport:
    """What one run did, in responses: those that opened an action, and those that no rule matched."""

    opened: int = 0
    passed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """What the act stage works with."""

    storage: Storage
    policy: Policy
    crms: Sequence[Crm]
    clock: Clock
    new_mark: Callable[[], str] = new_mark


def act(acting: Acting) -> ActReport:
    """Open an action for every response that asks for one: with its task's intent and its marks, in one commit each.

    The caller holds the claim of the act stage. Decides and records in every mode; what a CRM sees of it is `tasks`'.
    """
    report = ActReport()
    while batch := _unacted(acting):
        for answered in batch:
            with acting.storage.begin() as unit:
                is_open = _act(acting, unit, answered)
                unit.commit()
            report.opened += is_open
            report.passed += not is_open
    return report


def pairs_of(crms: Sequence[Crm]) -> Mapping[str, str]:
    """Of which other connection each connection's `same_as` facts name records."""
    return {crm.name: crm.same_as.crm for crm in crms if crm.same_as is not None}


def _unacted(acting: Acting) -> Sequence[Answered]:
    facts = {program.id: _facts(program) for program in acting.policy.programs}
    with acting.storage.snapshot() as unit:
        return unit.actions.unacted(facts=facts, limit=BATCH)


def _facts(program: Program) -> Sequence[Fact]:
    return tuple(dict.fromkeys(fact for rule in program.act for fact in rule.when.facts()))


def _act(acting: Acting, unit: UnitOfWork, answered: Answered) -> bool:
    """Note that the response was looked at, and open the action that it asks for; whether there is one.

    It is dropped at once where there is no place for its task, as it would be if the account were gone a little later.
    """
    if not unit.actions.acted(answered.response_id, at=acting.clock.now()):
        return False
    program = next((each for each in acting.policy.programs if each.id == answered.program), None)
    if program is None or answered.account_id is None:
        return False
    survey = unit.responses.survey(answered.survey_version) or program.survey
    values = _values(unit, answered, survey=survey)
    rule = first_match(program.act, values=values)
    if rule is None:
        return False
    new = _action(acting, unit, answered, rule=rule, values=values, program=program, survey=survey)
    action_id = unit.actions.open(new, mark=acting.new_mark())
    if new.crm is None:
        unit.actions.close(action_id, state=ActionState.DROPPED, resolution=GONE_ACCOUNT, at=new.opened_at)
    return True


def _values(unit: UnitOfWork, answered: Answered, *, survey: Survey) -> dict[str, FactValue]:
    """What the rules can read: facts of contact and account, and what was answered."""
    heard = heard_values(
        survey, answers=answered.answers, score=answered.score, earlier=_earlier(unit, answered.earlier)
    )
    return {**answered.facts, **heard}


def _earlier(unit: UnitOfWork, earlier: Earlier | None) -> EarlierScore | None:
    survey = None if earlier is None else unit.responses.survey(earlier.survey_version)
    if earlier is None or survey is None:
        return None
    scale = survey.score_question
    return EarlierScore(score=earlier.score, low=scale.low, high=scale.high)


def _action(
    acting: Acting,
    unit: UnitOfWork,
    answered: Answered,
    *,
    rule: ActionRule,
    values: dict[str, FactValue],
    program: Program,
    survey: Survey,
) -> NewAction:
    """The action: where its task lives, who gets it, and what they read."""
    place = _place(acting, unit, answered)
    organisation, now = acting.policy.organisation, acting.clock.now()
    told = Told(
        contact=(place and place.contact_name) or answered.contact_name,
        account=(place and place.account_name) or answered.account_name,
        program=program.name,
        survey=survey.worded(us=organisation.name),
        answers=answered.answers,
        score=answered.score,
        answered_on=organisation.day_of(answered.answered_at),
    )
    why, due = cause(rule, values=values), due_on(organisation.day_of(now), rule.due)
    return NewAction(
        answered=answered,
        rule=rule.id,
        owned_by=rule.owner,
        crm=place.crm if place else None,
        owner=NOWHERE if place is None else _owner(acting, unit, place, rule=rule),
        subject=subject(rule, told=told),
        cause=why,
        due_on=due,
        task_body=body(told, cause=why, due_on=due),
        opened_at=now,
    )


def _place(acting: Acting, unit: UnitOfWork, answered: Answered) -> Place | None:
    assert answered.account_id is not None  # noqa: S101 - looked at before anything is opened
    pairs = pairs_of(acting.crms)
    places = unit.places.places(
        answered.account_id, person_id=answered.person_id, contact_id=answered.contact_id, pairs=pairs
    )
    names = {crm.name for crm in acting.crms}
    return choose_place([place for place in places if place.crm in names], home=home_of(acting.crms))


def _owner(acting: Acting, unit: UnitOfWork, place: Place, *, rule: ActionRule) -> Assigned:
    return choose_owner(
        wishes(place, owned_by=rule.owner),
        owners=unit.places.owners(place.crm),
        stand_in=acting.policy.actions.stand_in,
    )
