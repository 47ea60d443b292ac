"""The portal's deals: how they begin and the stages they go through, in two pipelines."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from adapters.sandbox.chance import below, chance, pick, unit, weighted
from adapters.sandbox.hubspot.catalogue import PIPELINES
from adapters.sandbox.hubspot.derived import derived
from adapters.sandbox.hubspot.kinds import DEALS
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.world.hub_population import Props
from adapters.sandbox.world.population import Plan

_RENEWALS = "761040501"
_SUBJECTS = ("Sensors", "Service contract", "Line upgrade", "Pilot", "Spare parts", "Second site", "Training")


def hub_deal(plan: Plan, number: int, *, day: date, owner: str, fresh: bool = False) -> Props:
    """The deal with this number, opened or closed around the day; a fresh one is in its first stage."""
    key = (plan.seed, "hub deal", number)
    pipeline = _RENEWALS if chance(0.35, *key, "renewal") else "default"
    stages = PIPELINES[pipeline]
    stage = stages[0][0] if fresh else weighted(tuple((one[0], 1.0) for one in stages), *key, "stage")
    ahead = below(120, *key, "days") + 1
    closes = day + timedelta(days=-ahead if _closes(stage) else ahead)
    props = {
        "dealname": f"{pick(_SUBJECTS, *key, 'subject')} {day.year}-{number % 10000:04d}",
        "pipeline": pipeline,
        "dealstage": stage,
        "amount": f"{4_000 + 120_000 * unit(*key, 'amount') ** 2:.2f}",
        "closedate": at_noon(closes),
        "dealtype": "existingbusiness" if pipeline == _RENEWALS else "newbusiness",
        "hubspot_owner_id": owner,
    }
    return {**props, **derived(DEALS, props, plan.start)}


def at_noon(day: date) -> str:
    """The close date of a day, which the portal keeps as an instant."""
    return kept(datetime.combine(day, time(12), tzinfo=UTC))


def next_hub_stage(seed: int, deal_id: int, stage: str, day: date) -> str | None:
    """The stage an open deal moves to on this day, or None when nothing happens."""
    if not chance(0.025, seed, "hub deal moves", deal_id, day):
        return None
    stages = next(stages for stages in PIPELINES.values() if any(one[0] == stage for one in stages))
    place = next(place for place, one in enumerate(stages) if one[0] == stage)
    if not _closes(stages[place + 1][0]):
        return stages[place + 1][0]
    return stages[-2][0] if chance(0.6, seed, "hub deal won", deal_id, day) else stages[-1][0]


def _closes(stage: str) -> bool:
    return any(one[0] == stage and one[2] in (0.0, 1.0) for stages in PIPELINES.values() for one in stages)
