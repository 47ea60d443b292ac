"""Plans that the console keeps: decided once for everybody who looks, and anew as soon as something moved."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest

from connector.domain.programs import Policy
from connector.domain.records import RecordKind
from connector.storage.engine import SqlStorage
from connector.testing.fakes import FakeClock
from connector.usecases import kept_plans
from connector.usecases.kept_plans import KeptPlans
from connector.usecases.show_plan import ShownPlan
from tests.builders import TODAY, make_policy
from tests.integration.web.console_house import console_of
from tests.worlds import World, account, contact

DECIDE = kept_plans.show_plan


class House:
    """A world whose next asks are looked at; `decided` counts how often they were decided."""

    def __init__(self, storage: SqlStorage) -> None:
        self.world = World(storage)
        self.clock = FakeClock(self.world.now)
        self.policy = make_policy()
        self.decided = 0
        self.meanwhile: Callable[[], None] = lambda: None
        self.plans = self.with_policy(self.policy)

    def with_policy(self, policy: Policy) -> KeptPlans:
        """Plans of their own."""
        return KeptPlans(storage=self.world.storage, policy=policy, crms=[self.world.crm], clock=self.clock)

    def decide(self, **options: Any) -> ShownPlan:
        """What the page costs each time."""
        self.decided += 1
        self.meanwhile()
        return DECIDE(**options)

    def turn(self, **by: float) -> None:
        """Let time pass."""
        self.world.wait(**by)
        self.clock.turn(timedelta(**by))


@pytest.fixture
def due(storage: SqlStorage, monkeypatch: pytest.MonkeyPatch) -> House:
    """One person who is due in five days."""
    house = House(storage)
    house.world.load(accounts=[account("001A", renewal_on=TODAY + timedelta(days=125))], contacts=[contact("003A")])
    monkeypatch.setattr(kept_plans, "show_plan", house.decide)
    return house


def asked(plan: ShownPlan) -> list[date]:
    """The days on which somebody is asked."""
    return [bar.day for bar in plan.bars if bar.asks]


def test_who_looks_again_sees_the_same_plan_as_of_when_it_was_decided(due: House) -> None:
    first = due.plans.next_days(28)
    due.turn(hours=2)
    assert due.plans.next_days(28) is first
    assert (first.made_at, asked(first)) == (due.clock.now() - timedelta(hours=2), [TODAY + timedelta(days=5)])
    assert asked(due.plans.next_days(3)) == []
    assert due.decided == 2, "once for each length"


def test_a_sync_another_day_and_a_run_of_plan_let_it_be_decided_anew(due: House) -> None:
    assert asked(due.plans.next_days(28)) == [TODAY + timedelta(days=5)]
    due.turn(minutes=15)
    due.world.change(RecordKind.ACCOUNT, account("001A", renewal_on=TODAY + timedelta(days=130)))
    assert asked(due.plans.next_days(28)) == [TODAY + timedelta(days=10)]
    due.turn(days=1)
    assert due.plans.next_days(28).since == TODAY + timedelta(days=1)
    with due.world.storage.begin() as unit:
        run = unit.runs.start("plan", at=due.clock.now())
        unit.runs.finish(run, at=due.clock.now(), outcome="ok", counts={})
        unit.commit()
    due.plans.next_days(28)
    assert (due.decided, due.plans.next_days(28).made_at) == (4, due.clock.now())


def test_a_sync_in_the_middle_is_seen_by_the_next_who_looks(due: House) -> None:
    def sync() -> None:
        due.meanwhile = lambda: None
        due.turn(minutes=15)
        due.world.change(RecordKind.CONTACT, contact("003B"))

    due.meanwhile = sync
    due.plans.next_days(28)
    assert (due.plans.next_days(28).asked, due.decided) == (2, 2)


def test_everybody_who_looks_at_once_waits_for_one_decision(due: House) -> None:
    looking = Barrier(5)

    def look() -> ShownPlan:
        looking.wait(timeout=30)
        return due.plans.next_days(28)

    with ThreadPoolExecutor(5) as pool:
        found = [each.result(timeout=60) for each in [pool.submit(look) for _ in range(5)]]
    assert (due.decided, len({id(each) for each in found})) == (1, 1)


def test_a_plan_that_could_not_be_decided_is_tried_again_by_the_next_who_looks(due: House) -> None:
    def fail() -> None:
        due.meanwhile = lambda: None
        raise RuntimeError("power")

    due.meanwhile = fail
    with pytest.raises(RuntimeError):
        due.plans.next_days(28)
    assert due.plans.next_days(28).asked == 1


def test_the_page_decides_once_and_says_as_of_when(due: House) -> None:
    with console_of(due.world.storage, policy=due.policy) as client:
        pages = {client.get("/plan").text for _ in range(3)}
    assert (len(pages), due.decided) == (1, 1)
    assert "As of 9 Jan 2026, " in pages.pop()
