"""Feelings react to what is done for people: help lifts, a low answer that nobody acts upon sinks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.sandbox.moods import felt, help_somebody, lifted, note_answer, sunk
from adapters.sandbox.sentiment import feeling
from adapters.sandbox.world.generate import parse_start
from tests.adapters.sandbox.far_side import send

NOW = parse_start("2026-02-02T10:00:00Z")
KIT, ADA = "kit.jessop@brimedane-works.example", "ada.inkpen@brimedane-works.example"
ELSEWHERE = "ada.inkpen@tallow-foods.example"


@pytest.fixture
def state(org):
    return org.house.state


def helped(state, *addresses, days=0, is_late=False):
    at = NOW + timedelta(days=days)
    help_somebody(state, list(addresses), "brimedane-works.example", at=at, is_late=is_late)


def test_a_task_that_was_completed_lifts_its_person_and_a_bit_everybody_there(state):
    helped(state, KIT)
    assert [round(lifted(state, one, NOW), 2) for one in (KIT, KIT.upper(), ADA, ELSEWHERE)] == [1.6, 1.6, 0.2, 0.0]
    assert lifted(state, KIT, NOW - timedelta(seconds=1)) == 0.0


def test_late_help_lifts_less_and_no_help_lifts_without_end(state):
    helped(state, KIT, is_late=True)
    assert (round(lifted(state, KIT, NOW), 2), round(lifted(state, ADA, NOW), 2)) == (0.64, 0.08)
    for day in range(20):
        helped(state, KIT, days=day)
    assert lifted(state, KIT, NOW + timedelta(days=30)) == 3.5


def test_a_task_without_a_person_helps_the_company_once_and_two_addresses_of_one_human_too(state):
    helped(state)
    helped(state, KIT, ELSEWHERE)
    assert [round(lifted(state, one, NOW), 2) for one in (ADA, KIT, ELSEWHERE)] == [0.4, 1.8, 1.4]


def test_an_ignored_low_answer_sinks_month_by_month_until_somebody_helps(state):
    note_answer(state, KIT, "ask-1", at=NOW, score=2.0)

    def after(days):
        return round(sunk(state, KIT, NOW + timedelta(days=days)), 3)

    assert [after(days) for days in (0, 30, 60, 90, 1_000)] == [0.0, 0.0, 0.35, 0.7, 2.0]
    helped(state, KIT, days=60)
    assert [after(days) for days in (60, 90, 1_000)] == [0.35, 0.35, 0.35]
    assert sunk(state, ADA, NOW + timedelta(days=90)) == 0.0


def test_a_good_answer_asks_for_nothing_and_the_first_of_two_counts(state):
    note_answer(state, KIT, "ask-1", at=NOW, score=6.0)
    note_answer(state, ADA, "ask-1", at=NOW, score=3.0)
    note_answer(state, ADA, "ask-1", at=NOW + timedelta(days=30), score=3.0)
    later = NOW + timedelta(days=90)
    assert (sunk(state, KIT, later), round(sunk(state, ADA, later), 3)) == (0.0, 0.7)


def test_feelings_are_their_nature_and_what_happened_within_the_scale(state):
    helped(state, KIT)
    assert felt(state, 1, KIT, NOW) == min(10.0, feeling(1, KIT, NOW) + 1.6)
    assert felt(state, 1, ELSEWHERE, NOW) == feeling(1, ELSEWHERE, NOW)


def test_completed_tasks_are_seen_on_the_page_of_moods(org):
    for person in org.soql("SELECT Id, AccountId, OwnerId FROM Contact WHERE Owner.IsActive = true LIMIT 20")[
        "records"
    ]:
        values = {"WhoId": person["Id"], "WhatId": person["AccountId"], "OwnerId": person["OwnerId"], "Subject": "Call"}
        assert org.call("POST", "sobjects/Task", json=values).status == 201
    assert org.get("/_sandbox/moods") == []
    org.turn("2026-02-05T06:00:00Z")
    moods = org.get("/_sandbox/moods")
    done = {
        row[0].lower()
        for row in org.house.state.rows(
            "select distinct c.Email from Task t join Contact c on c.Id = t.WhoId where t.IsClosed = 1 and c.Email > ''"
        )
    }
    assert done <= {one["address"] for one in moods}
    assert {one["lifted"] >= 1.4 and len(one["helped_at"]) == 1 and one["sunk"] == 0 for one in moods} == {True}
    one = org.get("/_sandbox/moods", address=moods[0]["address"])
    assert (one, len(org.get("/_sandbox/moods", limit="2"))) == ([moods[0]], 2)


def test_who_is_linked_is_helped_under_both_addresses(hub, org):
    org.house = hub.house
    row = hub.house.state.row(
        "select c.Id, c.AccountId, lower(c.Email), json_extract(h.props, '$.email') from hub_record h"
        " join Contact c on c.Id = json_extract(h.props, '$.salesforcecontactid')"
        " where lower(c.Email) != json_extract(h.props, '$.email') order by c.Id limit 1"
    )
    owner = org.one("SELECT Id FROM User WHERE IsActive = true ORDER BY Id LIMIT 1")["Id"]
    for number in range(5):
        values = {"WhoId": row[0], "WhatId": row[1], "OwnerId": owner, "Subject": f"Call {number}"}
        assert org.call("POST", "sobjects/Task", json=values).status == 201
    org.turn("2026-02-05T06:00:00Z")
    times = [org.get("/_sandbox/moods", address=one)[0]["helped_at"] for one in row[2:]]
    assert (times[0] == times[1], len(times[0]) >= 1) == (True, True)


def test_low_answers_of_people_are_remembered_and_change_what_they_answer_next(org, far):
    addresses = [f"ada.inkpen@company{n}-foods.example" for n in range(120)]
    send(org, far, *((one, "ask-1") for one in addresses))
    org.turn("2026-01-20T06:00:00Z")
    low = {one["address"]: one for one in org.get("/_sandbox/moods", limit="1000")}
    scores = {one["address"]: float(dict(one["fields"])["score"]) for one in org.get("/_sandbox/answers", limit="1000")}
    assert {address for address, score in scores.items() if score < 5} <= low.keys()
    assert [address for address, score in scores.items() if score > 7 and address in low] == []
    assert {len(one["low_answers"]) for one in low.values()} == {1}
    org.turn("2026-05-20T06:00:00Z")
    sunken = org.get("/_sandbox/moods", limit="1000")
    assert {0.8 < one["sunk"] < 1.3 and one["feels"] <= one["by_nature"] for one in sunken} == {True}
