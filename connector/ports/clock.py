"""Time, passed in."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells a time: business time, or real time for leases, retries and limits (design 5.8)."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...
