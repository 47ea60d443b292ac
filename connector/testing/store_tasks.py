"""What every store must do with the tasks of actions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.actions import TaskStage
from connector.ports.storage.acting import Task
from connector.ports.storage.unit import Storage
from connector.testing.acting_world import (
    DUE_ON,
    LATER,
    due_tasks,
    events,
    hear_anna,
    open_action,
    unacted,
    unseen_tasks,
)
from connector.testing.asking_world import MONDAY, PROGRAM
from connector.testing.store_rows import Rows


class TaskContract:
    """Tasks: attempted, settled, looked at again, made anew."""

    @pytest.fixture
    def task(self, storage: Storage) -> Task:
        """The intended task of an open action."""
        hear_anna(storage, number=1, score=4)
        open_action(storage, unacted(storage)[0])
        (task,) = due_tasks(storage)
        return task

    def test_attempts_are_counted(self, storage: Storage, task: Task) -> None:
        with storage.begin() as unit:
            assert [unit.tasks.attempt(task.id) for _ in range(2)] == [1, 2]
            unit.commit()
        assert due_tasks(storage) == [replace(task, attempts=2)]

    def test_only_tasks_of_that_crm_and_of_no_left_out_program_are_due(self, storage: Storage, task: Task) -> None:
        with storage.snapshot() as unit:
            assert unit.tasks.due("hub", now=LATER, without=[], limit=9) == []
            assert unit.tasks.due("sf", now=LATER, without=[PROGRAM.id], limit=9) == []
            assert unit.tasks.due("sf", now=LATER, without=["other"], limit=9) == [task]

    @pytest.mark.parametrize("stage", [TaskStage.INTENT, TaskStage.REFUSED])
    def test_a_task_that_waits_is_due_again_at_its_time(self, storage: Storage, task: Task, stage: TaskStage) -> None:
        with storage.begin() as unit:
            tomorrow = LATER + timedelta(days=1)
            unit.tasks.settle(task.id, stage, at=LATER, error="CODE: why", not_before=tomorrow)
            unit.commit()
        assert due_tasks(storage) == []
        assert due_tasks(storage, now=tomorrow) == [replace(task, stage=stage)]
        with storage.snapshot() as unit:
            refused = unit.actions.counts(today=DUE_ON).refused
        assert refused == ({"sf": ["CODE: why"]} if stage is TaskStage.REFUSED else {})

    def test_a_made_task_is_looked_at_again_after_a_while(self, storage: Storage, rows: Rows, task: Task) -> None:
        with storage.begin() as unit:
            unit.tasks.settle(task.id, TaskStage.MADE, at=LATER, crm_id="t1")
            unit.commit()
        made = replace(task, stage=TaskStage.MADE, crm_id="t1")
        assert (due_tasks(storage), unseen_tasks(storage, before=MONDAY), unseen_tasks(storage, before=LATER)) == (
            [],
            [],
            [made],
        )
        with storage.begin() as unit:
            unit.tasks.settle(task.id, TaskStage.MADE, at=LATER + timedelta(hours=1))
            unit.commit()
        assert (unseen_tasks(storage, before=LATER), rows("task")[0]["crm_id"]) == ([], "t1")
        assert events(rows)[1:] == [("task made", "t1", LATER)]

    def test_a_task_that_is_gone_can_be_intended_anew(self, storage: Storage, rows: Rows, task: Task) -> None:
        with storage.begin() as unit:
            assert unit.tasks.gone(task.action_id) == 0
            unit.tasks.settle(task.id, TaskStage.GONE, at=LATER)
            assert unit.tasks.gone(task.action_id) == 1
            unit.tasks.renew(task, crm="hub", mark="w", at=LATER)
            unit.commit()
        with storage.snapshot() as unit:
            (again,) = unit.tasks.due("hub", now=LATER, without=[], limit=9)
        marker = f"closedloop:w-{task.action_id}-2"
        assert again == replace(task, id=again.id, n=2, crm="hub", marker=marker, body=f"Why\n{marker}")
        assert [row["crm"] for row in rows("action")] == ["hub"]
