"""The API versions the org serves, by their seasons."""

from __future__ import annotations

NEWEST = 68  # Winter '27
OLDEST = 31  # Summer '14; 21 to 30 are retired
RETIRED_BELOW = 21
_SEASONS = ("Spring", "Summer", "Winter")


def listed() -> list[dict[str, str]]:
    """The versions as /services/data lists them, oldest first."""
    return [
        {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]


def _label(number: int) -> str:
    # Three releases a year; a Winter release bears the next year's number.
    years, season = divmod(number - 30, 3)
    return f"{_SEASONS[season]} '{14 + years + (season == 2)}"
