"""Forecast: what plans would decide on each of the next days, one after the other, without deciding anything."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import cast

from connector.domain.forecasts import Forecast
from connector.domain.programs import Policy
from connector.domain.selection import Decision
from connector.ports.clock import Clock
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.wiring import Crm
from connector.usecases.foreseen import Foreseen
from connector.usecases.plan import compute_plan

DAYS = 30


def forecast(*, storage: Storage, policy: Policy, crms: Sequence[Crm], clock: Clock, days: int = DAYS) -> Forecast:
    """What the plan of each day from today through `days` from now would decide that none before it did; reads only.

    Each day stands on the asks of the days before it. Records, holds and overdue actions stay as they are now.
    """
    now = clock.now()
    today = policy.organisation.day_of(now)
    through = today + timedelta(days=days)
    by_day: dict[date, Sequence[Decision]] = {}
    with storage.snapshot() as unit:
        seen = Foreseen(unit, today=today, through=through)
        reached: dict[tuple[str, str, int], tuple[str, str]] = {}
        for moment in _moments(now, policy=policy, days=days):
            # The stores below it answer for themselves, so that it needs no method that a plan does not call.
            planned = compute_plan(cast(UnitOfWork, seen), policy=policy, crms=crms, now=moment)
            seen.take(planned)
            new = [each for each in planned.decisions if reached.get(_seat(each)) != (each.verdict, each.rule)]
            reached.update({_seat(each): (each.verdict, each.rule) for each in new})
            if new:
                by_day[planned.inputs.as_of] = new
    return Forecast(since=today, through=through, days=by_day)


def _moments(now: datetime, *, policy: Policy, days: int) -> Iterator[datetime]:
    """Now, then noon of each later day of the organisation's: no change of the clock turns that into another day."""
    organisation = policy.organisation
    yield now
    for number in range(1, days + 1):
        day = organisation.day_of(now) + timedelta(days=number)
        yield datetime.combine(day, time(12), tzinfo=organisation.zone)


def _seat(decision: Decision) -> tuple[str, str, int]:
    return decision.candidate.occurrence.key, decision.track, decision.candidate.person_id
