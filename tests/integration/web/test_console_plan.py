"""The plan's page: asks by day, account and milestone, who waits until when, and whom a rule keeps from being asked."""

from collections.abc import Mapping, Sequence
from datetime import date
from html import unescape
from typing import Any

import pytest

from connector.domain.forecasts import Forecast
from connector.domain.programs import Track
from connector.domain.selection import Decision, Reason, VerdictKind
from connector.domain.surveys import AskKind
from connector.storage.engine import SqlStorage
from connector.testing.asking_world import store_records
from connector.usecases import show_plan as plan
from tests.builders import make_candidate, make_occurrence, make_policy
from tests.integration.web.console_house import console_of
from tests.ports import make_ports

FRIDAY, MONDAY = date(2026, 1, 9), date(2026, 1, 12)
WHY = Reason(rule="no address", value="none", threshold="a mail address", source="sf/c5")


def decision(
    contact: int,
    verdict: VerdictKind,
    *,
    rule: str = "asked",
    person: int | None = None,
    ordinal: int = 1,
    **changes: Any,
) -> Decision:
    """What is decided about a contact, each of which is a person, for an occurrence of this number."""
    occurrence = make_occurrence(ordinal=ordinal)
    return Decision(
        candidate=make_candidate(contact_id=contact, person_id=person or contact, occurrence=occurrence),
        track=Track.REAL,
        kind=AskKind.RELATIONSHIP,
        verdict=verdict,
        rule=rule,
        reasons=(WHY,),
        **changes,
    )


@pytest.fixture
def contacts(storage: SqlStorage) -> Mapping[str, int]:
    """The contacts' ids by CRM id."""
    store_records(storage)
    with storage.engine.connect() as connection:
        return {row.crm_id: row.id for row in connection.exec_driver_sql("SELECT crm_id, id FROM contact")}


def foresee(monkeypatch: pytest.MonkeyPatch, days: Mapping[date, Sequence[Decision]]) -> None:
    """From now on this is what comes."""
    monkeypatch.setattr(plan, "forecast", lambda **_: Forecast(since=FRIDAY, through=MONDAY, days=days))


def shown(storage: SqlStorage) -> plan.ShownPlan:
    """The page's content."""
    ports = make_ports(storage)
    return plan.show_plan(storage=storage, policy=make_policy(), crms=(), clock=ports.clock)


def test_people_are_grouped_by_day_and_account_and_every_rule_has_an_example(
    storage: SqlStorage, contacts: Mapping[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    foresee(
        monkeypatch,
        {
            MONDAY: [
                decision(contacts["c1"], VerdictKind.ASK),
                decision(contacts["c2"], VerdictKind.ASK),
                decision(contacts["c3"], VerdictKind.ASK),
            ],
            FRIDAY: [
                decision(contacts["c4"], VerdictKind.DEFER, rule="hold", until_on=MONDAY),
                decision(contacts["c5"], VerdictKind.BLOCK, rule="no address"),
                decision(contacts["c5"], VerdictKind.BLOCK, rule="no address", person=901),
                decision(contacts["c2"], VerdictKind.BLOCK, rule="opted out", person=902),
            ],
        },
    )
    found = shown(storage)
    assert [(bar.day.day, bar.asks) for bar in found.bars] == [(9, 0), (10, 0), (11, 0), (12, 3)]
    groups = {day: [[each.seat.name for each in group.people] for group in own] for day, own in found.asks.items()}
    assert groups == {MONDAY: [["Anna Größe", "Ben Moa"], ["Cara Kiwi"]]}
    assert (found.asked, found.ask_count, found.named, found.busiest, found.programs) == (
        3,
        3,
        3,
        (MONDAY, 3),
        [("Ongoing", 3)],
    )
    assert [(each.seat.name, each.until_on) for each in found.waits] == [("Anna Größe", MONDAY)]
    assert [(each.rule, each.people, each.example.seat.name) for each in found.blocked] == [
        ("no address", 2, "Dan Huia"),
        ("opted out", 1, "Ben Moa"),
    ]
    assert found.blocked[0].example.reasons == [plan.told(WHY)]


def test_everybody_counts_once_by_what_becomes_of_them_in_the_end(
    storage: SqlStorage, contacts: Mapping[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben, cara = (contacts[each] for each in ("c1", "c2", "c3"))
    foresee(
        monkeypatch,
        {
            FRIDAY: [
                decision(anna, VerdictKind.DEFER, rule="hold", until_on=MONDAY),
                decision(ben, VerdictKind.DEFER, rule="spacing", until_on=MONDAY),
                decision(cara, VerdictKind.DEFER, rule="hold", until_on=MONDAY),
            ],
            MONDAY: [
                decision(anna, VerdictKind.ASK),
                decision(anna, VerdictKind.ASK, ordinal=2),
                decision(anna, VerdictKind.DEFER, rule="spacing", ordinal=3, until_on=date(2026, 6, 1)),
                decision(ben, VerdictKind.BLOCK, rule="no seat", ordinal=2),
                decision(cara, VerdictKind.BLOCK, rule="opted out"),
            ],
        },
    )
    found = shown(storage)
    assert (found.ask_count, found.asked, found.waiting) == (2, 1, 1)
    assert [(each.seat.name, each.until_on) for each in found.waits] == [("Ben Moa", MONDAY)]
    assert [(each.rule, each.people, each.example.seat.name) for each in found.blocked] == [
        ("opted out", 1, "Cara Kiwi")
    ]
    with console_of(storage) as client:
        text, fragment = (" ".join(client.get(url).text.split()) for url in ("/plan", "/next"))
    assert '<span class="number">2</span> asks of 1 person' in text
    assert '<span class="number">1</span> person is asked' in fragment
    assert "1 person waits for a later day." in fragment


def test_long_lists_are_cut_and_counted_in_full(
    storage: SqlStorage, contacts: Mapping[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    many = plan.SHOWN + 7
    asks = [decision(contacts["c1"], VerdictKind.ASK, person=number) for number in range(1, many + 1)]
    waits = [
        decision(contacts["c2"], VerdictKind.DEFER, rule="hold", until_on=MONDAY, person=many + number)
        for number in range(1, many + 1)
    ]
    foresee(monkeypatch, {FRIDAY: asks + waits})
    found = shown(storage)
    assert (found.asked, found.named, found.waiting, len(found.waits)) == (many, plan.SHOWN, many, plan.SHOWN)
    with console_of(storage) as client:
        text = " ".join(unescape(client.get("/plan").text).split())
    assert "And 7 more asks: <code>closedloop plan</code> lists them all." in text
    assert "And 7 more." in text


def test_the_page_draws_a_bar_for_each_day_that_has_asks(
    storage: SqlStorage, contacts: Mapping[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    foresee(monkeypatch, {FRIDAY: [decision(contacts["c1"], VerdictKind.ASK)], MONDAY: []})
    with console_of(storage) as client:
        text = " ".join(client.get("/plan").text.split())
    assert text.count('class="bar"') - 1 == 1, "one bar, and the bar of the page's head"
    assert text.count('class="weekend"') == 2
    assert '<span class="number">1</span> ask · busiest day 9 Jan 2026 with 1' in text


def test_those_of_an_account_who_wait_for_one_reason_stand_together(
    storage: SqlStorage, contacts: Mapping[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben, cara = (contacts[each] for each in ("c1", "c2", "c3"))
    waiting = [decision(each, VerdictKind.DEFER, rule="hold", until_on=MONDAY) for each in (anna, cara, ben)]
    foresee(monkeypatch, {FRIDAY: waiting})
    found = shown(storage)
    groups = [[each.seat.name for each in group.people] for group in found.wait_groups]
    assert groups == [["Anna Größe", "Ben Moa"], ["Cara Kiwi"]]
    assert found.waiting == 3
