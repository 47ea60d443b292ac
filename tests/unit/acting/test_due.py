"""The last day of an action, for any day it may be opened on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.due import Due, due_on
from connector.settings.durations import read_due

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
COUNTS = st.integers(1, 200)
FRIDAY = date(2026, 3, 6)


@pytest.mark.parametrize(
    ("opened_on", "days", "expected"),
    [
        (date(2026, 3, 2), 2, date(2026, 3, 4)),
        (FRIDAY, 1, date(2026, 3, 9)),
        (FRIDAY, 2, date(2026, 3, 10)),
        (date(2026, 3, 7), 2, date(2026, 3, 10)),
        (date(2026, 3, 8), 5, date(2026, 3, 13)),
        (FRIDAY, 10, date(2026, 3, 20)),
    ],
)
def test_business_days_leave_weekends_out(opened_on, days, expected):
    assert due_on(opened_on, Due(days, is_business=True)) == expected


@given(DAYS, COUNTS)
def test_between_opening_and_due_lie_exactly_so_many_business_days(opened_on, days):
    last = due_on(opened_on, Due(days, is_business=True))
    between = [opened_on + timedelta(days=n) for n in range(1, (last - opened_on).days + 1)]
    assert sum(day.weekday() < 5 for day in between) == days
    assert last.weekday() < 5


@given(DAYS, COUNTS)
def test_calendar_days_count_every_day(opened_on, days):
    assert due_on(opened_on, Due(days)) - opened_on == timedelta(days=days)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2 business days", Due(2, is_business=True)),
        (" 1  business day ", Due(1, is_business=True)),
        ("3 days", Due(3)),
        ("1 week", Due(7)),
    ],
)
def test_words_become_a_due(text, due):
    assert read_due(text) == due


@pytest.mark.parametrize("text", ["0 business days", "0 days", "12 hours", "2 months", "business days", 2, None])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="expected days such as `2 business days`, `3 days` or `1 week`"):
        read_due(text)
