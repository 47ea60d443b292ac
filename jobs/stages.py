"""The stages by name, each run under its claim and noted in the history of runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connector.ports.errors import ConnectorError, StagePostponed
from connector.ports.wiring import Ports
from jobs import act, ask, plan, sync, tasks, write_back

Job = Callable[[Ports], dict[str, Any]]
STAGES: Mapping[str, Job] = {
    "sync": sync.run,
    "plan": plan.run,
    "ask": ask.run,
    "act": act.run,
    "tasks": tasks.run,
    "write_back": write_back.run,
}
"""In the order of the loop; `hear` is the public page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """How one run of a stage ended; `counts` is None where somebody else was running it."""

    stage: str
    counts: Mapping[str, Any] | None


def run_stage(stage: str, ports: Ports, *, job: Job | None = None) -> StageRun:
    """Run one stage now, `job` being a variant of its own one. Raises what the stage raises, after noting it."""
    with ports.storage.claim(stage) as is_ours:
        if not is_ours:
            return StageRun(stage=stage, counts=None)
        return StageRun(stage=stage, counts=_noted(stage, ports, job or STAGES[stage]))


def _noted(stage: str, ports: Ports, job: Job) -> dict[str, Any]:
    with ports.storage.begin() as unit:
        run_id = unit.runs.start(stage, at=ports.clock.now())
        unit.commit()
    try:
        counts = job(ports)
    except StagePostponed as waiting:
        _finish(ports, run_id, outcome="postponed", counts=waiting.counts, error=str(waiting))
        raise
    except BaseException as error:
        _finish(ports, run_id, outcome="failed", counts={}, error=_told(error))
        raise
    _finish(ports, run_id, outcome="ok", counts=counts, error=None)
    return counts


def _told(error: BaseException) -> str:
    """What the history keeps of a failure: our own words, and of any other only the kind, as it may quote values."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, ConnectorError) else kind


def _finish(ports: Ports, run_id: int, *, outcome: str, counts: Mapping[str, Any], error: str | None) -> None:
    with ports.storage.begin() as unit:
        unit.runs.finish(run_id, at=ports.clock.now(), outcome=outcome, counts=counts, error=error)
        unit.commit()
