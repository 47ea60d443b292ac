"""The tasks job of one CRM: actions become tasks there, and completed tasks close them."""

from dataclasses import asdict
from typing import Any

from connector.ports.errors import StageFailed, StagePostponed
from connector.ports.wiring import Crm, Ports
from connector.usecases.tasking import Tasking, TasksReport
from connector.usecases.tasks import tasks

REFUSALS_SHOWN = 20
"""Refused tasks that a run names; their rows have them all."""
HIDDEN = (
    "{crm}: all {number} tasks that were looked at are gone at once: give the integration user the right to see them;"
    " if somebody deleted them all, restore one"
)


def run(ports: Ports, crm: Crm) -> dict[str, Any]:
    """Make and follow the tasks of a CRM.

    Raises StagePostponed where some wait because it cannot be used now, StageFailed where it hides them all.
    """
    tasking = Tasking(crm=crm, storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)
    report = tasks(tasking)
    counts = _counts(report)
    if report.hidden:
        raise StageFailed(HIDDEN.format(crm=crm.name, number=report.hidden), counts=counts)
    if waiting := report.postponed + report.unread:
        raise StagePostponed(f"{crm.name}: {waiting} tasks wait", counts=counts)
    return counts


def _counts(report: TasksReport) -> dict[str, Any]:
    """The report, with the number of refused tasks and the first of them."""
    return asdict(report) | {"refused": len(report.refused), "refusals": report.refused[:REFUSALS_SHOWN]}
