"""When a milestone opens, follows its date, is cancelled, expires and comes again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.occurrences import MOVED_INTO_PAST, Occurrence, OccurrenceState, Sighting, advance, due_on
from connector.domain.programs import Milestone
from tests.builders import ANCHOR, TODAY, before_renewal, make_mark, make_occurrence, make_sighting, won

YESTERDAY = TODAY - timedelta(days=1)
RENEWAL = TODAY + timedelta(days=120)


def step(
    sighting: Sighting,
    *,
    last: Occurrence | None = None,
    milestone: Milestone | None = None,
    through: date = YESTERDAY,
    starts_on: date = date(2026, 1, 1),
    today: date = TODAY,
) -> Occurrence | None:
    return advance(
        milestone or before_renewal(),
        program="ongoing",
        sighting=sighting,
        last=last,
        mark=make_mark(through, at=datetime(2026, 3, 1, 7, tzinfo=UTC)),
        starts_on=starts_on,
        today=today,
    )


def test_a_date_that_falls_due_today_opens_the_first_occurrence():
    assert step(make_sighting(RENEWAL)) == make_occurrence(id=None)


@pytest.mark.parametrize("days", [-30, -1, 1, 30])
def test_a_date_that_is_not_due_since_the_last_plan_opens_nothing(days):
    assert step(make_sighting(RENEWAL + timedelta(days=days))) is None


def test_days_on_which_nothing_was_planned_are_made_up():
    opened = step(make_sighting(RENEWAL - timedelta(days=3)), through=TODAY - timedelta(days=5))
    assert opened == make_occurrence(id=None, due_on=TODAY - timedelta(days=3), expires_on=TODAY + timedelta(days=11))


def test_nothing_opens_before_the_program_starts():
    assert step(make_sighting(RENEWAL), starts_on=TODAY + timedelta(days=1)) is None


def test_a_record_that_does_not_match_opens_nothing():
    assert step(make_sighting(RENEWAL, matches=False)) is None


def test_an_open_occurrence_follows_its_date_until_somebody_is_asked():
    moved = step(make_sighting(RENEWAL + timedelta(days=10)), last=make_occurrence())
    assert moved == make_occurrence(due_on=TODAY + timedelta(days=10), expires_on=TODAY + timedelta(days=24))


def test_an_asked_occurrence_does_not_move_with_a_small_change():
    asked = make_occurrence(state=OccurrenceState.ASKED, due_on=TODAY - timedelta(days=30))
    assert step(make_sighting(RENEWAL), last=asked) is None


def test_a_date_at_least_new_after_days_later_opens_the_next_ordinal():
    asked = make_occurrence(state=OccurrenceState.ASKED, due_on=TODAY - timedelta(days=180))
    assert step(make_sighting(RENEWAL), last=asked) == make_occurrence(id=None, ordinal=2)


def test_an_open_occurrence_whose_date_is_gone_is_cancelled_and_opens_again_when_it_returns():
    cancelled = step(make_sighting(None), last=make_occurrence())
    assert cancelled == make_occurrence(state=OccurrenceState.CANCELLED, reason="its reason is gone")
    assert step(make_sighting(RENEWAL), last=cancelled, through=TODAY) == make_occurrence()


def test_a_cancelled_occurrence_whose_date_returns_later_keeps_its_ordinal_and_row():
    cancelled = make_occurrence(state=OccurrenceState.CANCELLED, due_on=TODAY - timedelta(days=40))
    assert step(make_sighting(RENEWAL), last=cancelled) == make_occurrence()


def test_an_open_occurrence_expires_after_its_last_day():
    old = make_occurrence(due_on=TODAY - timedelta(days=15), expires_on=YESTERDAY)
    expired = step(make_sighting(RENEWAL - timedelta(days=15)), last=old)
    assert expired == replace(old, state=OccurrenceState.EXPIRED)


def test_a_date_moved_into_the_past_is_recorded_with_that_reason():
    sighting = make_sighting(RENEWAL - timedelta(days=60), changed_at=datetime(2026, 3, 1, 20, tzinfo=UTC))
    moved = step(sighting)
    assert moved is not None
    assert (moved.reason, moved.due_on) == (MOVED_INTO_PAST, TODAY - timedelta(days=60))


def test_a_past_date_that_did_not_change_since_the_last_plan_opens_nothing():
    sighting = make_sighting(RENEWAL - timedelta(days=60), changed_at=datetime(2026, 2, 1, tzinfo=UTC))
    assert step(sighting) is None


def test_each_transition_opens_one_ordinal_and_the_same_one_never_two():
    sighting = make_sighting(TODAY, change_id=7)
    first = step(sighting, milestone=won())
    assert first is not None
    asked = replace(first, id=1, state=OccurrenceState.ASKED)
    assert step(sighting, milestone=won(), last=asked) is None
    second = step(make_sighting(TODAY, change_id=8), milestone=won(), last=asked)
    assert second == replace(first, ordinal=2, change_id=8)


def test_a_transition_taken_back_before_anybody_is_asked_is_cancelled():
    last = make_occurrence(milestone="won", change_id=7)
    cancelled = step(make_sighting(None), milestone=won(), last=last)
    assert cancelled is not None
    assert cancelled.state is OccurrenceState.CANCELLED


DATES = st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 12, 31))


@given(dates=st.lists(st.none() | DATES, min_size=1, max_size=40), asked=st.sets(st.integers(0, 39)))
def test_over_any_history_ordinals_rise_by_one_and_asks_of_one_anchor_keep_their_distance(dates, asked):
    """A date that wanders day by day, with somebody asked on some of the due days."""
    milestone, last, today = before_renewal(), None, TODAY
    asks: list[Occurrence] = []
    for number, moment in enumerate(dates):
        today += timedelta(days=7)
        changed = advance(
            milestone,
            program="ongoing",
            sighting=Sighting(anchor=ANCHOR, moment_on=moment, matches=True),
            last=last,
            mark=make_mark(today - timedelta(days=7)),
            starts_on=date(2026, 1, 1),
            today=today,
        )
        if changed is not None:
            assert changed.ordinal - (last.ordinal if last else 0) in (0, 1)
            last = changed
        if last is not None and number in asked and last.is_due(today):
            if last.state is not OccurrenceState.ASKED:
                asks.append(last)
            last = replace(last, state=OccurrenceState.ASKED)
    days = [occurrence.due_on for occurrence in asks]
    assert all(later - earlier >= timedelta(days=180) for earlier, later in pairwise(days))


@given(moment=DATES)
def test_before_and_after_are_calendar_days(moment):
    assert due_on(before_renewal(), moment) == moment - timedelta(days=120)
