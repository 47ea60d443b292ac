"""Serve: the scheduler front beside the public app in one process, until told to end."""

from collections.abc import Callable

import structlog

from connector.ports.wiring import Ports
from jobs.scheduler import build_scheduler, run_quietly
from jobs.stages import STAGES

log = structlog.get_logger()


def serve(ports: Ports, *, run_public: Callable[[], None]) -> None:
    """Start the scheduler and serve the public app until it ends; stages that are running then are finished first."""
    scheduler = build_scheduler(ports)
    scheduler.start()
    scheduler.add_job(_run_once, args=(ports,), id="at start")
    log.info("serving", host=ports.listen[0], port=ports.listen[1], mode=ports.policy.mode.value)
    try:
        run_public()
    finally:
        scheduler.shutdown(wait=True)


def _run_once(ports: Ports) -> None:
    """Every stage in the order of the loop: a plan beside a first sync would see nothing and come again much later."""
    for stage in STAGES:
        run_quietly(stage, ports)
