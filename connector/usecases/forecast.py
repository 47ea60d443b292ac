"""Forecast: what a plan would decide on each of the next days, without deciding anything."""

from collections.abc import Sequence
from datetime import date, timedelta

from connector.domain.forecasts import Forecast
from connector.domain.programs import Policy
from connector.domain.selection import Decision
from connector.ports.clock import Clock
from connector.ports.storage.unit import Storage
from connector.ports.wiring import Crm
from connector.usecases.plan import compute_plan

DAYS = 30


def forecast(*, storage: Storage, policy: Policy, crms: Sequence[Crm], clock: Clock, days: int = DAYS) -> Forecast:
    """What would be decided from today through `days` from now, each decision on the day when it falls due."""
    now = clock.now()
    today = policy.organisation.day_of(now)
    through = today + timedelta(days=days)
    with storage.snapshot() as unit:
        planned = compute_plan(unit, policy=policy, crms=crms, now=now + timedelta(days=days))
    by_day: dict[date, list[Decision]] = {}
    for decision in planned.decisions:
        by_day.setdefault(max(today, decision.candidate.occurrence.due_on), []).append(decision)
    return Forecast(since=today, through=through, days=by_day)
