"""How the demo's end names the stories and says what to look at, on a terminal of 80 columns."""

from dataclasses import replace
from io import StringIO

import httpx
import pytest
import respx
from rich.console import Console

from jobs.demo.sandbox import Sandbox
from jobs.demo.stories import Story, Views, show_stories, show_where_to_look, stories_of, to_look_at

CONTROL = "http://127.0.0.1:9/_sandbox"
RECORD = {"crm": "one", "id": "001", "page": "/_sandbox/records/one/Account/001"}
FIGURES = {"score": "5.1", "voices": "7", "open_actions": "4"}
DAIRY = Story(
    account="Harakeke Dairy",
    so_far="In danger: only its users say so.",
    is_whole=True,
    crm="one",
    crm_id="001",
    record_url=f"{CONTROL}/records/one/Account/001",
    score="5.1",
    voices="7",
    open_actions="4",
)
QUIET = Story(
    account="Totara Reagents",
    so_far="",
    is_whole=False,
    crm="one",
    crm_id="002",
    record_url=f"{CONTROL}/records/one/Account/002",
    score="",
    voices="",
    open_actions="",
)
VIEWS = Views(account_url="http://127.0.0.1:8/accounts/81", plan_url="http://127.0.0.1:8/plan")


@pytest.fixture
def terminal():
    return Console(width=80, record=True, file=StringIO())


@respx.mock
def test_a_story_is_told_by_the_record_that_gets_the_writes():
    told = {"key": "danger", "account": "Harakeke Dairy", "so_far": DAIRY.so_far, "is_whole": True}
    other = {**RECORD, "crm": "two", "score": "", "voices": "", "open_actions": ""}
    respx.get(f"{CONTROL}/stories").respond(json=[{**told, "records": [{**RECORD, **FIGURES}, other]}])
    with httpx.Client() as http:
        sandbox = Sandbox(salesforce={}, hubspot={}, smtp_host="127.0.0.1", smtp_port=9, control_url=CONTROL, http=http)
        assert stories_of(sandbox) == (DAIRY,)


def test_the_first_story_with_a_score_is_the_one_to_look_at():
    assert [to_look_at(stories) for stories in ((QUIET, DAIRY), (QUIET,), ())] == [DAIRY, QUIET, None]


def test_every_story_stands_in_the_summary_within_80_columns(terminal):
    show_stories(terminal, (DAIRY, QUIET))
    said = terminal.export_text()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in said.splitlines() if "│" in line]
    assert rows == [
        ["Harakeke Dairy", DAIRY.so_far, "5.1", "7", "4"],
        ["Totara Reagents", "Not begun yet.", "-", "0", "0"],
    ]
    assert said.splitlines()[-1] == "With more months there is more to tell of Totara Reagents."
    assert max(map(len, said.splitlines())) <= 80


def test_what_is_to_come_names_every_account_and_is_left_out_where_all_is_told(terminal):
    kowhai = replace(DAIRY, account="Kowhai Crispbread", is_whole=False)
    show_stories(terminal, (QUIET, DAIRY, kowhai))
    assert "With more months there is more to tell of Totara Reagents and Kowhai" in terminal.export_text()
    show_stories(terminal, (DAIRY,))
    assert "With more months" not in terminal.export_text()


def test_an_account_of_which_nobody_has_answered_is_not_said_to_say_anything(terminal):
    show_where_to_look(terminal, QUIET, VIEWS, is_open=False)
    assert terminal.export_text().splitlines()[2] == "- Nobody at Totara Reagents answered yet: see why."


def test_while_everything_is_open_three_sentences_have_an_address_each(terminal):
    show_where_to_look(terminal, DAIRY, VIEWS, is_open=True)
    assert terminal.export_text().splitlines() == [
        "",
        "What to look at",
        "- Read what Harakeke Dairy says, level by level, in the console.",
        "  http://127.0.0.1:8/accounts/81",
        "- See Harakeke Dairy as its rep does in the CRM: score, open actions, tasks.",
        f"  {DAIRY.record_url}",
        "- Look at the next weeks: who is asked, who is not, and why.",
        "  http://127.0.0.1:8/plan",
    ]


def test_where_nothing_stays_open_the_sentences_have_no_dead_addresses(terminal):
    show_where_to_look(terminal, DAIRY, VIEWS, is_open=False)
    assert terminal.export_text().splitlines() == [
        "",
        "With --serve these stay open",
        "- Read what Harakeke Dairy says, level by level, in the console.",
        "- See Harakeke Dairy as its rep does in the CRM: score, open actions, tasks.",
        "- Look at the next weeks: who is asked, who is not, and why.",
    ]
