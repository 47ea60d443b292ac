"""Keeps one client inside the portal's limits, by what its answers tell and by our own measure of searches."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.hubspot.failures import DAY_PAUSE_SECONDS
from connector.ports.errors import CrmRateLimited

SEARCHES_A_SECOND = 4
"""HubSpot allows an account 5 a second, and tells nothing about it before it refuses; others search too."""
_LOW_SHARE = 0.1
"""From here on requests are spread, so that the window fills up again before it is empty."""
_DAILY_RESERVE = 0.05
"""The share of a day's requests that we leave to everybody else in the account (our choice)."""


@dataclass(slots=True)
class Pace:
    """Waits before a request where that is needed; on real time."""

    crm: str
    searches_a_second: int = SEARCHES_A_SECOND
    _searches: deque[float] = field(default_factory=deque)
    _pause: float = 0.0
    _is_day_spent: bool = False

    def before(self, *, is_search: bool) -> None:
        """Wait until the request may go. Raises CrmRateLimited where the day's reserve is reached."""
        if self._is_day_spent:
            self._is_day_spent = False  # the next call may learn better
            told = f"{self.crm}: little is left of the day's requests, and that is left to others"
            raise CrmRateLimited(told, retry_after=DAY_PAUSE_SECONDS, crm=self.crm)
        wait = max(self._pause, self._search_wait() if is_search else 0.0)
        if wait:
            time.sleep(wait)
        if is_search:
            self._searches.append(time.monotonic())

    def after(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer; those of searches tell about the day only."""
        daily, daily_left = _number(headers, "Daily"), _number(headers, "Daily-Remaining")
        if daily and daily_left is not None:
            self._is_day_spent = daily_left < daily * _DAILY_RESERVE
        most, left, window = (_number(headers, name) for name in ("Max", "Remaining", "Interval-Milliseconds"))
        if most and left is not None and window:
            self._pause = 2 * window / 1000 / most if left <= most * _LOW_SHARE else 0.0

    def _search_wait(self) -> float:
        now = time.monotonic()
        while self._searches and now - self._searches[0] >= 1:
            self._searches.popleft()
        full = len(self._searches) >= self.searches_a_second
        return 1 - (now - self._searches[0]) if full else 0.0


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(f"X-HubSpot-RateLimit-{name}") or ""
    return int(text) if text.isdigit() else None
