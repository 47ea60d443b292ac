"""The act job: what answers ask of us becomes actions."""

from dataclasses import asdict
from typing import Any

from connector.ports.wiring import Ports
from connector.usecases.act import Acting, act


def run(ports: Ports) -> dict[str, Any]:
    """Look at each response's action rules once; returns how many opened an action and how many did not."""
    return asdict(act(Acting(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)))
