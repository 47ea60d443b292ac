"""Tasks: make in a CRM what actions ask for, and read back what became of it."""

from collections.abc import Sequence

from connector.domain.programs import Mode
from connector.ports.storage.acting import Task
from connector.usecases.follow_tasks import follow_tasks, unseen
from connector.usecases.gating import open_gate
from connector.usecases.make_task import make_task
from connector.usecases.sync import pin_organisation
from connector.usecases.tasking import Tasking, TasksReport

MOST_AT_ONCE = 10_000
"""Tasks that one run makes, or that shadow mode counts."""


def tasks(tasking: Tasking) -> TasksReport:
    """Make the tasks that are due in a CRM and close the actions whose tasks were completed there.

    The caller holds the claim of the tasks stage. In shadow mode nothing is made, in test mode what is for listed
    accounts; the rest is counted. The stop switch is read before every request that makes one. A failure that passes
    postpones what is left, one that stops is raised, and what the CRM refuses is tried again after a day. Opens the CRM
    only where there is something to do; one without the capability keeps its actions without a task, as `status` says.
    """
    if not tasking.crm.capabilities.tasks:
        return tasking.report
    due = _due(tasking)
    if due or unseen(tasking):
        with tasking.crm.open() as adapter:
            pin_organisation(tasking.crm, adapter, storage=tasking.storage, clock=tasking.clock)
            if all(make_task(task, adapter=adapter, tasking=tasking) for task in due) or tasking.report.is_stopped:
                follow_tasks(adapter, tasking=tasking)
    return tasking.report


def _due(tasking: Tasking) -> Sequence[Task]:
    """What is to be made now; what shadow and test mode keep back is counted only."""
    policy, crm, now = tasking.policy, tasking.crm.name, tasking.clock.now()
    shadowed = policy.programs_in(Mode.SHADOW)
    with tasking.storage.snapshot() as unit:
        tasking.report.is_stopped = unit.switches.stopped_at() is not None
        everything = unit.tasks.due(crm, now=now, without=[], limit=MOST_AT_ONCE)
        gate = open_gate(unit, policy)
        ours = unit.tasks.due(crm, now=now, without=shadowed, limit=MOST_AT_ONCE, gate=gate)
    live = [] if policy.mode is Mode.SHADOW else ours
    tasking.report.would_open = len(everything) - len(live)
    return [] if tasking.report.is_stopped else live
