"""Follow made tasks in their CRM: a completed one closes its action, a deleted one is made anew once."""

from datetime import datetime, timedelta

from connector.domain.actions import ActionState, TaskStage
from connector.domain.owners import Assigned
from connector.domain.task_texts import reps_words
from connector.ports.crm import CrmAdapter, TaskSeen, TaskState
from connector.ports.errors import CrmError, Verdict
from connector.ports.storage.acting import Task
from connector.ports.storage.unit import UnitOfWork
from connector.usecases.tasking import Tasking

BATCH = 100
"""Tasks looked at in one call, and noted in one commit."""
MOST_TASKS = 2
"""Tasks made for one action: who deletes the second one means it."""
AS_SHOWN = "as the CRM shows it"


def unseen(tasking: Tasking) -> list[Task]:
    """The next made tasks that the CRM did not show for as long as lies between two syncs."""
    before = tasking.clock.now() - timedelta(seconds=tasking.crm.every_seconds)
    with tasking.storage.snapshot() as unit:
        return list(unit.tasks.unseen(tasking.crm.name, before=before, limit=BATCH))


def follow_tasks(adapter: CrmAdapter, *, tasking: Tasking) -> None:
    """Look at every made task of an open action that is to be looked at again. Raises failures that stop."""
    while batch := unseen(tasking):
        try:
            seen = adapter.tasks([task.crm_id or "" for task in batch])
        except CrmError as error:
            if error.verdict is not Verdict.RETRY:
                raise
            tasking.report.unread += len(batch)
            return
        with tasking.storage.begin() as unit:
            for task, shown in zip(batch, seen, strict=True):
                _note(unit, task, shown=shown, tasking=tasking)
            unit.commit()


def _note(unit: UnitOfWork, task: Task, *, shown: TaskSeen, tasking: Tasking) -> None:
    now = tasking.clock.now()
    match shown.state:
        case TaskState.DONE:
            words = reps_words(task.body, shown=shown.body) or None
            at = _completed_at(shown, now=now)
            tasking.report.done += unit.actions.close(task.action_id, state=ActionState.DONE, resolution=words, at=at)
        case TaskState.GONE:
            unit.tasks.settle(task.id, TaskStage.GONE, at=now)
            tasking.report.gone += 1
            if task.n < MOST_TASKS:
                unit.tasks.renew(task, crm=task.crm, mark=tasking.new_mark(), at=now)
        case TaskState.OPEN:
            unit.tasks.settle(task.id, TaskStage.MADE, at=now)
            if shown.owner_id != task.owner_id:
                unit.actions.assign(task.action_id, Assigned(owner_id=shown.owner_id, reason=AS_SHOWN), at=now)


def _completed_at(shown: TaskSeen, *, now: datetime) -> datetime:
    """The CRM's own moment, which a fast clock there must not put into the future."""
    return now if shown.changed_at is None else min(shown.changed_at, now)
