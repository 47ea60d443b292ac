"""What reps fill in on accounts and contacts now and then, in both CRMs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from adapters.sandbox.world.population import Plan
from adapters.sandbox.world.rep_fields import events
from tests.adapters.sandbox.conftest import START


def found(days=365, **sizes):
    plan = Plan(1, **{"accounts": 80, "contacts": 600, "start": START, **sizes})
    first = START.date()
    return [event for n in range(days) for event in events(None, plan, first + timedelta(days=n))]


def test_a_year_brings_a_few_holds_levels_and_leavers_to_both_crms():
    counted = {}
    for event in found():
        counted[event.object, event.kind] = counted.get((event.object, event.kind), 0) + 1
    wanted = {
        ("Account", "rep held"): 8,
        ("Contact", "rep held"): 18,
        ("Contact", "rep levelled"): 24,
        ("Contact", "rep saw leave"): 12,
        ("companies", "rep held"): 6,
        ("contacts", "rep held"): 12,
        ("contacts", "rep levelled"): 16,
        ("contacts", "rep saw leave"): 8,
    }
    assert counted.keys() == wanted.keys()
    assert counted == pytest.approx(wanted, abs=1)


def test_holds_end_in_the_weeks_ahead_and_most_have_a_reason():
    holds = [event for event in found(accounts=800, contacts=6_000) if event.kind == "rep held"]
    until = [one.values.get("Closedloop_Hold_Until__c") or one.values["closedloop_hold_until"] for one in holds]
    ahead = [date.fromisoformat(last) - one.at.date() for last, one in zip(until, holds, strict=True)]
    assert (min(ahead) >= timedelta(days=10), max(ahead) < timedelta(days=120)) == (True, True)
    assert 0.8 < sum(len(one.values) == 2 for one in holds) / len(holds) < 0.98


def test_an_empty_portal_has_nothing_to_fill_in():
    assert {one.object for one in found(hub_companies=0, hub_contacts=0)} == {"Account", "Contact"}


def test_the_fields_are_filled_in_as_time_goes_by(org, hub):
    org.house = hub.house
    org.turn("2026-07-05T06:00:00Z")
    held = org.soql("SELECT Closedloop_Hold_Until__c FROM Account WHERE Closedloop_Hold_Until__c != null")
    assert 1 <= held["totalSize"] <= 12
    for condition in (
        "Closedloop_Hold_Until__c != null",
        "Closedloop_Level__c != null",
        "Closedloop_Left_Company__c = true",
    ):
        assert org.soql(f"SELECT count() FROM Contact WHERE {condition}")["totalSize"] > 0, condition
    for name in ("closedloop_hold_until", "closedloop_level", "closedloop_left_company"):
        assert hub.search("contacts", (name, "HAS_PROPERTY"))["total"] > 0, name
    assert hub.search("companies", ("closedloop_hold_until", "HAS_PROPERTY"))["total"] > 0
