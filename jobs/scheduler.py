"""The APScheduler front: it only ticks. The fire ledger decides what runs, so any number of fronts may tick."""

import logging

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from connector.ports.wiring import Ports
from jobs.firing import fire_quietly, tidy
from jobs.stages import jobs_of

TICK_SECONDS = 5
"""Between looks at the ledger: how long work that was announced waits at most for a job that is not running."""
TIDY = "tidy"


def build_scheduler(ports: Ports) -> BackgroundScheduler:
    """A scheduler, not started, that looks for each job's fires from the start on and never runs a job twice at a time.

    `misfire_grace_time` is 1 s by default, which drops late runs without a word.
    """
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    jobs, now = jobs_of(ports), ports.real_clock.now()
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(len(jobs) + 1)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job in jobs:
        scheduler.add_job(fire_quietly, "interval", (job, ports), id=job.key, seconds=TICK_SECONDS, next_run_time=now)
    scheduler.add_job(tidy, "interval", (ports,), id=TIDY, days=1, next_run_time=now)
    return scheduler
