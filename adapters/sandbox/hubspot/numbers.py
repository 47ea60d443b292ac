"""The ids of the portal: fixed by the plan, larger than 32 bits, never the same for two records of any kind."""

from __future__ import annotations

from functools import lru_cache

from adapters.sandbox.chance import below
from adapters.sandbox.hubspot.kinds import Kind
from adapters.sandbox.world.population import Plan


def hub_id(plan: Plan, kind: Kind, number: int) -> int:
    """The id of the number-th record of a kind; ids sort as their numbers do."""
    return kind.first_id + _offset(plan.seed, kind.name) + number


def portal_id(plan: Plan) -> int:
    """The portal's own id."""
    return 144_000_000 + below(900_000, plan.seed, "portal")


def owner_id(plan: Plan, number: int) -> int:
    """The id under which an owner owns records."""
    return 41_000_000 + _offset(plan.seed, "owner") + number * 7


def user_id(plan: Plan, number: int) -> int:
    """The other id of the same person, which owns nothing."""
    return 9_500_000 + _offset(plan.seed, "user") + number * 3


@lru_cache(maxsize=64)
def _offset(seed: int, name: str) -> int:
    return below(900_000, seed, "hubspot first id", name)
