"""How each job stands: how its last run ended, when it is due next, and what was missed or failed lately."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from connector.domain.fires import next_due
from connector.ports.storage.firing import Standing
from connector.ports.storage.running import Run
from connector.ports.wiring import Ports
from jobs.firing import KEPT
from jobs.job import Job
from jobs.stages import jobs_of


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStanding:
    """One job for `status`. `next_due` is None where the job has never been served; that is past where it is overdue.

    `missed` counts slots without a fire of their own, `failed` fires that failed, both over the last `days` days.
    """

    job: str
    is_running: bool
    last_run_at: datetime | None
    last_outcome: str | None
    next_due: datetime | None
    missed: int
    failed: int
    days: int = KEPT.days


def standings(ports: Ports) -> list[dict[str, Any]]:
    """Every job in the order of the loop, as values for `status`."""
    with ports.storage.snapshot() as unit:
        fires = unit.fires.standings(real=ports.real_clock.now())
        runs = {run.stage: run for run in unit.runs.latest()}
    return [asdict(_standing(job, fires=fires, run=runs.get(job.key))) for job in jobs_of(ports)]


def _standing(job: Job, *, fires: Mapping[str, Standing], run: Run | None) -> JobStanding:
    fire = fires.get(job.key)
    return JobStanding(
        job=job.key,
        is_running=fire is not None and fire.is_running,
        last_run_at=run.started_at if run else None,
        last_outcome=run.outcome if run else None,
        next_due=next_due(job.schedules, last=fire.last_due_at, waits_until=fire.waits_until) if fire else None,
        missed=fire.missed if fire else 0,
        failed=fire.failed if fire else 0,
    )
