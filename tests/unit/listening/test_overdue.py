"""Whose owner has too much to do is asked tomorrow, or not any more."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.ask_history import AskHistory
from connector.domain.programs import Spacing, Track
from connector.domain.selection import Reason, VerdictKind, decide
from tests.builders import TODAY, make_candidate, make_occurrence, make_program


def judge(overdue, *, most=5, **changes):
    return decide(
        make_candidate(overdue=overdue, account_owner="sf/005A", **changes),
        program=make_program(),
        track=Track.REAL,
        history=AskHistory(),
        spacing=Spacing(),
        today=TODAY,
        most_overdue=most,
    )


@given(st.integers(0, 20), st.integers(0, 20))
def test_more_overdue_actions_than_allowed_wait_until_tomorrow(overdue, most):
    decision = judge(overdue, most=most)
    wanted = (VerdictKind.DEFER, TODAY + timedelta(days=1)) if overdue > most else (VerdictKind.ASK, None)
    assert (decision.verdict, decision.until_on) == wanted


def test_the_reason_names_the_count_the_limit_and_the_owner():
    assert judge(6).reasons == (
        Reason(rule="owner has overdue actions", value="6", threshold="at most 5", source="sf/005A"),
    )


def test_on_the_last_day_it_is_at_once_a_block():
    decision = judge(6, occurrence=make_occurrence(expires_on=TODAY))
    assert (decision.verdict, decision.rule) == (VerdictKind.BLOCK, "owner has overdue actions")
