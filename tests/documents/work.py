"""The jobs by stage, as a table: how many there are, when they are due, what they do."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from connector.domain.fires import Daily, Every, Schedule
from connector.ports.wiring import Ports
from jobs.job import Job
from jobs.stages import STAGES
from tests.documents.tables import code, first_sentence, table

_CRM = "CRM"
_OWN_SECONDS = 86_399
"""No job has this interval of its own: where it is seen, the connection's `every` decides."""


def jobs_table() -> str:
    """Every stage in the order of the loop."""
    ports = cast(
        Ports,
        SimpleNamespace(
            crms=[SimpleNamespace(name=_CRM, every_seconds=_OWN_SECONDS)],
            policy=SimpleNamespace(organisation=SimpleNamespace(timezone="Pacific/Auckland")),
        ),
    )
    return table(("job", "due", "what it does"), [_row(stage, make(stage, ports)) for stage, make in STAGES.items()])


def _row(stage: str, jobs: Sequence[Job]) -> tuple[str, str, str]:
    (job,) = jobs
    module: Any = sys.modules[f"jobs.{stage}"]
    due = " and ".join(_due(each) for each in job.schedules)
    does = first_sentence(module.run.__doc__).partition(";")[0]  # behind it stands what the function returns
    return code(job.key), due, does


def _due(schedule: Schedule) -> str:
    match schedule:
        case Daily():
            return "on each day of the organisation's calendar"
        case Every(seconds=seconds) if seconds == _OWN_SECONDS:
            return "as often as the connection's `every` says"
        case Every(seconds=seconds):
            return f"every {_words(timedelta(seconds=seconds))}"
        case _:
            raise AssertionError(schedule)


def _words(duration: timedelta) -> str:
    seconds = round(duration.total_seconds())
    return f"{seconds // 60} min" if seconds % 60 == 0 and seconds > 60 else f"{seconds} s"
