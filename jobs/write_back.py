"""The write-back job of one CRM: changed values to its records."""

from dataclasses import asdict
from typing import Any

from connector.ports.errors import StagePostponed
from connector.ports.wiring import Crm, Ports
from connector.usecases.write_back import WriteReport, write_back

REFUSALS_SHOWN = 20
"""Refused records that a run names; the write log has them all."""


def run(ports: Ports, crm: Crm) -> dict[str, Any]:
    """Write back to a CRM. Raises StagePostponed where records wait because it cannot be written to now."""
    home = next((each for each in ports.crms if each.is_home), None)
    report = write_back(crm, storage=ports.storage, policy=ports.policy, clock=ports.clock, home=home)
    counts = _counts(report)
    if report.postponed:
        raise StagePostponed(f"{crm.name}: {report.postponed} records wait", counts=counts)
    return counts


def _counts(report: WriteReport) -> dict[str, Any]:
    """The report, with the number of refused records and the first of them."""
    return asdict(report) | {"refused": len(report.refused), "refusals": report.refused[:REFUSALS_SHOWN]}
