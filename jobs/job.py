"""A job: named work with its schedules. Its key names its fires, its claim and its runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.fires import Daily, Every, Schedule
from connector.ports.wiring import Crm, Ports

Counts = Mapping[str, Any]
Announced = Callable[[Counts], Sequence[str]]
"""Which jobs, by key, have work after a run that ended with these counts."""


def nothing_follows(_counts: Counts) -> Sequence[str]:
    """No run makes work for another job."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work of one stage; `crm` names the connection where the stage has a job for each."""

    stage: str
    crm: str | None
    run: Callable[[Ports], Counts]
    schedules: Sequence[Schedule]
    follows: Announced = nothing_follows
    passes_on: Sequence[str] = ()
    """The jobs, by key, for which work that was announced for this one is work too, whatever this one did."""

    @property
    def key(self) -> str:
        """Such as `plan` or `sync:sf`."""
        return self.stage if self.crm is None else f"{self.stage}:{self.crm}"


Stage = Callable[[str, Ports], Sequence[Job]]
"""The jobs of a stage, by the stage's name and what is wired."""


def once(
    run: Callable[[Ports], Counts],
    *,
    seconds: int,
    is_daily: bool = False,
    follows: Announced = nothing_follows,
    passes_on: Sequence[str] = (),
) -> Stage:
    """A stage of one job for the whole database; `is_daily` makes it due on each local date as well."""

    def jobs(stage: str, ports: Ports) -> Sequence[Job]:
        days = (Daily(ports.policy.organisation.timezone),) if is_daily else ()
        schedules = (Every(seconds), *days)
        return [Job(stage=stage, crm=None, run=run, schedules=schedules, follows=follows, passes_on=passes_on)]

    return jobs


def for_each_crm(
    run: Callable[[Ports, Crm], Counts], *, seconds: int | None = None, follows: Announced = nothing_follows
) -> Stage:
    """A stage with a job for each connection, as often as the connection's `every` says where no seconds are given."""

    def job(stage: str, crm: Crm) -> Job:
        return Job(
            stage=stage,
            crm=crm.name,
            run=lambda ports: run(ports, crm),
            schedules=(Every(seconds or crm.every_seconds),),
            follows=follows,
        )

    return lambda stage, ports: [job(stage, crm) for crm in ports.crms]
