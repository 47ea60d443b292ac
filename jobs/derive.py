"""The derive job: facts that other records tell."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from connector.ports.wiring import Ports
from connector.usecases.derive import derive


def run(ports: Ports) -> dict[str, Any]:
    """Derive what is loaded; returns how many facts there were, how many of them had been out of date, how many values
    changed, and how many facts wait.
    """
    organisation = ports.policy.organisation
    return asdict(derive(storage=ports.storage, organisation=organisation, crms=ports.crms, clock=ports.clock))


def has_news(counts: Mapping[str, Any]) -> bool:
    """Whether a plan would see something new after a run with these counts, or has waited for it."""
    return bool(counts["changed"] or counts["renewed"])
