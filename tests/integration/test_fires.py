"""Fires with clocks that a test turns: what is due runs once, and what was missed, failed or crashed is made up."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from structlog.testing import capture_logs

from connector.domain.fires import Every
from connector.ports.errors import CrmAuthError, CrmRateLimited, CrmUnavailable, StagePostponed
from connector.ports.storage.firing import Fire
from connector.testing.fakes import FakeClock
from jobs.firing import KEPT, LEASE, fire_due, fire_quietly, leased, tidy
from jobs.job import Job
from jobs.scheduler import TICK_SECONDS, build_scheduler
from jobs.stages import jobs_of
from jobs.standing import standings
from tests.databases import claimed_elsewhere
from tests.ports import dead, make_ports
from tests.worlds import World, account, contact, make_page

MINUTE = timedelta(minutes=1)
UNAVAILABLE = CrmUnavailable("sf: the org is not available", crm="sf")


class Turned:
    """A job whose run does what the test says, on clocks that go together."""

    def __init__(self, storage, *, seconds=900):
        self.clock = FakeClock()
        self.start = self.clock.now()
        self.ports = make_ports(storage, clock=self.clock, real_clock=self.clock)
        self.ends, self.ran_at = [], []
        self.job = Job(stage="sync", crm="sf", run=self._run, schedules=(Every(seconds),))

    def _run(self, ports):
        self.ran_at.append(self.minutes)
        end = self.ends.pop(0) if self.ends else {}
        if isinstance(end, BaseException):
            raise end
        return end

    @property
    def minutes(self) -> float:
        """Minutes since the start."""
        return (self.clock.now() - self.start) / MINUTE

    def live(self, minutes: int) -> None:
        """Look at the ledger each minute, from now on."""
        for _ in range(minutes):
            fire_quietly(self.job, self.ports)
            self.clock.turn(MINUTE)


@pytest.fixture
def turned(storage):
    return Turned(storage)


def states(rows):
    return [(row["state"], row["attempts"], row["missed"]) for row in rows("fire")]


def test_a_job_runs_once_a_slot(turned):
    turned.live(46)
    assert turned.ran_at == [0, 15, 30, 45]


def test_what_was_missed_while_nothing_served_is_made_up_by_one_run(turned, rows):
    turned.live(1)
    turned.clock.turn(timedelta(days=30))
    turned.live(10)
    assert turned.ran_at == [0, 30 * 24 * 60 + 1]
    assert states(rows) == [("done", 1, 0), ("done", 1, 30 * 96 - 1)]


@pytest.mark.parametrize(
    ("error", "ran_at"),
    [
        (UNAVAILABLE, [0, 1, 3, 7, 15, 16]),
        (StagePostponed("sf: 2 records wait", counts={"postponed": 2}), [0, 1, 3, 7, 15, 16]),
        (CrmRateLimited("sf: slow down", retry_after=300.0), [0, 5, 10, 15, 20]),
        (CrmAuthError("sf: sign-in refused"), [0, 15]),
        (ZeroDivisionError(), [0, 15]),
    ],
    ids=["unavailable", "postponed", "rate limited", "refused", "a mistake of ours"],
)
def test_what_failed_for_a_while_comes_again_with_longer_waits_and_what_failed_for_good_in_the_next_slot(
    turned, error, ran_at
):
    turned.ends = [error] * 99
    turned.live(21 if ran_at[-1] == 20 else 18)
    assert turned.ran_at == ran_at


def test_a_fire_that_failed_and_came_again_is_done(turned, rows):
    turned.ends = [UNAVAILABLE]
    turned.live(3)
    assert states(rows) == [("done", 2, 0)]
    with turned.ports.storage.snapshot() as unit:
        assert [(run.stage, run.outcome) for run in unit.runs.latest()] == [("sync:sf", "ok")]


def test_a_run_whose_process_died_is_taken_over_after_its_lease_and_not_before(turned, rows):
    real = turned.clock.now()
    with turned.ports.storage.begin() as unit:
        taken = unit.fires.take(turned.job.key, turned.job.schedules, now=real, real=real, lease_until=real + LEASE)
        unit.commit()
    turned.clock.turn(LEASE - timedelta(seconds=1))
    assert fire_due(turned.job, turned.ports) is None
    turned.clock.turn(timedelta(seconds=1))
    assert fire_due(turned.job, turned.ports) == replace(taken, attempts=2)
    assert (turned.ran_at, states(rows)) == ([1], [("done", 2, 0)])


def test_a_run_that_is_interrupted_gives_its_fire_back_at_once(turned, rows):
    turned.ends = [SystemExit(0)]
    with pytest.raises(SystemExit):
        fire_due(turned.job, turned.ports)
    assert [row["lease_until"] for row in rows("fire")] == [None]
    assert fire_due(turned.job, turned.ports) is not None
    assert turned.ran_at == [0, 0]


def test_a_lease_that_is_lost_lets_nobody_run_the_job_beside_and_the_fire_stays_with_who_took_it(turned, rows):
    def run(ports):
        turned.clock.turn(2 * LEASE)
        assert fire_due(turned.job, ports) is None, "the claim is held"
        real = turned.clock.now()
        with ports.storage.begin() as unit:  # as a process does that has got the claim
            unit.fires.take("sync:sf", (Every(900),), now=real, real=real, lease_until=real + LEASE)
            unit.commit()
        return {}

    fire_due(replace(turned.job, run=run), turned.ports)
    assert states(rows) == [("running", 2, 0)]


def test_a_job_that_is_run_by_hand_keeps_its_fire_for_later(turned, rows):
    with claimed_elsewhere(turned.ports.storage, "sync:sf"):
        assert fire_due(turned.job, turned.ports) is None
    assert (turned.ran_at, rows("fire")) == ([], [])


def test_a_lease_is_renewed_while_its_run_lasts(turned, rows):
    is_renewed = threading.Event()

    class Watched(FakeClock):
        asked = 0

        def now(self) -> datetime:
            if threading.current_thread().name.startswith("lease of"):
                self.turn(MINUTE)
                self.asked += 1
                if self.asked == 2:  # the first renewal is committed
                    is_renewed.set()
            return super().now()

    def run(ports):
        (row,) = rows("fire")
        fire = Fire(**{name: row[name] for name in ("id", "job", "key", "due_at", "attempts")})
        with leased(fire, ports, every_seconds=0.01):
            assert is_renewed.wait(30)
        assert rows("fire")[0]["lease_until"] > row["lease_until"]
        return {}

    assert fire_due(replace(turned.job, run=run), replace(turned.ports, real_clock=Watched())) is not None
    assert states(rows) == [("done", 1, 0)]


def keys(rows, *, state):
    return sorted(row["job"] for row in rows("fire") if row["state"] == state)


def test_a_dead_crm_has_fires_of_its_own_and_keeps_the_other_from_nothing(storage, rows):
    world, clock = World(storage), FakeClock()
    ports = make_ports(storage, dead(world.crm, name="hub"), world.crm, clock=clock, real_clock=clock)
    with capture_logs() as logs:
        for job in jobs_of(ports, stage="sync"):
            fire_quietly(job, ports)
    assert logs == [
        {
            "event": "job_failed",
            "log_level": "error",
            "job": "sync:hub",
            "verdict": "retry",
            "error": "hub: the line is dead",
        },
        {"event": "job_done", "log_level": "info", "job": "sync:sf", "fire": "2026-01-05T09:00:00+00:00"},
    ]
    assert {row["job"]: row["state"] for row in rows("fire")} == {"sync:hub": "due", "sync:sf": "done"}
    with storage.snapshot() as unit:
        assert {run.stage: run.outcome for run in unit.runs.latest()} == {"sync:hub": "postponed", "sync:sf": "ok"}


def test_a_sync_that_brought_changes_makes_facts_and_then_a_plan_due_and_an_empty_one_does_not(storage, rows):
    world, clock = World(storage), FakeClock()
    ports = make_ports(storage, world.crm, clock=clock, real_clock=clock)
    (sync,) = jobs_of(ports, stage="sync")
    fire_quietly(sync, ports)
    assert keys(rows, state="due") == []
    kinds = {"account": [account()], "contact": [contact()]}
    world.pull = lambda kind, since: iter([make_page(kind, kinds.get(kind, ()), at=clock.now(), is_last=True)])
    clock.turn(timedelta(minutes=15))
    fire_quietly(sync, ports)
    assert keys(rows, state="due") == ["derive"]
    (derive,) = jobs_of(ports, stage="derive")
    fire_quietly(derive, ports)
    assert keys(rows, state="due") == ["plan"]
    (plan,) = jobs_of(ports, stage="plan")
    fire_quietly(plan, ports)
    fire_quietly(plan, ports)
    planned = [row for row in rows("fire") if row["job"] == "plan"]
    assert {row["cause"] for row in planned} == {"interval", "daily", "wake"}
    assert sorted(row["state"] for row in planned) == ["done", "made up", "made up"]


def test_a_wake_that_cannot_be_stored_does_not_keep_its_commit(storage):
    hide, show = "ALTER TABLE fire RENAME TO hidden", "ALTER TABLE hidden RENAME TO fire"
    with storage.begin() as unit:
        unit.runs.start("hear", at=FakeClock().now())
        unit.connection.exec_driver_sql(hide)
        unit.wake("write_back:sf", at=FakeClock().now())
        unit.connection.exec_driver_sql(show)
        unit.commit()
    with storage.snapshot() as unit:
        assert [run.stage for run in unit.runs.latest()] == ["hear"]


def test_the_scheduler_only_ticks_and_never_runs_a_job_twice_at_a_time(storage):
    world = World(storage)
    ports = make_ports(storage, world.crm)
    scheduler: BackgroundScheduler = build_scheduler(ports)
    scheduler.start(paused=True)
    try:
        seen = {
            job.id: (job.trigger.interval.total_seconds(), job.misfire_grace_time, job.coalesce, job.max_instances)
            for job in scheduler.get_jobs()
        }
    finally:
        scheduler.shutdown(wait=False)
    assert seen == {
        **{job.key: (TICK_SECONDS, None, True, 1) for job in jobs_of(ports)},
        "tidy": (86_400, None, True, 1),
    }


def test_fires_and_runs_of_long_ago_are_forgotten(turned, rows):
    turned.live(1)
    turned.clock.turn(timedelta(hours=1))
    turned.live(1)
    turned.clock.turn(KEPT)
    tidy(turned.ports)
    assert (len(rows("fire")), len(rows("run"))) == (1, 1)


def test_status_tells_of_each_job_its_last_run_its_next_and_what_was_missed_or_failed(storage):
    world, clock = World(storage), FakeClock()
    ports = make_ports(storage, world.crm, clock=clock, real_clock=clock)
    start = clock.now()
    sync = jobs_of(ports, stage="sync")[0]
    fire_quietly(sync, ports)
    clock.turn(timedelta(hours=1, minutes=7))
    fire_quietly(replace(sync, run=Turned(storage).job.run), ports)
    told = {each["job"]: each for each in standings(ports)}
    assert list(told) == [job.key for job in jobs_of(ports)]
    assert told["sync:sf"] == {
        "job": "sync:sf",
        "is_running": False,
        "last_run_at": start + timedelta(hours=1, minutes=7),
        "last_outcome": "ok",
        "next_due": start + timedelta(hours=1, minutes=15),
        "missed": 3,
        "failed": 0,
        "days": KEPT.days,
    }
    assert (told["plan"]["next_due"], told["plan"]["last_run_at"]) == (None, None)


def test_status_says_of_a_job_that_was_woken_and_is_not_served_that_it_is_not_due(storage):
    world, clock = World(storage), FakeClock()
    ports = make_ports(storage, world.crm, clock=clock, real_clock=clock)
    with storage.begin() as unit:
        unit.wake("ask", at=clock.now())
        unit.commit()
    (told,) = [each for each in standings(ports) if each["job"] == "ask"]
    assert (told["next_due"], told["is_running"]) == (None, False)
