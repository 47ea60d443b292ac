"""The tasks job: actions become tasks in every CRM, and completed tasks close them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from connector.ports.errors import ConnectorError, StagePostponed
from connector.ports.wiring import Crm, Ports
from connector.usecases.tasking import Tasking, TasksReport
from connector.usecases.tasks import tasks

REFUSALS_SHOWN = 20
"""Refused tasks that a run names; their rows have them all."""


def run(ports: Ports) -> dict[str, Any]:
    """Make and follow tasks in each CRM; one that fails does not keep the others, its error is raised last.

    Raises StagePostponed where tasks wait because a CRM cannot be used now.
    """
    counts: dict[str, dict[str, Any]] = {}
    failure: ConnectorError | None = None
    for crm in ports.crms:
        try:
            counts[crm.name] = run_one(ports, crm)
        except ConnectorError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    _demand_made(counts)
    return counts


def run_one(ports: Ports, crm: Crm) -> dict[str, Any]:
    """Make and follow the tasks of one CRM; what waits for it is counted."""
    tasking = Tasking(crm=crm, storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)
    return _counts(tasks(tasking))


def _counts(report: TasksReport) -> dict[str, Any]:
    """The report, with the number of refused tasks and the first of them."""
    return asdict(report) | {"refused": len(report.refused), "refusals": report.refused[:REFUSALS_SHOWN]}


def _demand_made(counts: Mapping[str, Mapping[str, Any]]) -> None:
    waiting = [f"{crm}: {each['postponed'] + each['unread']} tasks wait" for crm, each in counts.items()]
    waiting = [text for text, each in zip(waiting, counts.values(), strict=True) if each["postponed"] + each["unread"]]
    if waiting:
        raise StagePostponed("; ".join(waiting), counts=counts)
