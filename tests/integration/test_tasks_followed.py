"""Made tasks as reps leave them, on both databases: deleted, given away, hidden, and how often they are looked at."""

from dataclasses import replace

from connector.ports.errors import CrmUnavailable
from tests.acting import hear, run_act, run_tasks
from tests.integration.test_act_and_tasks import world

__all__ = ["world"]


def test_a_deleted_task_is_made_anew_once_and_the_second_time_the_action_is_dropped(world, rows):
    hear(world, "003A", 4)
    run_act(world)
    run_tasks(world)
    for crm_id in ("00T1", "00T2"):
        world.desk.delete(crm_id)
        world.wait(minutes=15)
        assert run_tasks(world).gone == 1
        run_tasks(world)
    world.wait(days=9)
    first, second = (task for task, _ in world.desk.asked)
    assert second == replace(
        first,
        marker=f"closedloop:anew0000-{rows('action')[0]['id']}-2",
        body=first.body.replace(first.marker, second.marker),
        opened_at=second.opened_at,
    )
    assert [row["state"] for row in rows("task")] == ["gone", "gone"]
    assert [(row["state"], row["resolution"]) for row in rows("action")] == [("dropped", "The task was deleted twice.")]
    assert (rows("action_event")[-1]["event"], rows("action_event")[-1]["detail"]) == (
        "dropped",
        "The task was deleted twice.",
    )
    with world.storage.snapshot() as unit:
        assert unit.actions.overdue(today=world.now.date()) == {}


def test_tasks_that_are_all_gone_at_once_are_not_made_anew_but_told(world, rows):
    for crm_id in ("003A", "003B"):
        hear(world, crm_id, 4)
    run_act(world)
    run_tasks(world)
    shown = dict(world.desk.shown)
    world.wait(minutes=15)
    for crm_id in shown:
        world.desk.delete(crm_id)
    for _ in range(2):
        report = run_tasks(world)
        assert (report.hidden, report.gone, report.made) == (2, 0, 0)
    world.desk.shown["00T1"] = shown["00T1"]
    assert (run_tasks(world).gone, [row["state"] for row in rows("task")]) == (1, ["made", "gone", "intent"])


def test_a_task_that_a_rep_gave_away_changes_the_action_s_owner(world, rows):
    hear(world, "003A", 4)
    run_act(world)
    run_tasks(world)
    world.desk.give("00T1", "005M")
    world.wait(minutes=15)
    run_tasks(world)
    assert (rows("action")[0]["owner_id"], rows("action")[0]["owner_reason"]) == ("005M", "as the CRM shows it")


def test_tasks_are_looked_at_as_often_as_the_crm_is_synced_and_no_more(world):
    hear(world, "003A", 4)
    run_act(world)
    for _ in range(3):
        run_tasks(world)
        world.wait(minutes=5)
    run_tasks(world)
    assert world.desk.looked_at == [["00T1"]]


def test_a_task_that_cannot_be_looked_at_waits(world, monkeypatch):
    hear(world, "003A", 4)
    run_act(world)
    run_tasks(world)
    world.wait(minutes=15)

    def down(crm_ids):
        raise CrmUnavailable("Not now.", crm="sf")

    monkeypatch.setattr(type(world.desk), "tasks", lambda desk, crm_ids: down(crm_ids))
    assert run_tasks(world).unread == 1
