"""Serve: the scheduler front beside the pages in one process, until told to end."""

from collections.abc import Callable

import structlog

from connector.ports.wiring import Ports
from jobs.scheduler import build_scheduler

log = structlog.get_logger()


def serve(ports: Ports, *, run_public: Callable[[], None]) -> None:
    """Run what is due and serve the public app until it ends; fires that are running then are finished first."""
    scheduler = build_scheduler(ports)
    scheduler.start()
    console = f"http://{':'.join(map(str, ports.console))}/"
    log.info("serving", host=ports.listen[0], port=ports.listen[1], console=console, mode=ports.policy.mode.value)
    try:
        run_public()
    finally:
        scheduler.shutdown(wait=True)
