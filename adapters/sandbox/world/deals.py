"""Opportunities: how they begin and the stages they go through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from adapters.sandbox.chance import below, chance, pick, unit, weighted
from adapters.sandbox.world.population import Plan, Record, owner, stamps

OPEN_STAGES = ("Prospecting", "Proposal", "Negotiation")
_BEGIN = (("Prospecting", 0.3), ("Proposal", 0.2), ("Negotiation", 0.15), ("Closed Won", 0.22), ("Closed Lost", 0.13))
_SUBJECTS = ("Sensors", "Service contract", "Line upgrade", "Pilot", "Spare parts", "Second site", "Training")


def stage_flags(stage: str) -> dict[str, Any]:
    """The two flags the org derives from a stage."""
    return {"IsClosed": int(stage.startswith("Closed")), "IsWon": int(stage == "Closed Won")}


def deal(plan: Plan, number: int, account: int, *, day: date, stage: str) -> Record:
    """The opportunity with this number at an account, opened or closed around the day."""
    key = (plan.seed, "deal", number)
    kind = "Renewal" if chance(0.35, *key, "kind") else "New Business"
    ahead = below(120, *key, "days") + 1
    return {
        "Id": plan.id("Opportunity", number),
        "AccountId": plan.id("Account", account),
        "Name": f"{pick(_SUBJECTS, *key, 'subject')} {day.year}-{number % 10000:04d}",
        "StageName": stage,
        "Amount": round(4_000 + 120_000 * unit(*key, "amount") ** 2, 2),
        "CloseDate": (day + timedelta(days=-ahead if stage.startswith("Closed") else ahead)).isoformat(),
        "Type": kind,
        **stage_flags(stage),
        "OwnerId": owner(plan, "account", account),
        **stamps(plan, "deal", number),
    }


def deals(plan: Plan) -> Iterator[Record]:
    """All opportunities of the beginning; half of them name a contact, the first one of their account."""
    for number in range(plan.opportunities):
        key = (plan.seed, "deal", number)
        account = below(plan.accounts, *key, "account")
        record = deal(plan, number, account, day=plan.start.date(), stage=weighted(_BEGIN, *key, "stage"))
        # Contact number = account number for the first contact of each account.
        named = chance(0.5, *key, "contact") and account < plan.contacts
        yield {**record, "ContactId": plan.id("Contact", account) if named else None}


def next_stage(seed: int, record_id: str, stage: str, day: date) -> str | None:
    """The stage an open opportunity moves to on this day, or None when nothing happens."""
    if not chance(0.025, seed, "deal moves", record_id, day):
        return None
    if stage != "Negotiation":
        return OPEN_STAGES[OPEN_STAGES.index(stage) + 1]
    return "Closed Won" if chance(0.6, seed, "deal won", record_id, day) else "Closed Lost"
