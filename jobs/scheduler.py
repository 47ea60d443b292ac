"""The APScheduler front: intervals become runs of stages on a thread pool. Rows are the truth, jobs are wake-ups."""

import logging

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from connector.ports.errors import ConnectorError
from connector.ports.wiring import Ports
from jobs.stages import STAGES, run_stage

log = structlog.get_logger()

PLAN_SECONDS = 900
MAIL_SECONDS = 60
"""A minute between looks at the outbox and at dirty records: an answer shows in the CRM within two (design 4)."""


ACT_SECONDS = 30
"""Half a minute between looks at new answers, and as much between looks at tasks to make: from an answer to its task
it takes one minute and the work itself, of the two that are promised."""


def build_scheduler(ports: Ports) -> BackgroundScheduler:
    """A scheduler, not started, with one interval job a stage; a late run is made up once, never twice at a time.

    `misfire_grace_time` is 1 s by default, which drops late runs without a word.
    """
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(len(STAGES))},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for stage, seconds in intervals(ports).items():
        scheduler.add_job(run_quietly, "interval", (stage, ports), id=stage, seconds=seconds)
    return scheduler


def intervals(ports: Ports) -> dict[str, int]:
    """Seconds between runs of each stage: sync as often as the most eager CRM asks for."""
    eager = min((crm.every_seconds for crm in ports.crms), default=PLAN_SECONDS)
    return {
        "sync": eager,
        "plan": min(eager, PLAN_SECONDS),
        "ask": MAIL_SECONDS,
        "act": ACT_SECONDS,
        "tasks": ACT_SECONDS,
        "write_back": MAIL_SECONDS,
    }


def run_quietly(stage: str, ports: Ports) -> None:
    """Run a stage and log how it ended; a failure is logged with its verdict and the next fire tries again."""
    try:
        done = run_stage(stage, ports)
    except ConnectorError as error:
        log.error("stage_failed", stage=stage, verdict=error.verdict.value, error=str(error))
    except Exception as error:  # noqa: BLE001 -- the scheduler's thread must live; the run's row has the text
        log.error("stage_broke", stage=stage, error=type(error).__name__)
    else:
        log.info("stage_done", stage=stage, is_skipped=done.counts is None)
