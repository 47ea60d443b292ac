"""What the act and tasks stages work with in tests: rules over the survey of the builders, and answers to it."""

from typing import Any

from sqlalchemy import insert, text
from sqlmodel import SQLModel

from connector.conditions.parsing import parse
from connector.domain.actions import ActionPolicy, ActionRule, OwnedBy
from connector.domain.due import Due
from connector.domain.heard import heard_words
from connector.domain.programs import Policy
from connector.domain.surveys import Survey
from connector.storage.unit import SqlUnit
from connector.usecases.act import Acting, ActReport, act
from connector.usecases.tasking import Tasking, TasksReport
from connector.usecases.tasks import tasks
from tests.builders import FACTS, make_policy, make_program, make_survey
from tests.worlds import Standing, World

RESPONSE, ANSWER = (SQLModel.metadata.tables[name] for name in ("response", "answer"))
_WHO = text("""
    SELECT c.person_id, c.id AS contact_id, a.id AS account_id
    FROM contact c JOIN account a ON a.crm = c.crm AND a.crm_id = c.account WHERE c.crm_id = :crm_id""")
STAND_IN = "desk@kea.example"


def make_rule(when: str = "answer.works <= 6", *, survey: Survey | None = None, **changes: Any) -> ActionRule:
    """A rule over the answers to the builders' survey."""
    words = FACTS | heard_words(survey or make_survey())
    rule = {
        "id": "low",
        "when": parse(when, facts=words),
        "do": "Call {contact} of {account} about the {score}",
        "owner": OwnedBy.CONTACT,
        "due": Due(2, is_business=True),
    }
    return ActionRule(**(rule | changes))


def acting_policy(*rules: ActionRule, **changes: Any) -> Policy:
    """A live policy whose program has these rules, or one for low answers."""
    program = make_program(act=rules or (make_rule(),), **changes.pop("program", {}))
    return make_policy(programs=(program,), actions=ActionPolicy(stand_in=STAND_IN), **changes)


def hear(world: World, crm_id: str, works: int, *, change: str | None = None, **values: Any) -> int:
    """A contact's answer to the program's survey, as hearing stores it; returns the response's id."""
    row: dict[str, Any] = {
        "side": "theirs",
        "program": "ongoing",
        "milestone": "renewal",
        "survey": "relationship",
        "survey_version": "v1",
        "ask_kind": "relationship",
        "language": "en",
        "source": "page",
        "asked_for": True,
        "attribution": "attributed",
        "score": works,
        "answered_at": world.now,
    }
    answers = [{"question": "works", "number": works, "text": None}]
    answers += [{"question": "change", "number": None, "text": change}] if change else []
    with world.storage.begin() as unit:
        assert isinstance(unit, SqlUnit)
        unit.responses.keep_survey(make_survey(), at=world.now)
        who = unit.connection.execute(_WHO, {"crm_id": crm_id}).mappings().one()
        response = insert(RESPONSE).values({**row, **who, **values}).returning(RESPONSE.c.id)
        response_id = unit.connection.execute(response).scalar_one()
        unit.connection.execute(insert(ANSWER), [{**answer, "response_id": response_id} for answer in answers])
        unit.commit()
    return int(response_id)


def run_act(world: World, *, policy: Policy | None = None, crms: Any = None) -> ActReport:
    """Run the act stage; marks are drawn in a known order."""
    marks = (f"{number:08x}" for number in range(1, 999))
    return act(
        Acting(
            storage=world.storage,
            policy=policy or acting_policy(),
            crms=crms or [world.crm],
            clock=Standing(world.now),
            new_mark=marks.__next__,
        )
    )


def run_tasks(world: World, *, policy: Policy | None = None, crm: Any = None, crms: Any = None) -> TasksReport:
    """Run the tasks stage for one CRM."""
    crm = crm or world.crm
    return tasks(
        Tasking(
            crm=crm,
            storage=world.storage,
            policy=policy or acting_policy(),
            crms=crms or [crm],
            clock=Standing(world.now),
            new_mark=lambda: "anew0000",
        )
    )
