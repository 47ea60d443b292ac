"""Takers of one job's fires at the same moment, each on a connection of its own: exactly one gets one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from connector.ports.storage.firing import Fire
from connector.storage.engine import SqlStorage
from connector.testing.store_firing import BOTH, LEASE, NOON, after, wake
from connector.testing.store_rows import Rows

TAKERS = 6


def take_at_once(storage: SqlStorage, *, at: Any = NOON) -> list[Fire]:
    """What several takers got."""
    barrier = Barrier(TAKERS)

    def take(_: int) -> Fire | None:
        barrier.wait(30)
        with storage.begin() as unit:
            fire = unit.fires.take("plan", BOTH, now=at, real=at, lease_until=at + LEASE)
            unit.commit()
        return fire

    with ThreadPoolExecutor(TAKERS) as pool:
        return [fire for fire in pool.map(take, range(TAKERS)) if fire is not None]


@pytest.mark.parametrize("wakes", [0, 1])
def test_of_several_takers_one_gets_the_first_fire(storage: SqlStorage, rows: Rows, wakes: int) -> None:
    for _ in range(wakes):
        wake(storage, job="plan")
    (taken,) = take_at_once(storage)
    states = {row["id"]: row["state"] for row in rows("fire")}
    assert sorted(states.values()) == ["made up"] * (1 + wakes) + ["running"]
    assert states[taken.id] == "running"


def test_of_several_takers_one_gets_what_a_dead_process_left(storage: SqlStorage) -> None:
    (lost,) = take_at_once(storage)
    assert take_at_once(storage, at=after(seconds=59)) == []
    (again,) = take_at_once(storage, at=NOON + LEASE)
    assert (again.id, again.attempts) == (lost.id, 2)
