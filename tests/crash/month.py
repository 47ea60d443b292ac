"""One process that lives simulated days with the survey pages open, and dies where it is told to.

Run as `python -m tests.crash.month`; what it needs comes in the environment variable CRASH_MONTH, as JSON.
"""

import json
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from connector.bootstrap import configure, wired
from connector.cli.logs import log_to_stderr
from connector.cli.serve import public_pages
from connector.ports.wiring import Ports
from jobs.demo.months import Moment
from jobs.demo.sandbox import Sandbox
from jobs.stages import STAGES, run_stage
from tests.crash.points import Kill, Points

VARIABLE = "CRASH_MONTH"
TURN_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Which days are lived where; `kill` is a Kill as text, or empty; `counts` is a file for the events seen."""

    settings: str
    control: str
    start: str
    days: int
    kill: str
    counts: str

    def told(self) -> str:
        """The month as the child reads it."""
        return json.dumps(asdict(self))


def main() -> None:
    """Live from the day on which the sandbox's clock stands; the day that it stands at is lived again."""
    month = Month(**json.loads(os.environ[VARIABLE]))
    points = Points(kill=Kill.of(month.kill) if month.kill else None)
    points.watch()
    log_to_stderr(least=logging.WARNING)
    sandbox = _sandbox(month.control)
    with wired(configure(Path(month.settings), environ=os.environ), clock=sandbox) as ports, _pages(ports):
        _live(ports, sandbox, start=datetime.fromisoformat(month.start), days=month.days)
    Path(month.counts).write_text(json.dumps(points.seen))


def _sandbox(control: str) -> Sandbox:
    http = httpx.Client(timeout=TURN_SECONDS, trust_env=False)
    return Sandbox(salesforce={}, hubspot={}, smtp_host="", smtp_port=0, control_url=control, http=http)


def _live(ports: Ports, sandbox: Sandbox, *, start: datetime, days: int) -> None:
    for day in range(days + 1):
        moment = start + timedelta(days=day)
        if moment < sandbox.now():
            continue
        sandbox.turn(moment)
        for stage in STAGES:
            run_stage(stage, replace(ports, clock=Moment(moment)))


@contextmanager
def _pages(ports: Ports) -> Iterator[None]:
    server = public_pages(ports)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()
