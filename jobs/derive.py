"""The derive job: facts that other records tell."""

from dataclasses import asdict
from typing import Any

from connector.ports.wiring import Ports
from connector.usecases.derive import derive


def run(ports: Ports) -> dict[str, Any]:
    """Derive what is loaded; returns how many facts there were, how many values changed, and how many facts wait."""
    organisation = ports.policy.organisation
    return asdict(derive(storage=ports.storage, organisation=organisation, crms=ports.crms, clock=ports.clock))
