"""Fires: what the ledger says is due is taken under a lease, run, and settled. The claim guards the job besides."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from connector.ports.errors import ConnectorError, StorageError
from connector.ports.storage.firing import Fire
from connector.ports.wiring import Ports
from jobs.job import Job
from jobs.runs import run_noted

log = structlog.get_logger()

LEASE = timedelta(minutes=1)
"""How long a fire stays with a process that died, on real time; `LEASE` less `RENEW_SECONDS` outlasts any commit."""
RENEW_SECONDS = 15.0
SETTLING_SECONDS = 1.0
KEPT = timedelta(days=14)
"""How long fires and runs that ended are kept."""


def fire_quietly(job: Job, ports: Ports) -> None:
    """Run a job where it is due and log how that ended. The ledger knows what failed, and when it comes again."""
    try:
        fire = fire_due(job, ports)
    except ConnectorError as error:
        log.error("job_failed", job=job.key, verdict=error.verdict.value, error=str(error))
    except Exception as error:  # noqa: BLE001 -- the scheduler's thread must live; the run's row has the text
        log.error("job_broke", job=job.key, error=type(error).__name__)
    else:
        if fire is not None:
            log.info("job_done", job=job.key, fire=fire.key)


def fire_due(job: Job, ports: Ports) -> Fire | None:
    """Take the job's fire and run it; None where nothing is due or somebody else has it. Raises what the job raises."""
    if not _is_due(job, ports):
        return None
    with ports.storage.claim(job.key) as is_ours:
        fire = _take(job, ports) if is_ours else None
        if fire is not None:
            with leased(fire, ports):
                run_noted(job, ports, fire=fire)
    return fire


@contextmanager
def leased(fire: Fire, ports: Ports, *, every_seconds: float = RENEW_SECONDS) -> Iterator[None]:
    """Renew the fire's lease while the block runs, in a thread of its own, since one request can take minutes.

    A lease that is lost all the same ends nothing: the claim still keeps everybody else from the job, and the fire
    can no longer be settled by this run.
    """
    has_ended = threading.Event()
    thread = threading.Thread(
        target=_keep_renewing, args=(fire, ports, has_ended, every_seconds), name=f"lease of {fire.job}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        has_ended.set()
        thread.join()


def tidy(ports: Ports) -> None:
    """Forget fires and runs that ended long ago."""
    with ports.storage.begin() as unit:
        unit.fires.forget(before=ports.real_clock.now() - KEPT)
        unit.runs.forget(before=ports.clock.now() - KEPT)
        unit.commit()


def _is_due(job: Job, ports: Ports) -> bool:
    with ports.storage.snapshot() as unit:
        return unit.fires.is_due(job.key, job.schedules, now=ports.clock.now(), real=ports.real_clock.now())


def _take(job: Job, ports: Ports) -> Fire | None:
    real = ports.real_clock.now()
    with ports.storage.begin() as unit:
        fire = unit.fires.take(job.key, job.schedules, now=ports.clock.now(), real=real, lease_until=real + LEASE)
        unit.commit()
    return fire


def _keep_renewing(fire: Fire, ports: Ports, has_ended: threading.Event, every_seconds: float) -> None:
    while not has_ended.wait(every_seconds):
        try:
            is_ours = _renew(fire, ports)
        except StorageError as error:
            log.warning("lease_not_renewed", job=fire.job, fire=fire.key, error=str(error))
            continue
        if not is_ours:
            if not has_ended.wait(SETTLING_SECONDS):  # else it has just been settled
                log.warning("lease_lost", job=fire.job, fire=fire.key)
            return


def _renew(fire: Fire, ports: Ports) -> bool:
    with ports.storage.begin() as unit:
        is_ours = unit.fires.renew(fire, lease_until=ports.real_clock.now() + LEASE)
        unit.commit()
    return is_ours
