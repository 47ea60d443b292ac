"""Both CRMs as the example joins them, from answers to tasks that reps complete, and what accounts show of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap import configure, wired
from connector.testing.fakes import FakeClock
from jobs.stages import run_stage
from tests.e2e.living import House, living_sandbox, make_house, present
from tests.e2e.portals import ALWAYS, Portal

SIZES = {"accounts": 8, "contacts": 40, "hubspot-companies": 20, "hubspot-contacts": 100}
"""So many companies of its own that somebody at one of them is unhappy, whatever the day."""
LATER = timedelta(minutes=20)
"""Longer than lies between two looks at a task."""


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[Portal]:
    """The whole example in live mode, with every account and company due."""
    with living_sandbox(**SIZES, seed=1, start=present().isoformat(timespec="seconds")) as sandbox:
        house = make_house(tmp_path, sandbox, with_hubspot=True)
        portal = Portal(folder=house.folder, environ=house.environ, sandbox=sandbox, today_zone=house.today_zone)
        House.make_due(portal)
        portal.make_due()
        portal.go_live()
        yield portal


def tasks_in(house: Portal) -> dict[str, list[dict[str, Any]]]:
    """By connection: the tasks that reps see."""
    return {
        "sf": list(house.sandbox.get("records/Task", limit=ALWAYS)),
        "hub": house.records("tasks"),
    }


def complete_everything(house: Portal) -> None:
    """Every rep writes a line under the text of each task and completes it."""
    tasks = tasks_in(house)
    for task in tasks["sf"]:
        text = f"{task['Description']}\nCalled & mended."
        house.touch("Task", task["Id"], Description=text, Status="Completed")
    for task in tasks["hub"]:
        text = f"{task['hs_task_body']}<p>Called &amp; mended.</p>"
        house.change("tasks", task["id"], hs_task_body=text, hs_task_status="COMPLETED")


def open_shown(house: Portal) -> dict[str, float]:
    """By account that shows how many actions are open: that number; accounts keep it beside companies of their own."""
    accounts = house.sandbox.get("records/Account", limit=ALWAYS)
    org = {each["Id"]: each["Closedloop_Open_Actions__c"] for each in accounts}
    portal = {each["id"]: each["closedloop_open_actions"] for each in house.records("companies")}
    return {key: float(value) for key, value in (org | portal).items() if value not in (None, "")}


def resolutions(house: House) -> set[tuple[str, str]]:
    """Every state that an action is in, with what its rep wrote."""
    with closing(sqlite3.connect(house.folder.parent / "data" / "closedloop.sqlite")) as database:
        return set(database.execute("SELECT state, resolution FROM action"))


def test_answers_become_one_task_each_where_the_account_is_at_home_and_completed_ones_close_the_loop(
    joined: Portal,
) -> None:
    assert joined.ask_and_answer() > 0
    joined.run("run", "act")
    opened = joined.json("status")["actions"]["open"]
    made = {crm: report["made"] for crm, report in joined.json("run", "tasks")["tasks"].items()}
    print("MADE", made)
    assert (sum(made.values()), all(made.values())) == (opened, True)
    assert {crm: len(tasks) for crm, tasks in tasks_in(joined).items()} == made
    assert joined.sandbox.get("doubles") == []
    linked = {each["id"] for each in joined.records("companies") if each["salesforceaccountid"]}
    parents = {
        joined.sandbox.get(f"records/tasks/{task['id']}", crm="hubspot")["associations"]["companies"][0]
        for task in tasks_in(joined)["hub"]
    }
    assert (len(linked) > 0, parents & linked) == (True, set()), "what Salesforce knows too gets its tasks there"
    joined.run("run", "write_back")
    shown = open_shown(joined)
    assert (sum(shown.values()), shown.keys() & linked) == (opened, set())
    complete_everything(joined)
    with wired(configure(joined.folder, environ=joined.environ), clock=FakeClock(present() + LATER)) as ports:
        done = run_stage("tasks", ports).counts
    assert {crm: report["done"] for crm, report in (done or {}).items()} == made
    actions = joined.json("status")["actions"]
    assert (actions["open"], actions["done"], resolutions(joined)) == (0, opened, {("done", "Called & mended.")})
    joined.run("run", "write_back")
    assert open_shown(joined) == dict.fromkeys(shown, 0.0)
