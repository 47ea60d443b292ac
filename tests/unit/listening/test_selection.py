"""Who is asked, deferred or blocked, and that every reason is given."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.programs import Spacing, Track
from connector.domain.selection import AskHistory, PastAsk, VerdictKind, decide, decide_all
from connector.domain.surveys import AskKind
from tests.builders import TODAY, make_candidate, make_occurrence, make_program

SPACING = Spacing(
    {
        AskKind.RELATIONSHIP: {AskKind.RELATIONSHIP: 90, AskKind.TRANSACTION: 7},
        AskKind.TRANSACTION: {AskKind.TRANSACTION: 30, AskKind.RELATIONSHIP: 14},
    }
)


def judge(candidate, *asks: PastAsk, today: date = TODAY):
    return decide(
        candidate,
        program=make_program(),
        track=Track.REAL,
        history=AskHistory.of(asks),
        spacing=SPACING,
        today=today,
    )


def past(days: int, *, kind: AskKind = AskKind.RELATIONSHIP, person: int = 1, address: str | None = None) -> PastAsk:
    return PastAsk(person_id=person, address=address, kind=kind, on=TODAY - timedelta(days=days))


def test_somebody_with_nothing_against_it_is_asked_and_the_seat_is_the_reason():
    decision = judge(make_candidate())
    assert (decision.verdict, decision.rule) == (VerdictKind.ASK, "asked")
    assert [(reason.value, reason.threshold) for reason in decision.reasons] == [
        ("contact.level = user", "contact.level is known")
    ]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"address": None}, "no address"),
        ({"is_shared_mailbox": True}, "shared mailbox"),
        ({"opted_out": "sf/003A"}, "opted out"),
        ({"bounced": "sf/003A"}, "bounced"),
        ({"is_gone": True}, "contact gone"),
        ({"who": False}, "no seat"),
        ({"who": None}, "no seat"),
    ],
)
def test_each_rule_blocks_by_itself(changes, rule):
    decision = judge(make_candidate(**changes))
    assert (decision.verdict, decision.rule) == (VerdictKind.BLOCK, rule)


def test_every_reason_is_given_not_only_the_one_that_decides():
    decision = judge(make_candidate(address=None, opted_out="sf/003A", who=False), past(10))
    rules = [reason.rule for reason in decision.reasons]
    assert rules == ["no address", "opted out", "no seat", "spacing after relationship"]


def test_an_ask_too_recent_defers_until_the_first_free_day():
    decision = judge(make_candidate(), past(80))
    assert (decision.verdict, decision.until_on) == (VerdictKind.DEFER, TODAY + timedelta(days=10))


def test_a_deferral_beyond_the_occurrence_s_end_is_at_once_a_block():
    decision = judge(make_candidate(), past(10))
    assert (decision.verdict, decision.rule) == (VerdictKind.BLOCK, "spacing after relationship")


def test_spacing_looks_at_the_kind_of_the_earlier_ask():
    assert judge(make_candidate(), past(7, kind=AskKind.TRANSACTION)).verdict is VerdictKind.ASK
    assert judge(make_candidate(), past(6, kind=AskKind.TRANSACTION)).verdict is VerdictKind.DEFER


def test_spacing_holds_for_the_address_too_when_it_is_another_person():
    candidate = make_candidate(person_id=2)
    other = past(80, person=1, address=candidate.address)
    assert judge(candidate, other).verdict is VerdictKind.DEFER


def test_a_person_due_twice_on_one_day_is_asked_once():
    first = make_candidate()
    second = replace(first, occurrence=make_occurrence(id=2, milestone="second"))
    decisions = decide_all(
        [(first, make_program()), (second, make_program())],
        track=Track.REAL,
        history=AskHistory(),
        spacing=SPACING,
        today=TODAY,
    )
    assert sorted(decision.verdict for decision in decisions) == [VerdictKind.ASK, VerdictKind.BLOCK]


PEOPLE = st.lists(
    st.builds(
        lambda person, day, milestone: (person, day, milestone),
        st.integers(1, 4),
        st.integers(0, 200),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=40,
    unique=True,
)


@given(PEOPLE, st.randoms(use_true_random=False))
def test_no_order_of_candidates_changes_the_decisions_and_no_two_asks_come_closer_than_spacing(people, random):
    candidates = [
        make_candidate(
            person_id=person,
            person_key=f"sf/{person}",
            address=f"p{person}@harbour.example",
            occurrence=make_occurrence(milestone=milestone, due_on=TODAY + timedelta(days=day)),
        )
        for person, day, milestone in people
    ]

    def run(order):
        history, verdicts, asks = AskHistory(), {}, []
        for day in sorted({candidate.occurrence.due_on for candidate in order}):
            today = [(each, make_program()) for each in order if each.occurrence.due_on == day]
            for decision in decide_all(today, track=Track.REAL, history=history, spacing=SPACING, today=day):
                verdicts[decision.candidate.occurrence.key, day, decision.candidate.person_id] = decision.verdict
                if decision.verdict is VerdictKind.ASK:
                    asks.append((decision.candidate.person_id, day))
        return verdicts, asks

    verdicts, asks = run(candidates)
    random.shuffle(candidates)
    assert run(candidates)[0] == verdicts
    for person, day in asks:
        others = [other for who, other in asks if who == person and other > day]
        assert all(other - day >= timedelta(days=90) for other in others)
