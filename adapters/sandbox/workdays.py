"""Working days, Monday to Friday, as the people of the sandbox count them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from adapters.sandbox.chance import below

_OPENS, _SECONDS = time(8), 9 * 3600


def is_workday(day: date) -> bool:
    """Whether people work on this day."""
    return day.weekday() < 5


def workday_number(day: date) -> int:
    """The place of a working day among all working days since the calendar's first Monday."""
    week, weekday = divmod(day.toordinal() - 1, 7)
    return week * 5 + min(weekday, 4)


def workday_after(day: date, number: int) -> date:
    """The number-th working day after a day."""
    for _ in range(number):
        day += timedelta(days=1)
        while not is_workday(day):
            day += timedelta(days=1)
    return day


def workdays_until(day: date, last: date) -> int:
    """How many working days come after the first day, the last one included."""
    return max(0, workday_number(last) - workday_number(day))


def in_office_hours(day: date, *key: object, zone: tzinfo = UTC) -> datetime:
    """Some second of a day between 8 and 17 o'clock in a zone, as UTC; always the same for the same key."""
    opens = datetime.combine(day, _OPENS, tzinfo=zone).astimezone(UTC)
    return opens + timedelta(seconds=below(_SECONDS, *key, "second"))
