"""Tasks on SQL: intended before they are made, settled after, and looked at again while their action is open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update
from sqlalchemy.sql import Select

from connector.domain.actions import ActionState, OwnedBy, TaskStage
from connector.domain.gates import Gate
from connector.domain.task_texts import task_marker, with_marker
from connector.ports.storage.acting import Task
from connector.storage.gating import is_let_through
from connector.storage.tables.acting import ActionEventRow, ActionRow, TaskRow
from connector.storage.tables.rows import table_of

_ACTION, _EVENT, _TASK = table_of(ActionRow), table_of(ActionEventRow), table_of(TaskRow)
_WAITING = (TaskStage.INTENT, TaskStage.REFUSED)
_OF_TASK = "id action_id n crm marker body crm_id attempts opened_at".split()
_OF_ACTION = "program subject due_on owner_id account_id person_id contact_id".split()


class SqlTasks:
    """The task store over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(
        self, crm: str, *, now: datetime, without: Sequence[str], limit: int, gate: Gate | None = None
    ) -> Sequence[Task]:
        """Tasks to be made now in a CRM, oldest first: intents and refused ones; none of the programs `without`."""
        is_due = or_(_TASK.c.not_before.is_(None), _TASK.c.not_before <= now)
        query = _of_open_actions(crm).where(_TASK.c.state.in_(_WAITING), is_due, _ACTION.c.program.not_in(without))
        query = query.where(is_let_through(gate, program=_ACTION.c.program, account_id=_ACTION.c.account_id))
        return [_task(row) for row in self._connection.execute(query.order_by(_TASK.c.id).limit(limit))]

    def attempt(self, task_id: int) -> int:
        """Count one more attempt; returns how many there are with it."""
        counted = update(_TASK).where(_TASK.c.id == task_id).values(attempts=_TASK.c.attempts + 1)
        return int(self._connection.execute(counted.returning(_TASK.c.attempts)).scalar_one())

    def settle(
        self,
        task_id: int,
        stage: TaskStage,
        *,
        at: datetime,
        crm_id: str | None = None,
        error: str | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Note how an attempt ended, or what the CRM shows now; a new stage is an event of the action."""
        before = self._connection.execute(select(_TASK).where(_TASK.c.id == task_id)).one()
        values: dict[str, Any] = {"state": stage, "error": error, "not_before": not_before}
        if stage not in _WAITING:
            values |= {"crm_id": crm_id or before.crm_id, "seen_at": at}
        self._connection.execute(update(_TASK).where(_TASK.c.id == task_id).values(values))
        if stage != before.state:
            note(self._connection, before.action_id, f"task {stage}", detail=error or values.get("crm_id"), at=at)

    def renew(self, task: Task, *, crm: str, mark: str, at: datetime) -> None:
        """Intend the task anew, in this CRM, with the next number and a marker of its own."""
        text = task.body.removesuffix(task.marker).removesuffix("\n")
        store_intent(self._connection, task.action_id, n=task.n + 1, crm=crm, mark=mark, text=text, at=at)
        self._connection.execute(update(_ACTION).where(_ACTION.c.id == task.action_id).values(crm=crm))

    def gone(self, action_id: int) -> int:
        """How many tasks of an action were deleted in a CRM."""
        deleted = (_TASK.c.action_id == action_id, _TASK.c.state == TaskStage.GONE)
        return self._connection.scalar(select(func.count()).select_from(_TASK).where(*deleted)) or 0

    def unseen(self, crm: str, *, before: datetime, limit: int) -> Sequence[Task]:
        """Made tasks of open actions that the CRM showed last before a moment, the longest unseen first."""
        query = _of_open_actions(crm).where(_TASK.c.state == TaskStage.MADE, _TASK.c.seen_at <= before)
        return [
            _task(row) for row in self._connection.execute(query.order_by(_TASK.c.seen_at, _TASK.c.id).limit(limit))
        ]


def store_intent(
    connection: Connection, action_id: int, *, n: int, crm: str, mark: str, text: str, at: datetime
) -> None:
    """Intend a task; its marker is the last line of its body."""
    marker = task_marker(mark, action_id=action_id, n=n)
    values = {
        "action_id": action_id,
        "n": n,
        "crm": crm,
        "marker": marker,
        "body": with_marker(text, marker=marker),
        "state": TaskStage.INTENT,
        "attempts": 0,
        "opened_at": at,
    }
    connection.execute(insert(_TASK).values(values))


def end_tasks(connection: Connection, action_id: int, state: ActionState) -> None:
    """An action that is closed has no task to be made or looked at any more."""
    ended = and_(_TASK.c.action_id == action_id, _TASK.c.state.in_([*_WAITING, TaskStage.MADE]))
    stage = TaskStage.DONE if state is ActionState.DONE else TaskStage.DROPPED
    connection.execute(update(_TASK).where(ended).values(state=stage))


def note(connection: Connection, action_id: int, event: str, *, detail: str | None, at: datetime) -> None:
    """Append to an action's history."""
    values = {"action_id": action_id, "event": event, "detail": detail, "at": at}
    connection.execute(insert(_EVENT).values(values))


def _of_open_actions(crm: str) -> Select[Any]:
    columns = [
        *(_TASK.c[name] for name in _OF_TASK),
        *(_ACTION.c[name] for name in _OF_ACTION),
        _TASK.c.state,
        _ACTION.c.owned_by,
    ]
    query = select(*columns).join(_ACTION, _ACTION.c.id == _TASK.c.action_id)
    return query.where(_TASK.c.crm == crm, _ACTION.c.state == ActionState.OPEN)


def _task(row: Row[Any]) -> Task:
    values = {name: getattr(row, name) for name in (*_OF_TASK, *_OF_ACTION)}
    return Task(**values, stage=TaskStage(row.state), owned_by=OwnedBy(row.owned_by))
