"""Make one task in its CRM, at most once: the attempt is committed before its request, the answer after it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from connector.domain.actions import ActionState, Place, TaskStage, choose_place, wishes
from connector.domain.owners import Assigned, can_take, choose_owner
from connector.ports.crm import CrmAdapter, NewTask
from connector.ports.errors import CrmError, CrmOwnerRefused, CrmRateLimited, CrmRejected, Verdict
from connector.ports.storage.acting import Task
from connector.ports.storage.unit import UnitOfWork
from connector.ports.wiring import home_of
from connector.usecases.act import GONE_ACCOUNT
from connector.usecases.gating import reaches
from connector.usecases.tasking import Tasking

RETRY_AFTER = timedelta(minutes=15)
REFUSED_AFTER = timedelta(days=1)
"""The waits of write-back, for the same reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """What one attempt asks the CRM for."""

    place: Place
    owner: Assigned
    attempts: int


def make_task(task: Task, *, adapter: CrmAdapter, tasking: Tasking) -> bool:
    """Make a task and note its id, or why there is none; False where the run must end: stopped, or a failure passes.

    An owner that the CRM refuses is passed over for the next in line. Raises failures that stop.
    """
    making = _Making(task=task, tasking=tasking)
    while (ready := making.prepare()) is not None:
        try:
            crm_id = adapter.open_task(making.new_task(ready), is_retry=ready.attempts > 1)
        except CrmOwnerRefused as error:
            if ready.owner.owner_id is None:
                return making.refuse(error)
            making.refused.add(ready.owner.owner_id)
        except CrmRejected as error:
            return making.refuse(error)
        except CrmError as error:
            if error.verdict is not Verdict.RETRY:
                raise
            return making.postpone(error)
        else:
            return making.settle(crm_id)
    return not tasking.report.is_stopped


@dataclass(slots=True, kw_only=True)
class _Making:
    task: Task
    tasking: Tasking
    refused: set[str] = field(default_factory=set)

    def prepare(self) -> _Ready | None:
        """Commit an attempt with its owner; None where writes are stopped or there is no place for a task here."""
        with self.tasking.storage.begin() as unit:
            self.tasking.report.is_stopped = unit.switches.stopped_at() is not None
            if self.tasking.report.is_stopped:
                return None
            places = self.tasking.places(unit, self.task)
            place = self._here(unit, places)
            if place is None:
                self._leave(unit, choose_place(places, home=home_of(self.tasking.crms)))
                unit.commit()
                return None
            if self._is_kept_back(unit, place):
                return None
            owner = self._owner(unit, place)
            unit.actions.assign(self.task.action_id, owner, at=self.tasking.clock.now())
            attempts = unit.tasks.attempt(self.task.id)
            unit.commit()
        return _Ready(place=place, owner=owner, attempts=attempts)

    def _here(self, unit: UnitOfWork, places: Sequence[Place]) -> Place | None:
        """The place in this CRM; after an attempt, whose answer may be lost, also one that is not the account's now.

        The task may have been made there, and would be a second one anywhere else.
        """
        here = choose_place([each for each in places if each.crm == self.task.crm], home=None)
        if here is None and self.task.attempts:
            return choose_place(self._parted(unit), home=None)
        return here

    def _is_kept_back(self, unit: UnitOfWork, place: Place) -> bool:
        """Whether test mode does not reach the account there: the task stays intended, and nothing is noted."""
        policy, program = self.tasking.policy, self.task.program
        is_kept_back = not reaches(unit, policy, program=program, crm=place.crm, account=place.account_id)
        self.tasking.report.would_open += is_kept_back
        return is_kept_back

    def _parted(self, unit: UnitOfWork) -> Sequence[Place]:
        task = self.task
        return unit.places.parted(
            task.account_id, crm=task.crm, person_id=task.person_id, contact_id=task.contact_id, since=task.opened_at
        )

    def _leave(self, unit: UnitOfWork, elsewhere: Place | None) -> None:
        """The account is not in this CRM any more: the action moves to where it is, or is dropped."""
        now = self.tasking.clock.now()
        if elsewhere is None:
            state = ActionState.DROPPED
            self.tasking.report.dropped += unit.actions.close(
                self.task.action_id, state=state, resolution=GONE_ACCOUNT, at=now
            )
            return
        unit.tasks.settle(self.task.id, TaskStage.DROPPED, at=now)
        unit.actions.move(self.task.action_id, elsewhere, at=now)
        unit.tasks.renew(self.task, crm=elsewhere.crm, mark=self.tasking.new_mark(), at=now)

    def _owner(self, unit: UnitOfWork, place: Place) -> Assigned:
        """The owner it was opened for, while the CRM still has them active; else who stands in now."""
        owners, decided = unit.places.owners(place.crm), self.task.owner_id
        if decided is not None and decided not in self.refused and can_take(owners.get(decided)):
            return Assigned(owner_id=decided, reason="as it was opened")
        return choose_owner(
            wishes(place, owned_by=self.task.owned_by),
            owners=owners,
            stand_in=self.tasking.policy.actions.stand_in,
            refused=frozenset(self.refused),
        )

    def new_task(self, ready: _Ready) -> NewTask:
        """The task as the CRM gets it."""
        return NewTask(
            marker=self.task.marker,
            account_id=ready.place.account_id,
            contact_id=ready.place.contact_id,
            owner_id=ready.owner.owner_id,
            subject=self.task.subject,
            body=self.task.body,
            due_on=self.task.due_on,
            opened_at=self.task.opened_at,
        )

    def settle(self, crm_id: str) -> bool:
        """Note the CRM's id."""
        self._note(TaskStage.MADE, crm_id=crm_id)
        self.tasking.report.made += 1
        return True

    def refuse(self, error: CrmRejected) -> bool:
        """Note why the CRM did not take it; people mend what it refuses, so it is tried again after a day."""
        self._note(TaskStage.REFUSED, error=str(error), wait=REFUSED_AFTER)
        self.tasking.report.refused.append(str(error))
        return True

    def postpone(self, error: CrmError) -> bool:
        """Note a failure that passes: it may have been made, and the next attempt looks for it."""
        said = error.retry_after if isinstance(error, CrmRateLimited) else None
        wait = max(RETRY_AFTER, timedelta(seconds=said or 0))
        self._note(self.task.stage, error=str(error), wait=wait)
        self.tasking.report.postponed += 1
        return False

    def _note(
        self, stage: TaskStage, *, crm_id: str | None = None, error: str | None = None, wait: timedelta | None = None
    ) -> None:
        now = self.tasking.clock.now()
        with self.tasking.storage.begin() as unit:
            not_before = None if wait is None else now + wait
            unit.tasks.settle(self.task.id, stage, at=now, crm_id=crm_id, error=error, not_before=not_before)
            unit.commit()
