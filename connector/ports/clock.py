"""Business time, passed in."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells business time; leases, retries and limits use real time instead (design 5.8)."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...
