"""When an action is due: so many days, or business days, after the organisation's local day."""

from dataclasses import dataclass
from datetime import date, timedelta

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Due:
    """How much time an owner has, in calendar days or in business days (Monday to Friday; no holidays yet)."""

    days: int
    is_business: bool = False


def due_on(opened_on: date, due: Due) -> date:
    """The last day of an action that was opened on a day; the day after it counts as the first.

    Of business days the last is always a Monday to Friday, and what is opened at a weekend counts from Monday.
    """
    if not due.is_business:
        return opened_on + timedelta(days=due.days)
    weeks, rest = divmod(due.days, 5)
    day = opened_on + timedelta(weeks=weeks)
    if not rest:
        # Whole weeks from a weekend end on the Friday before the same weekend day.
        return day - timedelta(days=max(0, day.weekday() - _SATURDAY + 1))
    while rest:
        day += timedelta(days=1)
        rest -= day.weekday() < _SATURDAY
    return day
