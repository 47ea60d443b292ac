"""How requests are spread over time; on real time, in fractions of a second where that is enough."""

import time

import pytest

from adapters.hubspot.pacing import Pace
from connector.ports.errors import CrmRateLimited


def limits(*, left: int, day_left: int = 900, prefix: str = "X-HubSpot-RateLimit-") -> dict[str, str]:
    told = {"Daily": 1000, "Daily-Remaining": day_left, "Interval-Milliseconds": 1000, "Max": 100, "Remaining": left}
    return {f"{prefix}{name}": str(value) for name, value in told.items()}


@pytest.mark.parametrize(("left", "seconds"), [(50, 0.0), (10, 0.02), (0, 0.02)])
def test_requests_are_spread_when_little_is_left_of_the_window(left: int, seconds: float) -> None:
    pace = Pace(crm="hub")
    pace.after(limits(left=left))
    begin = time.monotonic()
    pace.before(is_search=False)
    assert (time.monotonic() - begin >= 0.02) is (seconds > 0)


def test_the_last_of_a_day_is_left_to_others() -> None:
    pace = Pace(crm="hub")
    pace.after(limits(left=90, day_left=50))
    pace.before(is_search=False)
    pace.after(limits(left=90, day_left=49))
    with pytest.raises(CrmRateLimited, match="left to others"):
        pace.before(is_search=False)
    pace.before(is_search=False)  # asks again, and learns whether a new day has begun


def test_a_fifth_search_waits_for_its_second() -> None:
    pace = Pace(crm="hub")
    begin = time.monotonic()
    for _ in range(4):
        pace.before(is_search=True)
    assert time.monotonic() - begin < 0.9
    pace.before(is_search=True)
    assert time.monotonic() - begin >= 1.0
