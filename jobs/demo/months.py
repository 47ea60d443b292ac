"""Lives through simulated days: turn the sandbox's clock, then run every stage as the scheduler would."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connector.ports.wiring import Ports
from jobs.demo.sandbox import Sandbox
from jobs.stages import STAGES, run_stage

DAYS_A_MONTH = 365 / 12


@dataclass(frozen=True, slots=True)
class Moment:
    """A clock that stands still while the stages of one simulated day run."""

    at: datetime

    def now(self) -> datetime:
        """The day's moment."""
        return self.at


@dataclass(slots=True)
class Lived:
    """What the days added up to so far."""

    days: int = 0
    sent: int = 0
    pulled: dict[str, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)

    def add(self, stage: str, counts: dict[str, Any]) -> None:
        """Count one run of a stage."""
        if stage == "ask":
            self.sent += counts.get("sent", 0)
        if stage == "sync":
            for crm, kinds in counts.items():
                self.pulled[crm] = self.pulled.get(crm, 0) + sum(kind["pulled"] for kind in kinds.values())
        if stage == "write_back":
            for crm, report in counts.items():
                self.written[crm] = self.written.get(crm, 0) + report["written"]


def live(ports: Ports, sandbox: Sandbox, *, months: int, after_day: Callable[[datetime, Lived], None]) -> Lived:
    """Live `months` months from the sandbox's now, a day at a time; `after_day` hears of each."""
    lived, start = Lived(), sandbox.now()
    for day in range(round(months * DAYS_A_MONTH) + 1):
        moment = start + timedelta(days=day)
        sandbox.turn(moment)
        for stage in STAGES:
            done = run_stage(stage, replace(ports, clock=Moment(moment)))
            lived.add(stage, dict(done.counts or {}))
        lived.days = day
        after_day(moment, lived)
    return lived
