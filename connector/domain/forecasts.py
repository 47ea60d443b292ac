"""What the next weeks hold: which asks come due on which day, as decided today for that day."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.domain.selection import Decision, VerdictKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Decisions of each day from `since` through `through`, both included, as if nothing else happened until then."""

    since: date
    through: date
    days: Mapping[date, Sequence[Decision]]

    @property
    def asks(self) -> int:
        """How many asks there would be; somebody can be asked more than once."""
        return sum(self.asks_by_day.values())

    @property
    def asks_by_day(self) -> Mapping[date, int]:
        """Asks of each day that has any, in the order of days."""
        counts = Counter(
            day for day, decisions in self.days.items() for each in decisions if each.verdict is VerdictKind.ASK
        )
        return dict(sorted(counts.items()))

    @property
    def busiest(self) -> tuple[date, int] | None:
        """The day with the most asks, the first of several, and how many it has."""
        by_day = self.asks_by_day
        return max(by_day.items(), key=lambda pair: (pair[1], -pair[0].toordinal()), default=None)
