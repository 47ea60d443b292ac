"""Who is asked, deferred or blocked, and that every reason is given."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.ask_history import AskHistory, PastAsk
from connector.domain.programs import Spacing, Track
from connector.domain.selection import Hold, Reason, VerdictKind, decide, decide_all
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
        ({"left_company": "sf/003A"}, "left company"),
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


def held(days: int, reason: str | None = "merger talks") -> Hold:
    return Hold(until_on=TODAY + timedelta(days=days), reason=reason, source="sf/001A")


def test_a_hold_waits_until_the_day_after_its_last_one_and_says_who_set_it_where():
    decision = judge(make_candidate(hold=held(3)))
    assert (decision.verdict, decision.rule, decision.until_on) == (VerdictKind.DEFER, "hold", date(2026, 3, 6))
    assert decision.reasons == (
        Reason(
            rule="hold",
            value="until 2026-03-05: merger talks",
            threshold="no hold today",
            source="sf/001A",
            on="2026-03-05",
        ),
    )


def test_a_hold_that_was_over_yesterday_is_none():
    assert judge(make_candidate(hold=held(-1))).verdict is VerdictKind.ASK


def test_a_hold_includes_its_last_day():
    decision = judge(make_candidate(hold=held(0)))
    assert (decision.verdict, decision.until_on) == (VerdictKind.DEFER, TODAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("days", "verdict"), [(13, VerdictKind.DEFER), (14, VerdictKind.BLOCK), (10**6, VerdictKind.BLOCK)]
)
def test_a_hold_whose_first_free_day_lies_after_expiry_blocks_at_once(days, verdict):
    decision = judge(make_candidate(hold=held(days)))
    assert (decision.verdict, decision.rule) == (verdict, "hold")


def test_a_hold_without_end_is_a_hold():
    decision = judge(make_candidate(hold=Hold(until_on=date.max, reason=None, source="sf/001A")))
    assert (decision.verdict, decision.reasons[0].value) == (VerdictKind.BLOCK, "until 9999-12-31")


def test_a_long_reason_is_cut_and_its_lines_are_joined():
    (reason,) = judge(make_candidate(hold=held(3, reason=f" new\n owner {'x' * 99}"))).reasons
    shown = f"new owner {'x' * 99}"[:79]
    assert reason.value == f"until 2026-03-05: {shown}…"


def test_of_a_hold_and_spacing_the_longer_wait_decides_and_both_are_reasons():
    decision = judge(make_candidate(hold=held(3)), past(80))
    assert (decision.rule, decision.until_on) == ("spacing after relationship", TODAY + timedelta(days=10))
    assert [reason.rule for reason in decision.reasons] == ["hold", "spacing after relationship"]
    assert judge(make_candidate(hold=held(12)), past(80)).rule == "hold"


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


def test_two_candidates_of_one_occurrence_who_are_one_person_are_asked_once_and_not_again_later():
    first, second = make_candidate(person_key="hub/52", source="hub/52"), make_candidate()
    assert rules_of(second, first) == {"hub/52": "asked", "sf/003A": "same person"}
    assert rules_of(replace(second, same_person="hub/52")) == {"sf/003A": "same person"}


def test_of_one_person_drawn_twice_the_one_whom_no_rule_blocks_is_asked():
    gone = make_candidate(person_key="hub/52", source="hub/52", is_gone=True)
    assert rules_of(gone, make_candidate()) == {"hub/52": "contact gone", "sf/003A": "asked"}


def test_of_one_person_drawn_twice_one_waits_for_both():
    hold = Hold(until_on=TODAY, reason=None, source="hub/52")
    waits = make_candidate(person_key="hub/52", source="hub/52", hold=hold)
    assert rules_of(waits, make_candidate(hold=hold)) == {"hub/52": "hold", "sf/003A": "same person"}


def rules_of(*candidates):
    """The rule that decides each contact where no spacing is kept."""
    decisions = decide_all(
        [(each, make_program()) for each in candidates],
        track=Track.REAL,
        history=AskHistory(),
        spacing=Spacing(),
        today=TODAY,
    )
    return {each.candidate.source: each.rule for each in decisions}


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
