"""From an answer to an action, to a task in the CRM, to what the rep did: each once, on both databases."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.domain.programs import Mode
from connector.domain.records import RecordKind
from connector.ports.crm import NewTask
from connector.ports.errors import CrmOwnerRefused, CrmRateLimited, CrmRejected, CrmUnavailable, CrmWrongOrg
from connector.storage.unit import SqlUnit
from tests.acting import STAND_IN, acting_policy, hear, make_rule, run_act, run_tasks
from tests.worlds import World, account, contact

OWNERS = [
    {"crm_id": "005A", "name": "Ola Rep", "address": "ola@kea.example", "is_active": True, "manager": "005M"},
    {"crm_id": "005B", "name": "Bo Gone", "address": "bo@kea.example", "is_active": False, "manager": "005M"},
    {"crm_id": "005M", "name": "Mai Head", "address": "mai@kea.example", "is_active": True},
    {"crm_id": "005D", "name": "Dee Desk", "address": STAND_IN, "is_active": True},
]


@pytest.fixture
def world(storage):
    world = World(storage)
    world.load(
        owners=OWNERS,
        accounts=[account(owner="005A")],
        contacts=[contact("003A", owner="005A"), contact("003B", owner="005B")],
    )
    return world


class Killed(BaseException):
    """The process is killed here."""


def kill(task: NewTask) -> None:
    raise Killed


def events(rows):
    return [row["event"] for row in rows("action_event")]


def test_a_low_answer_becomes_an_action_a_task_and_what_the_rep_wrote(world, rows):
    hear(world, "003A", 4, change="Answer the phone <at once> & kindly")
    assert (run_act(world).opened, run_tasks(world).made) == (1, 1)
    ((task, is_retry),) = world.desk.asked
    assert is_retry is False
    assert task == NewTask(
        marker=f"closedloop:00000001-{rows('action')[0]['id']}-1",
        account_id="001A",
        contact_id="003A",
        owner_id="005A",
        subject="Call Ann 003A of Harbour 001A about the 4",
        body=task.body,
        due_on=date(2026, 3, 4),
        opened_at=world.now,
    )
    assert task.body.splitlines() == [
        "Ann 003A (Harbour 001A) answered on 2026-03-02: Ongoing",
        "",
        "How well does it work? 4 of 0-10",
        "What should change?",
        "  Answer the phone <at once> & kindly",
        "",
        "Rule low: answer.works <= 6 (answer.works = 4)",
        "Due on 2026-03-04",
        "",
        "Complete this task when the customer has been told; write what you did into it.",
        task.marker,
    ]
    world.wait(hours=3)
    world.desk.complete("00T1", words="Called Ann.\nA new phone line is ordered.", at=world.now)
    world.wait(minutes=10)
    assert run_tasks(world).done == 1
    (action,) = rows("action")
    assert (action["state"], action["resolution"], action["closed_at"]) == (
        "done",
        "Called Ann.\nA new phone line is ordered.",
        world.now - timedelta(minutes=10),
    )
    assert events(rows) == ["opened", "task made", "done"]
    assert (run_act(world).opened, run_tasks(world).made, len(world.desk.new)) == (0, 0, 1)


def test_a_response_is_looked_at_once_also_where_no_rule_matches(world, rows):
    hear(world, "003A", 9)
    hear(world, "003A", 9, program="gone")
    assert [run_act(world).passed for _ in range(2)] == [2, 0]
    assert run_act(world, policy=acting_policy(make_rule("answer.works >= 0"))).opened == 0
    assert (rows("action"), [row["acted_at"] for row in rows("response")]) == ([], [world.now] * 2)


def test_the_first_rule_that_matches_opens_the_only_action(world, rows):
    rules = (make_rule("answer.works = 10", id="ten"), make_rule(), make_rule("answer.works <= 5", id="five"))
    hear(world, "003A", 4)
    assert run_act(world, policy=acting_policy(*rules)).opened == 1
    assert [row["rule"] for row in rows("action")] == ["low"]


def test_a_change_is_that_of_the_same_person_since_their_last_relationship_answer(world, rows):
    policy = acting_policy(make_rule("response.change <= -3 and contact.level = 'user' and account.name is known"))
    hear(world, "003A", 9)
    world.wait(days=1)
    hear(world, "003B", 9)
    hear(world, "003A", 5, ask_kind="transaction")
    world.wait(days=1)
    hear(world, "003B", 7)
    hear(world, "003A", 6)
    assert run_act(world, policy=policy).opened == 1
    assert [row["cause"] for row in rows("action")] == [
        "Rule low: response.change <= -3 and contact.level = 'user' and account.name is known"
        " (response.change = -3, contact.level = user, account.name = Harbour 001A)"
    ]


def test_an_answer_on_another_scale_has_no_change(world):
    hear(world, "003A", 9, survey_version="another")
    world.wait(days=1)
    hear(world, "003A", 5)
    assert run_act(world, policy=acting_policy(make_rule("response.change is known"))).opened == 0


def test_the_owner_of_the_contact_is_not_active_so_the_account_s_gets_it(world):
    hear(world, "003B", 4)
    run_act(world)
    run_tasks(world)
    assert [task.owner_id for task, _ in world.desk.asked] == ["005A"]


@pytest.mark.parametrize(("gone", "expected"), [("AB", "005M"), ("ABM", "005D"), ("ABMD", None)])
def test_where_no_owner_is_active_their_manager_gets_it_then_the_stand_in_then_nobody(world, gone, expected):
    world.wait(minutes=1)
    world.change(RecordKind.OWNER, *({**each, "is_active": each["crm_id"][-1] not in gone} for each in OWNERS))
    world.change(RecordKind.ACCOUNT, account(owner="005B"))
    hear(world, "003B", 4)
    run_act(world)
    run_tasks(world)
    assert [task.owner_id for task, _ in world.desk.asked] == [expected]


def test_an_owner_who_left_between_answer_and_task_is_followed_by_the_next_in_line(world, rows):
    hear(world, "003A", 4)
    run_act(world)
    world.wait(minutes=1)
    world.change(RecordKind.OWNER, {**OWNERS[0], "is_active": False})
    run_tasks(world)
    assert [task.owner_id for task, _ in world.desk.asked] == ["005M"]
    assert events(rows) == ["opened", "owner changed", "task made"]


def test_an_owner_whom_the_crm_refuses_is_passed_over_for_the_next_in_line(world, rows):
    def refuse(task):
        if task.owner_id in ("005A", "005M"):
            raise CrmOwnerRefused("INACTIVE_OWNER: the owner is not active", crm="sf")

    hear(world, "003A", 4)
    run_act(world)
    world.desk.before = refuse
    assert run_tasks(world).made == 1
    assert [(task.owner_id, is_retry) for task, is_retry in world.desk.asked] == [
        ("005A", False),
        ("005M", True),
        ("005D", True),
    ]
    assert rows("action")[0]["owner_id"] == "005D"


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_process_killed_at_the_request_makes_one_task(world, rows, where):
    hear(world, "003A", 4)
    run_act(world)
    setattr(world.desk, where, kill)
    with pytest.raises(Killed):
        run_tasks(world)
    assert [row["attempts"] for row in rows("task")] == [1]
    setattr(world.desk, where, lambda task: None)
    assert run_tasks(world).made == 1
    assert ([is_retry for _, is_retry in world.desk.asked], len(world.desk.new)) == ([False, True], 1)


@pytest.mark.parametrize("n", range(4))
def test_a_process_killed_at_any_commit_makes_one_action_and_one_task(world, rows, monkeypatch, n):
    commits, commit = iter(range(99)), SqlUnit.commit

    def killed(unit):
        if next(commits) == n:
            raise Killed
        commit(unit)

    hear(world, "003A", 4)
    monkeypatch.setattr(SqlUnit, "commit", killed)
    with pytest.raises(Killed):
        run_act(world), run_tasks(world)
    monkeypatch.setattr(SqlUnit, "commit", commit)
    run_act(world), run_tasks(world)
    assert (len(rows("action")), len(world.desk.new), events(rows)) == (1, 1, ["opened", "task made"])
    assert [row["state"] for row in rows("task")] == ["made"]


def test_a_lost_answer_waits_and_the_next_attempt_finds_the_task(world, rows):
    def lost(task):
        raise CrmUnavailable("The line was cut.", crm="sf")

    hear(world, "003A", 4)
    hear(world, "003B", 4)
    run_act(world)
    world.desk.after = lost
    report = run_tasks(world)
    assert (report.made, report.postponed, len(world.desk.asked)) == (0, 1, 1)
    world.desk.after = lambda task: None
    assert run_tasks(world).made == 1, "the other one"
    world.wait(minutes=15)
    assert (run_tasks(world).made, len(world.desk.new)) == (1, 2)
    assert [row["error"] for row in rows("task")] == [None, None]


def test_a_rate_limit_is_waited_for_as_long_as_the_crm_says(world, rows):
    def limited(task):
        raise CrmRateLimited("The limit is used up.", retry_after=3600, crm="sf")

    hear(world, "003A", 4)
    run_act(world)
    world.desk.before = limited
    run_tasks(world)
    assert rows("task")[0]["not_before"] == world.now + timedelta(hours=1)


def test_a_refused_task_is_told_and_tried_again_after_a_day(world, rows):
    def refuse(task):
        raise CrmRejected("FIELD_LOCKED: Task.WhoId", crm="sf")

    hear(world, "003A", 4)
    hear(world, "003B", 4)
    run_act(world)
    world.desk.before = refuse
    assert run_tasks(world).refused == ["FIELD_LOCKED: Task.WhoId"] * 2
    world.wait(hours=23)
    assert run_tasks(world).refused == []
    world.desk.before = lambda task: None
    world.wait(hours=1)
    assert (run_tasks(world).made, [row["error"] for row in rows("task")]) == (2, [None, None])
    assert events(rows) == ["opened", "opened", "task refused", "task refused", "task made", "task made"]


@pytest.mark.parametrize("changes", [{"mode": Mode.SHADOW}, {"program": {"mode": Mode.SHADOW}}])
def test_shadow_records_the_action_makes_no_task_and_says_what_it_would(world, rows, changes):
    policy = acting_policy(**changes)
    hear(world, "003A", 4)
    assert run_act(world, policy=policy).opened == 1
    report = run_tasks(world, policy=policy)
    assert (report.would_open, report.made, world.desk.asked) == (1, 0, [])


def test_the_stop_switch_halts_tasks_between_two_of_them(world):
    def stop(task):
        with world.storage.begin() as unit:
            unit.switches.stop(at=world.now, reason=None)
            unit.commit()

    hear(world, "003A", 4)
    hear(world, "003B", 4)
    run_act(world)
    world.desk.after = stop
    report = run_tasks(world)
    assert (report.made, report.is_stopped) == (1, True)
    assert (run_tasks(world).is_stopped, len(world.desk.asked)) == (True, 1)


def test_another_org_than_the_pinned_one_gets_no_task(world):
    hear(world, "003A", 4)
    run_act(world)
    with world.storage.begin() as unit:
        unit.connections.pin("sf", "00D9", at=world.now)
        unit.commit()
    with pytest.raises(CrmWrongOrg):
        run_tasks(world)
    assert world.desk.asked == []


def test_an_adapter_without_tasks_leaves_the_action_open_without_one(world, rows):
    crm = replace(world.crm, capabilities=replace(world.crm.capabilities, tasks=False))
    hear(world, "003A", 4)
    assert (run_act(world, crms=[crm]).opened, run_tasks(world, crm=crm).made) == (1, 0)
    assert (rows("action")[0]["state"], world.desk.asked) == ("open", [])
    assert run_tasks(world).made == 1, "once it can"


def test_nothing_to_do_opens_no_crm(world):
    def refuse():
        raise AssertionError

    assert run_tasks(world, crm=replace(world.crm, open=refuse)).made == 0
