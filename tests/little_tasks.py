"""The tasks of a little CRM: made by an adapter, completed, changed and deleted by reps, and lost on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.ports.crm import NewTask, TaskSeen, TaskState


def nothing(task: NewTask) -> None:
    """The line is good."""


@dataclass(slots=True)
class Desk:
    """What reps see; `before` and `after` may raise, as a line that is cut before or after the CRM made a task."""

    shown: dict[str, TaskSeen] = field(default_factory=dict)
    new: dict[str, NewTask] = field(default_factory=dict)
    asked: list[tuple[NewTask, bool]] = field(default_factory=list)
    looked_at: list[Sequence[str]] = field(default_factory=list)
    before: Callable[[NewTask], None] = nothing
    after: Callable[[NewTask], None] = nothing

    def open_task(self, task: NewTask, *, is_retry: bool) -> str:
        self.asked.append((task, is_retry))
        self.before(task)
        found = [crm_id for crm_id, made in self.new.items() if made.marker == task.marker] if is_retry else []
        crm_id = found[0] if found else self._make(task)
        self.after(task)
        return crm_id

    def _make(self, task: NewTask) -> str:
        crm_id = f"00T{len(self.new) + 1}"
        self.new[crm_id] = task
        self.shown[crm_id] = TaskSeen(
            crm_id=crm_id, state=TaskState.OPEN, body=task.body, owner_id=task.owner_id, changed_at=task.opened_at
        )
        return crm_id

    def tasks(self, crm_ids: Sequence[str]) -> list[TaskSeen]:
        self.looked_at.append(crm_ids)
        return [self.shown[crm_id] for crm_id in crm_ids]

    def complete(self, crm_id: str, *, words: str, at: datetime) -> None:
        """A rep writes into the task and completes it."""
        body = f"{words}\n{self.shown[crm_id].body}"
        self.shown[crm_id] = replace(self.shown[crm_id], state=TaskState.DONE, body=body, changed_at=at)

    def delete(self, crm_id: str) -> None:
        """A rep deletes the task."""
        self.shown[crm_id] = TaskSeen(crm_id=crm_id, state=TaskState.GONE)

    def give(self, crm_id: str, owner_id: str) -> None:
        """A rep gives the task to somebody else."""
        self.shown[crm_id] = replace(self.shown[crm_id], owner_id=owner_id)
