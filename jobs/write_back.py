"""The write-back job: changed values to every CRM."""

from dataclasses import asdict
from typing import Any

from connector.ports.errors import ConnectorError
from connector.ports.wiring import Ports
from connector.usecases.write_back import write_back


def run(ports: Ports) -> dict[str, Any]:
    """Write back to each CRM; one that fails does not keep the others, its error is raised last."""
    counts: dict[str, Any] = {}
    failure: ConnectorError | None = None
    for crm in ports.crms:
        try:
            report = write_back(crm, storage=ports.storage, policy=ports.policy, clock=ports.clock)
            counts[crm.name] = asdict(report)
        except ConnectorError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return counts
