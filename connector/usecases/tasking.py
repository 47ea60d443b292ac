"""What the tasks stage works with, and what it says it did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connector.domain.actions import Place
from connector.domain.programs import Policy
from connector.ports.clock import Clock
from connector.ports.storage.acting import Task
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.wiring import Crm
from connector.usecases.act import new_mark, pairs_of


@dataclass(slots=True, kw_only=True)
class TasksReport:
    """What a run did in one CRM, in tasks and actions.

    `refused` says why for each task that the CRM did not take; `unread` are tasks that could not be looked at, `hidden`
    those that all were gone at once.
    """

    made: int = 0
    would_open: int = 0
    postponed: int = 0
    unread: int = 0
    hidden: int = 0
    done: int = 0
    gone: int = 0
    dropped: int = 0
    is_stopped: bool = False
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasking:
    """One CRM at work; `crms` are all of them, since an action moves where its account is no longer in its CRM."""

    crm: Crm
    storage: Storage
    policy: Policy
    crms: Sequence[Crm]
    clock: Clock
    new_mark: Callable[[], str] = new_mark
    report: TasksReport = field(default_factory=TasksReport)

    def places(self, unit: UnitOfWork, task: Task) -> list[Place]:
        """Where the task's action can be now, in the CRMs that are connected."""
        found = unit.places.places(
            task.account_id, person_id=task.person_id, contact_id=task.contact_id, pairs=pairs_of(self.crms)
        )
        names = {crm.name for crm in self.crms}
        return [place for place in found if place.crm in names]
