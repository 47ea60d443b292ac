"""Reps: what they do about tasks made through the API of either CRM, decided by what a task is and never by its id."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.sandbox.comments import under_html, under_text
from adapters.sandbox.duties import NewTask, decide
from adapters.sandbox.workdays import is_workday, workday_after, workdays_until

MADE = datetime(2026, 1, 5, 6, tzinfo=UTC)
LATER = "2026-03-05T06:00:00Z"
KEA = ZoneInfo("Pacific/Auckland")


def plans(number, **more):
    values = {"parents": ["003", "001"], "due_on": date(2026, 1, 12), **more}
    tasks = [NewTask("salesforce", id="x", subject=f"Call {n}", **values) for n in range(number)]
    return [decide(one, seed=1, made=MADE) for one in tasks]


def on_their_clock(step):
    return step.at.astimezone(KEA)


def people(org, number):
    query = "SELECT Id, AccountId, OwnerId FROM Contact WHERE Owner.IsActive = true ORDER BY Id LIMIT"
    return org.soql(f"{query} {number}")["records"]


def task(person, subject="Call about the score of 2", **more):
    return {
        "WhoId": person["Id"],
        "WhatId": person["AccountId"],
        "OwnerId": person["OwnerId"],
        "Subject": subject,
        "Description": "They wait for a part.\ncloseloop",
        "ActivityDate": "2026-01-12",
        **more,
    }


def make_tasks(org, found, **more):
    return [org.call("POST", "sobjects/Task", json=task(one, **more)).json()["id"] for one in found]


def state_of(org):
    """All tasks as people see them, without what tells in which order they were made."""
    names = "Subject, WhoId, Status, IsClosed, Description, CompletedDateTime, LastModifiedDate, IsDeleted"
    return sorted(org.house.state.rows(f"select {names.replace(', ', ',')} from Task"), key=repr)


def portal_tasks(hub):
    return hub.get("/_sandbox/records/tasks", crm="hubspot", deleted="true", limit="1000")


def make_portal_tasks(hub, number, **more):
    found = hub.all("contacts", "associatedcompanyid,hubspot_owner_id")
    live = {one["id"] for one in hub.get("/crm/owners/2026-03", limit="100")["results"]}
    known = [one for one in found if one["properties"]["hubspot_owner_id"] in live]
    for one in [one for one in known if one["properties"]["associatedcompanyid"]][:number]:
        values = one["properties"]
        ends = ((one["id"], 204), (values["associatedcompanyid"], 192))
        sides = [
            {"to": {"id": end}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}
            for end, type_id in ends
        ]
        made = {
            "hs_task_subject": "Call about the score of 2",
            "hs_task_body": "They wait.<br>closeloop",
            "hs_task_status": "NOT_STARTED",
            "hs_timestamp": "2026-01-12T08:00:00Z",
            "hubspot_owner_id": values["hubspot_owner_id"],
            **more,
        }
        hub.post("tasks", {"properties": made, "associations": sides}, 201)


def test_most_tasks_are_done_in_time_some_late_some_never_and_a_few_deleted():
    ends = Counter()
    for steps in plans(2_000):
        last = steps[-1] if steps else None
        done_late = last is not None and last.step == "done" and on_their_clock(last).date() > date(2026, 1, 12)
        ends["never" if last is None else "late" if done_late else last.step] += 1
    share = {name: round(number / 2_000, 2) for name, number in ends.items()}
    assert share == pytest.approx({"done": 0.62, "late": 0.19, "never": 0.14, "delete": 0.05}, abs=0.03)


def test_reps_work_on_working_days_after_the_task_was_made_and_comment_on_some_of_it():
    steps = [step for plan in plans(500) for step in plan]
    assert {is_workday(day) and day > MADE.date() for day in (on_their_clock(step).date() for step in steps)} == {True}
    assert {8 <= on_their_clock(step).hour < 17 for step in steps} == {True}
    done = [step for step in steps if step.step == "done"]
    assert 0.5 < sum(bool(step.comment) for step in done) / len(done) < 0.8
    assert any("<b>" in step.comment for step in done)
    begun = [plan for plan in plans(500) if len(plan) == 2]
    assert {(plan[0].step, plan[0].at < plan[1].at) for plan in begun} == {("begin", True)}


@pytest.mark.parametrize("due_on", [None, MADE.date(), date(2026, 1, 6)])
def test_a_task_that_is_due_at_once_or_never_is_done_all_the_same(due_on):
    days = {workdays_until(MADE.date(), on_their_clock(plan[-1]).date()) for plan in plans(300, due_on=due_on) if plan}
    assert (min(days), max(days) <= 25) == (1, True)


def test_working_days_skip_the_weekend():
    friday = date(2026, 1, 9)
    assert [workday_after(friday, n) for n in (1, 2, 6)] == [date(2026, 1, 12), date(2026, 1, 13), date(2026, 1, 19)]
    assert [workdays_until(friday, date(2026, 1, day)) for day in (8, 9, 11, 12, 19)] == [0, 0, 0, 1, 6]


def test_reps_close_their_tasks_in_the_org_with_stamps_and_words_under_the_old_ones(org):
    make_tasks(org, people(org, 60))
    assert org.turn(LATER).status == 200
    done = org.soql("SELECT Id, Description, CompletedDateTime, SystemModstamp, Status FROM Task WHERE IsClosed = true")
    records = done["records"]
    assert (35 <= len(records) <= 58, {one["Status"] for one in records}) == (True, {"Completed"})
    assert {one["CompletedDateTime"] == one["SystemModstamp"] <= "2026-03-05" for one in records} == {True}
    assert {one["Description"].startswith("They wait for a part.\ncloseloop") for one in records} == {True}
    assert any("\r\n\r\n" in one["Description"] for one in records)
    owners = org.house.state.rows("select distinct OwnerId = LastModifiedById from Task where IsClosed = 1")
    counts = org.get("/_sandbox/counts")["salesforce"]
    binned = org.soql("SELECT count() FROM Task WHERE IsDeleted = true", "queryAll")["totalSize"]
    assert owners == [(1,)]
    assert (counts["tasks_made"], counts["tasks_done"], counts["tasks_deleted"]) == (60, len(records), binned)
    assert (binned > 0, org.soql("SELECT count() FROM Task WHERE IsClosed = false")["totalSize"] > 2) == (True, True)


def test_reps_close_their_tasks_in_the_portal_with_stamps_and_words_under_the_old_ones(hub):
    make_portal_tasks(hub, 60)
    hub.turn(LATER)
    found = portal_tasks(hub)
    done = [one for one in found if one["hs_task_status"] == "COMPLETED" and not one["archived"]]
    assert 35 <= len(done) <= 58
    assert {one["hs_task_completion_date"] == one["hs_lastmodifieddate"] for one in done} == {True}
    assert {("They wait.<br>closeloop" in one["hs_task_body"], one["hs_task_is_completed"]) for one in done} == {
        (True, "1")
    }
    assert any("<p" in one["hs_task_body"] for one in done)
    counts = hub.get("/_sandbox/counts")["hubspot"]
    binned = sum(one["archived"] for one in found)
    assert (counts["tasks_made"], counts["tasks_done"], counts["tasks_deleted"]) == (60, len(done), binned)
    assert binned > 0


def test_what_reps_do_depends_on_neither_the_order_of_tasks_nor_that_of_turning(make_org):
    one, other = make_org(), make_org()
    found = people(one, 30)
    make_tasks(one, found)
    make_tasks(other, found[::-1])
    one.turn(LATER)
    for day in ("2026-01-06T12:00:00Z", "2026-01-19T06:30:00Z", LATER):
        other.turn(day)
    assert state_of(one) == state_of(other)


def test_a_task_made_again_on_another_day_is_decided_about_anew(make_org):
    org = make_org()
    person = people(org, 1)
    for day in range(6, 30):
        make_tasks(org, person)
        org.turn(f"2026-01-{day:02}T06:00:00Z")
    org.turn(LATER)
    assert len({(row[2], row[5]) for row in state_of(org)}) > 5


def test_an_owner_who_has_become_inactive_does_nothing_more(org, hub):
    person = people(org, 1)[0]
    tasks = make_tasks(org, [person], subject="a") + make_tasks(org, [person], subject="b")
    org.fault("touch", object="User", id=person["OwnerId"], fields={"IsActive": False})
    org.turn(LATER)
    assert org.soql("SELECT count() FROM Task WHERE IsClosed = false")["totalSize"] == len(tasks)
    make_portal_tasks(hub, 20)
    owners = [one["id"] for one in hub.get("/crm/owners/2026-03", limit="100")["results"]]
    hub.fault("delete", object="owners", ids=owners)
    hub.turn(LATER)
    assert {one["hs_task_status"] for one in portal_tasks(hub)} == {"NOT_STARTED"}


def test_a_task_that_somebody_else_has_closed_or_deleted_is_left_alone(org):
    first, second = make_tasks(org, people(org, 2))
    org.fault("touch", object="Task", id=first, fields={"Status": "Completed"})
    org.fault("delete", object="Task", ids=[second])
    before = state_of(org)
    org.turn(LATER)
    assert (state_of(org), {row[5] for row in before}) == (before, {None, "2026-01-05T06:00:00.000+0000"})


def test_tasks_of_the_integration_user_are_nobodys_work(org):
    person = {**people(org, 1)[0], "OwnerId": org.house.plan.integration_user}
    for number in range(8):
        make_tasks(org, [person], subject=f"Call {number}")
    org.turn(LATER)
    assert {row[2] for row in state_of(org)} == {"Not Started"}


def test_the_editors_leave_what_was_there_and_escape_what_is_written():
    assert under_text(None, "a\nb") == "a\r\nb"
    assert under_text("old", "5 < 6 & so") == "old\r\n\r\n5 < 6 & so"
    plain = [under_html("<p>old</p>", "5 < 6 & so\nyes", n) for n in range(20)]
    inner = '<p>old</p><p style="margin:0;">5 &lt; 6 &amp; so<br>yes</p>'
    assert set(plain) == {inner, f'<div style="" dir="auto" data-top-level="true">{inner}</div>'}
    assert "<b>Called & sorted out</p>" in under_html("", "<b>Called & sorted out", 1)
