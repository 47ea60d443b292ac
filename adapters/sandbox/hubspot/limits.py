"""How many requests the portal takes: the headers that tell it, and the windows that can be switched on."""

from __future__ import annotations

import threading
import time
from collections import deque
from datetime import date

from adapters.sandbox.hubspot.errors import Refusal
from adapters.sandbox.state import State

DAILY, BURST, BURST_SECONDS, SEARCHES = 1_000_000, 190, 10.0, 5


class Limits:
    """Counts requests of the portal's day; the windows count real seconds and bite only while switched on."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._recent: deque[float] = deque()
        self._searches: deque[float] = deque()
        self.burst = 0
        self.searches = 0

    def clear(self) -> None:
        """Switch both windows off."""
        with self._lock:
            self.burst = self.searches = 0
            self._recent.clear()
            self._searches.clear()

    def headers(self, day: date, *, search: bool) -> dict[str, str]:
        """The headers of an answer, which also count the request; a search tells the daily ones only."""
        used = self._state.count(f"hubspot api usage {day.isoformat()}")
        daily = {"X-HubSpot-RateLimit-Daily": str(DAILY), "X-HubSpot-RateLimit-Daily-Remaining": str(DAILY - used)}
        if search:
            return daily
        most = self.burst or BURST
        with self._lock:
            left = max(0, most - len(self._recent))
        return {
            **daily,
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(BURST_SECONDS * 1000)),
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(left),
            "X-HubSpot-RateLimit-Secondly": str(most // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(max(0, most // 10 - 1)),
        }

    def check(self, *, search: bool) -> None:
        """Raise a 429 when a window that is on has no room; a search counts in its own window only."""
        with self._lock:
            now = time.monotonic()
            if search and self.searches and not _room(self._searches, now, self.searches, 1.0):
                raise search_limit()
            if not search and self.burst and not _room(self._recent, now, self.burst, BURST_SECONDS):
                raise burst_limit()


def _room(window: deque[float], now: float, most: int, seconds: float) -> bool:
    while window and window[0] <= now - seconds:
        window.popleft()
    if len(window) >= most:
        return False
    window.append(now)
    return True


def search_limit() -> Refusal:
    """The 429 of too many searches in a second."""
    return Refusal(429, "You have reached your secondly limit.", category="RATE_LIMITS")


def burst_limit() -> Refusal:
    """The 429 of too many requests in ten seconds."""
    return _limit("ten_secondly_rolling", "TEN_SECONDLY_ROLLING")


def daily_limit() -> Refusal:
    """The 429 of a day that is used up."""
    return _limit("daily", "DAILY")


def _limit(word: str, policy: str) -> Refusal:
    more = {"errorType": "RATE_LIMIT", "policyName": policy, "requestId": "5c7ad7b0-4c1e-4b0a-9d0e-2f5f6f0f8a11"}
    return Refusal(429, f"You have reached your {word} limit.", more=more)
