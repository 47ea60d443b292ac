"""Periods: the days that come again and again after a first one, as `every` counts them (design 5.3)."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Periods of so many days each. Number 1 ends that many days after `from_on`, which itself ends none."""

    from_on: date
    days: int

    def number(self, day: date) -> int:
        """How many periods are over on a day; below 1 where none is."""
        return (day - self.from_on).days // self.days

    def end(self, number: int) -> date:
        """The day on which a period is over."""
        return self.from_on + timedelta(days=number * self.days)

    def ends_on(self, day: date) -> bool:
        """Whether one of the periods is over on exactly this day."""
        return self.number(day) >= 1 and self.end(self.number(day)) == day

    def next_end(self, day: date) -> date:
        """The first end on or after a day."""
        return day if self.ends_on(day) else self.end(max(self.number(day) + 1, 1))
