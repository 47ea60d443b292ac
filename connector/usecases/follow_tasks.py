"""Follow made tasks in their CRM: one that is completed, or deleted for the second time, closes its action."""

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
MOST_DELETED = 2
"""Tasks deleted of one action: who deletes the second one means it."""
DELETED = "The task was deleted twice."
AS_SHOWN = "as the CRM shows it"


def unseen(tasking: Tasking) -> list[Task]:
    """The next made tasks that the CRM did not show for as long as lies between two syncs."""
    before = tasking.clock.now() - timedelta(seconds=tasking.crm.every_seconds)
    with tasking.storage.snapshot() as unit:
        return list(unit.tasks.unseen(tasking.crm.name, before=before, limit=BATCH))


def follow_tasks(adapter: CrmAdapter, *, tasking: Tasking) -> None:
    """Look at every made task of an open action that is to be looked at again. Raises failures that stop.

    Several tasks that are all gone at once stay as they are: so it looks where we lost the right to see tasks.
    """
    while batch := unseen(tasking):
        try:
            seen = adapter.tasks([task.crm_id or "" for task in batch])
        except CrmError as error:
            if error.verdict is not Verdict.RETRY:
                raise
            tasking.report.unread += len(batch)
            return
        if len(batch) > 1 and all(shown.state is TaskState.GONE for shown in seen):
            tasking.report.hidden += len(batch)
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
            _deleted(unit, task, tasking=tasking)
        case TaskState.OPEN:
            unit.tasks.settle(task.id, TaskStage.MADE, at=now)
            if shown.owner_id != task.owner_id:
                unit.actions.assign(task.action_id, Assigned(owner_id=shown.owner_id, reason=AS_SHOWN), at=now)


def _deleted(unit: UnitOfWork, task: Task, *, tasking: Tasking) -> None:
    """Somebody deleted the task: it is intended anew once, then its action is dropped."""
    now = tasking.clock.now()
    unit.tasks.settle(task.id, TaskStage.GONE, at=now)
    tasking.report.gone += 1
    if unit.tasks.gone(task.action_id) < MOST_DELETED:
        unit.tasks.renew(task, crm=task.crm, mark=tasking.new_mark(), at=now)
        return
    tasking.report.dropped += unit.actions.close(task.action_id, state=ActionState.DROPPED, resolution=DELETED, at=now)


def _completed_at(shown: TaskSeen, *, now: datetime) -> datetime:
    """The CRM's own moment, which a fast clock there must not put into the future."""
    return now if shown.changed_at is None else min(shown.changed_at, now)
