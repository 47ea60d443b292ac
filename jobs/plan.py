"""The plan job: decide every candidate of what came due."""

from collections import Counter
from typing import Any

from connector.ports.wiring import Ports
from connector.usecases.plan import PlanRefused, run_plan


def run(ports: Ports) -> dict[str, Any]:
    """Plan and store the decisions; returns how many there were by track and verdict."""
    remember(ports)
    planned = run_plan(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)
    if isinstance(planned, PlanRefused):
        raise TypeError("Only a plan with a number can be refused.")
    counts = Counter((row.track, row.verdict) for row in planned.rows)
    return {"digest": planned.digest, **{f"{track} {verdict}": n for (track, verdict), n in sorted(counts.items())}}


def remember(ports: Ports) -> None:
    """Store the configuration's texts under the digest that decisions carry."""
    with ports.storage.begin() as unit:
        unit.connections.remember(ports.policy.digest, ports.texts, at=ports.clock.now())
        unit.commit()
