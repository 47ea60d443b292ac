"""The zone the invented company lives in: its CRMs keep instants in UTC and show them to its people on this clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

NAME = "Pacific/Auckland"
ZONE = ZoneInfo(NAME)


def day_of(instant: datetime) -> date:
    """The company's calendar day at an aware instant."""
    return instant.astimezone(ZONE).date()


def day_shown(kept: str | None) -> str:
    """The company's day of an instant as either CRM keeps it, as ISO text; a bare day stays itself, none is empty."""
    return moment_shown(kept)[:10]


def moment_shown(kept: str | None) -> str:
    """Such as `2026-01-05 19:00`, on the company's clock."""
    if not kept or len(kept) == len("2026-01-05"):
        return kept or ""
    return f"{datetime.fromisoformat(kept).astimezone(ZONE):%Y-%m-%d %H:%M}"
