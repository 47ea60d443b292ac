"""What `explain` tells of answers: the person's own words, and what came of each as far as it is stored."""

import io
from datetime import date

import pytest
from rich.console import Console

from connector.cli.explained import document
from connector.cli.show_person import show
from connector.usecases.explain import Explanation, explain
from tests.acting import acting_policy, hear, run_act, run_tasks
from tests.integration.test_act_and_tasks import OWNERS
from tests.worlds import Standing, World, account, contact

POLICY = acting_policy()
COMMENT = "  What should change? “Answer the phone <at once>”"
WHY = "Rule low: answer.works <= 6 (answer.works = 4)"


@pytest.fixture
def world(storage):
    world = World(storage)
    world.load(owners=OWNERS, accounts=[account(owner="005A")], contacts=[contact(owner="005A"), contact("003B")])
    return world


def look(world: World, crm_id: str = "003A") -> Explanation:
    found = explain(f"sf/{crm_id}", storage=world.storage, policy=POLICY, crms=[world.crm], clock=Standing(world.now))
    assert isinstance(found, Explanation)
    return found


def said(world: World, crm_id: str = "003A") -> list[str]:
    """The lines under what they said."""
    stream = io.StringIO()
    show(Console(file=stream, width=200), look(world, crm_id), {})
    _, _, rest = stream.getvalue().partition("What they said, and what came of it\n")
    return [line.removeprefix("  ") for line in rest.partition("\n\n")[0].splitlines()]


def action(state: str) -> str:
    return (
        "  Action “Call Ann 003A of Harbour 001A about the 4”: for Ola Rep (owner of the contact), due 4 March 2026:"
        f" {state}"
    )


def test_their_own_words_and_the_action_that_is_open_are_told(world):
    hear(world, "003A", 4, change="Answer the phone <at once>")
    assert said(world) == [
        "2 March 2026: score 4 of 10 for ongoing/renewal (relationship, by page)",
        COMMENT,
        "  Whether it asks for an action is not looked at yet: `closedloop run act` does.",
    ]
    run_act(world)
    assert said(world)[2:] == [
        action("open"),
        f"    {WHY}",
        "    Opened on 2 March 2026; its task is still to be made.",
    ]
    run_tasks(world)
    world.wait(days=4)
    assert said(world)[2:] == [action("overdue"), f"    {WHY}", "    Opened on 2 March 2026; task sf/00T1."]


@pytest.mark.parametrize(
    ("words", "told"),
    [("A new line is ordered.", "and wrote: “A new line is ordered.”"), ("", "and wrote nothing into it.")],
)
def test_a_completed_task_tells_when_and_what_the_owner_wrote(world, words, told):
    hear(world, "003A", 4)
    run_act(world)
    run_tasks(world)
    world.wait(days=1)
    world.desk.complete("00T1", words=words, at=world.now)
    world.wait(minutes=10)
    run_tasks(world)
    assert said(world)[1:] == [
        action("done on 3 March 2026"),
        f"    {WHY}",
        f"    Its owner completed the task, as it asks once the customer has been told, {told}",
    ]


def test_an_answer_that_asks_for_nothing_says_so_and_the_newest_comes_first(world):
    hear(world, "003A", 4)
    run_act(world)
    world.wait(days=1)
    hear(world, "003A", 9)
    run_act(world)
    lines = said(world)
    assert lines[:2] == [
        "3 March 2026: score 9 of 10 for ongoing/renewal (relationship, by page)",
        "  No action: no rule of the program asked for one.",
    ]
    assert lines[2].startswith("2 March 2026: score 4 of 10")


def test_the_document_for_programs_holds_words_and_actions(world):
    hear(world, "003A", 4, change="Answer the phone <at once>")
    run_act(world)
    ((response,), other) = (document(look(world, crm_id), {})["responses"] for crm_id in ("003A", "003B"))
    assert other == []
    assert (response["score"], response["scale"]) == (4, [0, 10])
    assert response["said"] == [
        {"question": "What should change?", "number": None, "words": "Answer the phone <at once>"}
    ]
    (opened,) = response["actions"]
    assert (opened["owner"], opened["due_on"], opened["state"]) == ("Ola Rep", date(2026, 3, 4), "open")
