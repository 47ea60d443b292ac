"""How each job stands for those who look at pages: its last run and, where it is served, when it comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.domain.fires import Schedule, next_due
from connector.ports.clock import Clock
from connector.ports.storage.firing import Standing
from connector.ports.storage.running import Run
from connector.ports.storage.unit import Storage, UnitOfWork

DECIDING = ("sync", "derive", "plan")
"""The stages after which the plan is decided anew."""
PATIENCE = timedelta(minutes=15)
"""How long a job may be due without being run before a page asks whether anybody runs it; slots are 30 s and more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """What pages are told of the jobs, which they cannot import: `stages` in the order in which jobs are listed.

    `schedules` are those of every job by its key, empty where nobody serves them; `kept_days` is how long runs that
    ended are kept and what was missed or failed is counted.
    """

    stages: Sequence[str]
    kept_days: int
    schedules: Mapping[str, Sequence[Schedule]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """How one job stands: its newest run, and of the last days how many fires were missed and failed.

    `waits_until` is real time and to come: when a job that failed is tried again. `next_due` is business time, None
    where the job was never served; `is_late` where that is long past and nobody runs it.
    """

    job: str
    started_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    error: str | None
    is_running: bool
    waits_until: datetime | None
    next_due: datetime | None
    is_late: bool
    missed: int
    failed: int


def read_jobs(
    *, storage: Storage, loop: Loop, clock: Clock, real_clock: Clock, stages: Sequence[str] = ()
) -> list[JobLine]:
    """Every job that ran or was due, in the order of the loop; or those of some stages."""
    with storage.snapshot() as unit:
        lines = job_lines(unit, loop=loop, now=clock.now(), real=real_clock.now())
    return [line for line in lines if not stages or _stage(line.job) in stages]


def job_lines(unit: UnitOfWork, *, loop: Loop, now: datetime, real: datetime) -> list[JobLine]:
    """The same in a snapshot that is open."""
    runs, fires = {run.stage: run for run in unit.runs.latest()}, unit.fires.standings(real=real)
    return [
        _line(key, run=runs.get(key), fire=fires.get(key), schedules=loop.schedules.get(key, ()), now=now, real=real)
        for key in sorted({*runs, *fires}, key=lambda key: _place(key, loop.stages))
    ]


def _stage(job: str) -> str:
    return job.partition(":")[0]


def _place(job: str, stages: Sequence[str]) -> tuple[int, str]:
    """In the order of the loop; what is no stage of it any more comes last."""
    stage = _stage(job)
    return (stages.index(stage) if stage in stages else len(stages)), job


def _line(
    key: str, *, run: Run | None, fire: Standing | None, schedules: Sequence[Schedule], now: datetime, real: datetime
) -> JobLine:
    waits = None if fire is None else fire.waits_until
    due = None if fire is None else next_due(schedules, last=fire.last_due_at, waits_until=waits)
    is_running = fire is not None and fire.is_running
    return JobLine(
        job=key,
        started_at=None if run is None else run.started_at,
        ended_at=None if run is None else run.finished_at,
        outcome=None if run is None else run.outcome,
        error=None if run is None else run.error,
        is_running=is_running,
        waits_until=waits if waits is not None and waits > real else None,
        next_due=due,
        is_late=due is not None and not is_running and now - due > PATIENCE,
        missed=0 if fire is None else fire.missed,
        failed=0 if fire is None else fire.failed,
    )
