"""The sync job: every CRM, or one of them."""

from typing import Any

from connector.ports.errors import ConnectorError
from connector.ports.wiring import Ports
from connector.usecases.sync import KindSync, sync


def run(ports: Ports, *, only: str | None = None) -> dict[str, Any]:
    """Sync each CRM and return what came; one that fails does not keep the others, its error is raised last."""
    counts: dict[str, Any] = {}
    failure: ConnectorError | None = None
    for crm in (each for each in ports.crms if only in (None, each.name)):
        try:
            counts[crm.name] = _counts(sync(crm, storage=ports.storage, clock=ports.clock, crms=ports.crms))
        except ConnectorError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return counts


def _counts(kinds: list[KindSync]) -> dict[str, Any]:
    return {
        each.kind.value: {
            "pulled": each.records,
            "inserted": each.counts.inserted,
            "changed": each.counts.changed,
            "removed": each.counts.removed,
        }
        for each in kinds
    }
