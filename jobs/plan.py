"""The plan job: decide every candidate of what came due."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from connector.domain.programs import Track
from connector.domain.selection import VerdictKind
from connector.ports.errors import ConnectorError
from connector.ports.wiring import Ports
from connector.usecases.check_ids import demand_kept_ids
from connector.usecases.plan import PlanRefused, run_plan


class PlanChanged(ConnectorError):
    """What would be decided now differs from the plan."""

    def __init__(self, refused: PlanRefused) -> None:
        self.refused = refused
        super().__init__()


def run(ports: Ports, *, plan_id: int | None = None) -> dict[str, Any]:
    """Plan and store the decisions; returns how many there were by track and verdict.

    With `plan_id` only if they are those of that stored plan. Raises PlanChanged, and UnknownPlan where there is none;
    ConfigError where an id was changed, so that people would be asked again.
    """
    demand_kept_ids(ports.storage, policy=ports.policy, texts=ports.texts)
    remember(ports)
    planned = run_plan(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock, plan_id=plan_id)
    if isinstance(planned, PlanRefused):
        raise PlanChanged(planned)
    counts = Counter((row.track, row.verdict) for row in planned.rows)
    return {"digest": planned.digest, **{f"{track} {verdict}": n for (track, verdict), n in sorted(counts.items())}}


def has_asks(counts: Mapping[str, Any]) -> bool:
    """Whether a plan with these counts decided to ask somebody for real."""
    return bool(counts.get(f"{Track.REAL} {VerdictKind.ASK}"))


def remember(ports: Ports) -> None:
    """Store the configuration's texts under the digest that decisions carry."""
    with ports.storage.begin() as unit:
        unit.connections.remember(ports.policy.digest, ports.texts, at=ports.clock.now())
        unit.commit()
