"""Milestones that come again and again: against a naive day-by-day reading, and over dates that move."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.occurrences import Occurrence, OccurrenceState, Sighting, advances
from connector.domain.periods import Periods
from connector.domain.programs import Milestone, When, WhenKind
from tests.builders import ANCHOR, FACTS, TODAY, make_mark

DAYS = 28


def every(days: int = DAYS, *, expires: int = 14) -> Milestone:
    when = When(kind=WhenKind.EVERY, fact=FACTS["account.visited_on"], days=days)
    return Milestone(id="wave", when=when, expires_days=expires)


@dataclass(slots=True)
class Life:
    """One anchor over the days: plans as run_plan does, and remembers every ordinal as it stands."""

    milestone: Milestone = field(default_factory=every)
    starts_on: date = date(2020, 1, 1)
    through: date = TODAY - timedelta(days=1)
    stored: dict[int, Occurrence] = field(default_factory=dict)

    @property
    def last(self) -> Occurrence | None:
        return self.stored[max(self.stored)] if self.stored else None

    def plan(self, today: date, start: date | None, *, matches: bool = True) -> None:
        steps = advances(
            self.milestone,
            program="ongoing",
            sighting=Sighting(anchor=ANCHOR, moment_on=start, matches=matches),
            last=self.last,
            mark=make_mark(self.through),
            starts_on=self.starts_on,
            today=today,
        )
        for step in steps:
            assert step.ordinal not in self.stored or step.id is not None, "an ordinal is never made twice"
            self.stored[step.ordinal] = replace(step, id=step.ordinal)
        self.through = max(self.through, today)

    def ask(self) -> None:
        if self.last is not None:
            self.stored[self.last.ordinal] = replace(self.last, state=OccurrenceState.ASKED)

    def seen(self) -> list[tuple[int, date, str]]:
        return [(each.ordinal, each.due_on, each.state.value) for each in self.stored.values()]


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def test_a_period_that_is_over_today_opens_with_its_number_as_ordinal():
    life = Life()
    life.plan(TODAY, day(-3 * DAYS))
    assert life.seen() == [(3, TODAY, "open")]
    assert life.last is not None
    assert life.last.expires_on == day(14)


@pytest.mark.parametrize("start", [0, 1, 400, -1, 1 - DAYS, -1 - 3 * DAYS])
def test_nothing_opens_on_the_first_date_before_it_or_between_two_ends(start):
    life = Life()
    life.plan(TODAY, day(start))
    assert life.seen() == []


def test_a_first_plan_does_not_catch_up_and_neither_does_a_late_one():
    life = Life()
    life.plan(TODAY, day(-DAYS - 1))
    life.plan(day(DAYS - 1 + 5), day(-DAYS - 1))
    life.plan(day(4 * DAYS - 1 + 20), day(-DAYS - 1))
    assert life.seen() == [(2, day(DAYS - 1), "expired")]


def test_the_next_period_opens_on_the_very_day_on_which_the_last_one_expires():
    life = Life(milestone=every(15, expires=14))
    for number in range(31):
        life.plan(day(number), TODAY)
    assert life.seen() == [(1, day(15), "expired"), (2, day(30), "open")]


def test_an_open_ordinal_follows_its_date_and_waits_for_it():
    life = Life()
    life.plan(TODAY, day(-3 * DAYS))
    life.plan(day(1), day(-3 * DAYS + 6))
    assert life.seen() == [(3, day(6), "open")]
    life.plan(day(2), day(-3 * DAYS - 2))
    assert life.seen() == [(3, day(-2), "open")]


def test_an_open_ordinal_whose_date_moves_years_away_takes_the_next_end_instead_of_waiting():
    life = Life()
    life.plan(TODAY, day(-10 * DAYS))
    life.plan(day(1), day(-5))
    assert life.seen() == [(10, day(DAYS - 5), "open")]


def test_a_small_move_after_the_ask_asks_nobody_again_and_shifts_the_next_period():
    life = Life()
    life.plan(TODAY, day(-3 * DAYS))
    life.ask()
    for number in range(1, DAYS + 5):
        life.plan(day(number), day(-3 * DAYS + 4))
    assert life.seen() == [(3, TODAY, "asked"), (4, day(DAYS + 4), "open")]


def test_ordinals_go_on_where_the_first_date_moves_later_by_whole_periods():
    life = Life()
    life.plan(TODAY, day(-20 * DAYS))
    life.ask()
    for number in range(1, DAYS + 1):
        life.plan(day(number), day(-DAYS))
    assert life.seen() == [(20, TODAY, "asked"), (21, day(DAYS), "open")]
    life.plan(day(DAYS + 1), day(-DAYS))
    assert life.seen()[-1] == (21, day(DAYS), "open")


@pytest.mark.parametrize(("start", "matches"), [(None, True), (day(3), True), (day(-DAYS), False)])
def test_an_open_ordinal_whose_reason_is_gone_is_cancelled_and_comes_back_with_it(start, matches):
    life = Life()
    life.plan(TODAY, day(-DAYS))
    life.plan(day(1), start, matches=matches)
    assert life.seen() == [(1, TODAY, "cancelled")]
    life.plan(day(2), day(-DAYS))
    assert life.seen() == [(1, TODAY, "open")]


def test_a_cancelled_ordinal_does_not_keep_the_next_one():
    life = Life()
    life.plan(TODAY, day(-DAYS))
    life.plan(day(1), day(-DAYS), matches=False)
    life.plan(day(DAYS), day(-DAYS))
    assert life.seen() == [(1, TODAY, "cancelled"), (2, day(DAYS), "open")]


PERIODS = st.integers(2, 60)


@given(
    days=PERIODS,
    expires=st.integers(1, 59),
    start=st.integers(-200, 100),
    starts_on=st.integers(-50, 100),
    plans=st.sets(st.integers(0, 150), min_size=1),
    asked=st.sets(st.integers(0, 150)),
)
def test_what_opens_is_what_a_naive_reading_of_the_days_opens(days, expires, start, starts_on, plans, asked):
    """Each end after the last plan, and no older than an ask is worth, opens once; of several only the newest."""
    expires = min(expires, days - 1)
    life = Life(milestone=every(days, expires=expires), starts_on=day(starts_on))
    expected, before = [], -1
    for number in sorted(plans):
        life.plan(day(number), day(start))
        if number in asked:
            life.ask()
        ends = [end for end in range(before + 1, number + 1) if end > start and (end - start) % days == 0]
        newest = [end for end in ends[-1:] if end >= starts_on and end + expires >= number]
        expected += [((end - start) // days, day(end)) for end in newest]
        before = number
    assert [(ordinal, due) for ordinal, due, _ in life.seen()] == expected


@given(
    starts=st.lists(st.none() | st.integers(-300, 160), min_size=1, max_size=160),
    days=st.integers(15, 40),
    asked=st.sets(st.integers(0, 160)),
)
def test_wherever_the_first_date_wanders_one_ordinal_is_open_at_a_time_and_asks_keep_half_a_period(starts, days, asked):
    life = Life(milestone=every(days))
    for number, start in enumerate(starts):
        known = set(life.stored)
        life.plan(day(number), None if start is None else day(start))
        dues = [each.due_on for each in life.stored.values() if each.state is OccurrenceState.ASKED]
        new = [each.due_on for ordinal, each in life.stored.items() if ordinal not in known]
        assert all(opened - due >= timedelta(days=days) / 2 for opened in new for due in dues)
        is_open = [each for each in life.stored.values() if each.state is OccurrenceState.OPEN]
        assert len(is_open) <= 1
        assert is_open in ([], [life.last])
        if number in asked and is_open and is_open[0].is_due(day(number)):
            life.ask()


@given(start=st.integers(-400, 0), number=st.integers(0, 400), days=PERIODS)
def test_the_next_end_is_the_first_one_not_before_a_day(start, number, days):
    periods = Periods(from_on=day(start), days=days)
    ends = [day(start + days * n) for n in range(1, 500)]
    assert periods.next_end(day(number)) == min(end for end in ends if end >= day(number))
    assert periods.ends_on(day(number)) is (day(number) in ends)
