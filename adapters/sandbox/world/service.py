"""How customers bring cases and what becomes of these, alike in both CRMs: decided by hash of (seed, day, record)."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import UTC, date, datetime, time, timedelta

from adapters.sandbox.chance import below, chance, pick, unit
from adapters.sandbox.world.population import LIFE_NUMBERS, Plan

SUBJECTS = (
    "Readings drift after an hour",
    "Display stays dark",
    "Calibration is due",
    "Delivery is incomplete",
    "Question about an invoice",
    "Cannot sign in to the portal",
)
_A_YEAR = 2.0  # new ones for each account or company
_REMEMBERED = 540  # days before the start
_LONGEST = 12  # days until an early one was closed
_CLOSES, _REOPENS, _ESCALATES = 0.16, 0.012, 0.006  # on one day
_REOPENED_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Early:
    """When a case of the beginning was opened and, where it is over, closed."""

    opened: datetime
    _: KW_ONLY
    closed: datetime | None

    @property
    def touched(self) -> datetime:
        """The last time that anything happened to it."""
        return self.closed or self.opened


def how_many(plan: Plan, day: date, crm: str, places: int) -> int:
    """How many cases are brought on a day."""
    return int(_A_YEAR * places / 365 + unit(plan.seed, day, crm, "new case", "how many"))


def born(plan: Plan, day: date, turn: int) -> int:
    """The number of a case that is brought on a day: the same however many records the API has made."""
    return LIFE_NUMBERS + (day - plan.start.date()).days * 10_000 + turn


def early(plan: Plan, *key: object) -> Early:
    """The times of a case of the beginning; one of ten opened long enough ago is still open."""
    back = timedelta(seconds=3_600 + int(unit(plan.seed, *key, "opened") ** 2 * _REMEMBERED * 86_400))
    opened = plan.start - back
    closed = opened + timedelta(days=1, seconds=below(_LONGEST * 86_400, plan.seed, *key, "open for"))
    is_closed = closed < plan.start and not chance(0.1, plan.seed, *key, "drags on")
    return Early(opened, closed=closed if is_closed else None)


def subject(plan: Plan, *key: object) -> str:
    """What a case is about."""
    return pick(SUBJECTS, plan.seed, *key, "subject")


def is_escalated(plan: Plan, *key: object) -> bool:
    """Whether a case of the beginning was escalated."""
    return chance(0.05, plan.seed, *key, "escalated")


def closes_on(plan: Plan, day: date, *key: object) -> bool:
    """Whether an open case is closed on a day."""
    return chance(_CLOSES, plan.seed, *key, day, "closes")


def escalates_on(plan: Plan, day: date, *key: object) -> bool:
    """Whether an open case is escalated on a day."""
    return chance(_ESCALATES, plan.seed, *key, day, "escalates")


def reopens_on(plan: Plan, day: date, *key: object) -> bool:
    """Whether a case that was closed shortly before is opened again on a day."""
    return chance(_REOPENS, plan.seed, *key, day, "reopens")


def reopening_window(day: date) -> tuple[datetime, datetime]:
    """Between which instants a case must have been closed that may be opened again on a day."""
    begins = datetime.combine(day, time(), tzinfo=UTC)
    return begins - _REOPENED_WITHIN, begins
