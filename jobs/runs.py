"""One run of a job, under its claim and noted in the history; that of a fire is settled in the same commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from connector.domain.fires import FireState, wait_after
from connector.ports.errors import ConnectorError, CrmRateLimited, StageFailed, StagePostponed, Verdict
from connector.ports.storage.firing import Fire
from connector.ports.wiring import Ports
from jobs.job import Counts, Job


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """How one run of a job ended; without counts and error somebody else was running it."""

    job: Job
    counts: Counts | None
    error: ConnectorError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """How a run ended: the outcome for the history, and whether its fire comes again before the next slot.

    `postponed` is what is tried again by itself, `failed` what has to be mended first.
    """

    outcome: str
    counts: Mapping[str, Any]
    error: str | None = None
    state: FireState = FireState.DONE
    wait: timedelta | None = None


def run_now(job: Job, ports: Ports) -> JobRun:
    """Run a job by hand, as no fire; a failure of ours comes back with what was done until then, others are raised."""
    with ports.storage.claim(job.key) as is_ours:
        if not is_ours:
            return JobRun(job=job, counts=None)
        try:
            return JobRun(job=job, counts=run_noted(job, ports))
        except (StagePostponed, StageFailed) as error:
            return JobRun(job=job, counts=error.counts, error=error)
        except ConnectorError as error:
            return JobRun(job=job, counts=None, error=error)


def run_noted(job: Job, ports: Ports, *, fire: Fire | None = None) -> Counts:
    """Run a job and note how it went. The caller holds its claim. Raises what the job raises, after noting it."""
    with ports.storage.begin() as unit:
        run_id = unit.runs.start(job.key, at=ports.clock.now())
        unit.commit()
    try:
        counts = job.run(ports)
    except BaseException as error:
        _end(job, ports, run_id, _failed(error, attempts=fire.attempts if fire else 1), fire)
        raise
    _end(job, ports, run_id, _Ending(outcome="ok", counts=counts), fire)
    return counts


def _failed(error: BaseException, *, attempts: int) -> _Ending:
    counts = error.counts if isinstance(error, StagePostponed | StageFailed) else {}
    ending = _Ending(outcome="failed", counts=counts, error=_told(error), state=FireState.FAILED)
    postponed = replace(ending, outcome="postponed", state=FireState.DUE)
    if not isinstance(error, Exception):  # interrupted: whoever comes next can have it
        return replace(postponed, wait=timedelta(0))
    if isinstance(error, ConnectorError) and error.verdict is Verdict.RETRY:
        asked = error.retry_after if isinstance(error, CrmRateLimited) else None
        wait = max(wait_after(attempts), timedelta(seconds=asked or 0))
        return replace(postponed, wait=wait)
    return ending


def _told(error: BaseException) -> str:
    """What the history keeps of a failure: our own words, and of any other only the kind, as it may quote values."""
    if isinstance(error, StagePostponed):  # the outcome says its kind
        return str(error)
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, ConnectorError) else kind


def _end(job: Job, ports: Ports, run_id: int, ending: _Ending, fire: Fire | None) -> None:
    """Note the end of a run and, of a fire, its own end and the work that follows: one commit."""
    now, real = ports.clock.now(), ports.real_clock.now()
    with ports.storage.begin() as unit:
        unit.runs.finish(run_id, at=now, outcome=ending.outcome, counts=ending.counts, error=ending.error)
        if fire is not None:
            not_before = None if ending.wait is None else real + ending.wait
            unit.fires.settle(
                fire, state=ending.state, real=real, run_id=run_id, error=ending.error, not_before=not_before
            )
            for key in _followed_by(job, ending.counts, fire) if ending.outcome == "ok" else ():
                unit.wake(key, at=now)
        unit.commit()


def _followed_by(job: Job, counts: Counts, fire: Fire) -> Sequence[str]:
    """The jobs, by key, that have work after this run, each once."""
    passed_on = job.passes_on if fire.is_announced else ()
    return tuple(dict.fromkeys((*job.follows(counts), *passed_on)))
