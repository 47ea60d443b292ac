"""What one process of a crash test does: it lives the days that are left of a month, and dies where it is told to."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector.cli.logs import log_to_stderr
from jobs.stages import STAGES, run_stage
from tests.crash.points import Kill, Points
from tests.e2e.months import days_of, wired_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Which month is lived where; `counts` is a file for the events that the last process sees."""

    settings: Path
    control: str
    start: datetime
    counts: Path


def live(month: Month, kill: Kill | None) -> None:
    """Live from the day on which the sandbox's clock stands to the end, or to the kill; changes the whole process."""
    points = Points(kill=kill)
    points.watch()
    log_to_stderr(least=logging.WARNING)
    with wired_to(month.control, settings=month.settings) as (ports, sandbox):
        for _, on_the_day in days_of(ports, sandbox, start=month.start):
            for stage in STAGES:
                run_stage(stage, on_the_day)
    month.counts.write_text(json.dumps(points.seen))
