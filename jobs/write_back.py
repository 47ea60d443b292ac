"""The write-back job: changed values to every CRM."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from connector.ports.errors import ConnectorError, StagePostponed
from connector.ports.wiring import Ports
from connector.usecases.write_back import WriteReport, write_back

REFUSALS_SHOWN = 20
"""Refused records that a run names; the write log has them all."""


def run(ports: Ports) -> dict[str, Any]:
    """Write back to each CRM; one that fails does not keep the others, its error is raised last.

    Raises StagePostponed where records wait because a CRM cannot be written to now.
    """
    counts: dict[str, dict[str, Any]] = {}
    failure: ConnectorError | None = None
    home = next((crm for crm in ports.crms if crm.is_home), None)
    for crm in ports.crms:
        try:
            report = write_back(crm, storage=ports.storage, policy=ports.policy, clock=ports.clock, home=home)
            counts[crm.name] = _counts(report)
        except ConnectorError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    _demand_written(counts)
    return counts


def _counts(report: WriteReport) -> dict[str, Any]:
    """The report, with the number of refused records and the first of them."""
    return asdict(report) | {"refused": len(report.refused), "refusals": report.refused[:REFUSALS_SHOWN]}


def _demand_written(counts: Mapping[str, Mapping[str, Any]]) -> None:
    waiting = [f"{crm}: {each['postponed']} records wait" for crm, each in counts.items() if each["postponed"]]
    if waiting:
        raise StagePostponed("; ".join(waiting), counts=counts)
