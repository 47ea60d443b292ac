"""What every store's fire ledger must do: each fire is run by one, at its time, and what was missed is made up once."""

from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.fires import Daily, Every, FireState
from connector.ports.storage.firing import Fire, Standing
from connector.ports.storage.unit import Storage
from connector.testing.store_rows import Rows

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
QUARTER = (Every(900),)
BOTH = (Every(900), Daily("Pacific/Auckland"))
LEASE = timedelta(minutes=1)


def after(**duration: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(**duration)


def take(
    storage: Storage,
    *,
    at: datetime = NOON,
    real: datetime | None = None,
    job: str = "sync:sf",
    schedules: tuple[Every | Daily, ...] = QUARTER,
) -> Fire | None:
    """Take what is due, in a unit of its own; real time is business time unless told."""
    real = real or at
    with storage.begin() as unit:
        was_due = unit.fires.is_due(job, schedules, now=at, real=real)
        fire = unit.fires.take(job, schedules, now=at, real=real, lease_until=real + LEASE)
        unit.commit()
    assert was_due == (fire is not None), "is_due says what take finds"
    return fire


def settle(
    storage: Storage, fire: Fire, state: FireState, *, real: datetime, not_before: datetime | None = None
) -> bool:
    """End a fire, in a unit of its own."""
    with storage.begin() as unit:
        is_ours = unit.fires.settle(fire, state=state, real=real, run_id=1, not_before=not_before)
        unit.commit()
    return is_ours


def done(storage: Storage, **taking: datetime) -> Fire:
    """Take a fire and end it well."""
    fire = take(storage, **taking)  # type: ignore[arg-type]  # moments only
    assert fire is not None
    assert settle(storage, fire, FireState.DONE, real=taking.get("real") or taking.get("at") or NOON)
    return fire


def wake(storage: Storage, *, at: datetime = NOON, not_before: datetime | None = None, job: str = "sync:sf") -> None:
    """Announce work, in a unit of its own."""
    with storage.begin() as unit:
        unit.wake(job, at=at, not_before=not_before)
        unit.commit()


def told(rows: Rows) -> list[tuple[str, str, str | None]]:
    """Each fire's key, state and by which one it was made up, oldest first."""
    return [(row["key"], row["state"], row["made_up_by"]) for row in rows("fire")]


class FireContract:
    """Slots, leases and back-off."""

    def test_the_first_slot_is_due_at_once_and_nothing_is_due_for_the_time_before(
        self, storage: Storage, rows: Rows
    ) -> None:
        fire = take(storage, at=after(minutes=7))
        key = "2026-01-05T12:00:00+00:00"
        assert fire == Fire(id=fire.id if fire else 0, job="sync:sf", key=key, due_at=after(minutes=7), attempts=1)
        assert [(row["missed"], row["lease_until"], row["cause"]) for row in rows("fire")] == [
            (0, after(minutes=8), "interval")
        ]

    def test_a_fire_is_taken_by_one_and_each_job_has_its_own(self, storage: Storage) -> None:
        assert take(storage) is not None
        assert take(storage) is None
        assert take(storage, job="sync:hub") is not None

    def test_a_slot_that_was_run_does_not_come_again_and_the_next_one_does(self, storage: Storage) -> None:
        done(storage, at=after(minutes=1))
        assert take(storage, at=after(minutes=14)) is None
        again = take(storage, at=after(minutes=15))
        assert (again and again.key, again and again.due_at) == ("2026-01-05T12:15:00+00:00", after(minutes=15))

    def test_a_fire_that_is_not_committed_was_not_taken(self, storage: Storage, rows: Rows) -> None:
        with storage.begin() as unit:
            assert unit.fires.take("ask", QUARTER, now=NOON, real=NOON, lease_until=after(minutes=1)) is not None
        assert rows("fire") == []

    def test_slots_missed_while_nobody_served_are_made_up_by_one_run_that_counts_them(
        self, storage: Storage, rows: Rows
    ) -> None:
        done(storage)
        done(storage, at=after(days=90))
        assert take(storage, at=after(days=90)) is None
        assert [row["missed"] for row in rows("fire")] == [0, 90 * 96 - 1]

    def test_a_day_and_an_interval_that_are_due_together_are_one_run(self, storage: Storage, rows: Rows) -> None:
        first = take(storage, job="plan", schedules=BOTH)
        assert first is not None
        assert settle(storage, first, FireState.DONE, real=NOON)
        assert sorted(state for _, state, _ in told(rows)) == ["done", "made up"]
        assert take(storage, job="plan", schedules=BOTH) is None
        three_days = take(storage, at=after(days=3), job="plan", schedules=BOTH)
        assert three_days is not None
        days = [row for row in rows("fire") if row["cause"] == "daily"]
        assert [(row["key"], row["missed"]) for row in days] == [("2026-01-06", 0), ("2026-01-09", 2)]

    @pytest.mark.parametrize(("seconds", "is_taken"), [(59, False), (60, True)])
    def test_a_fire_whose_lease_is_over_is_taken_again_by_anybody(
        self, storage: Storage, seconds: int, is_taken: bool
    ) -> None:
        lost = take(storage)
        assert lost is not None
        again = take(storage, real=after(seconds=seconds))
        assert (again is not None) == is_taken
        assert settle(storage, lost, FireState.DONE, real=after(seconds=seconds)) == (not is_taken)
        if again is not None:
            assert (again.id, again.attempts) == (lost.id, 2)
            assert settle(storage, again, FireState.DONE, real=after(seconds=90))

    def test_a_lease_that_is_renewed_holds_longer_and_a_lost_one_cannot_be_renewed(self, storage: Storage) -> None:
        fire = take(storage)
        assert fire is not None
        with storage.begin() as unit:
            assert unit.fires.renew(fire, lease_until=after(minutes=2))
            unit.commit()
        assert take(storage, real=after(minutes=1, seconds=59)) is None
        assert take(storage, real=after(minutes=2)) is not None
        with storage.begin() as unit:
            assert not unit.fires.renew(fire, lease_until=after(minutes=9))

    def test_a_crashed_run_is_made_up_by_a_newer_slot(self, storage: Storage, rows: Rows) -> None:
        take(storage)
        newer = take(storage, at=after(minutes=20))
        assert newer is not None
        assert told(rows) == [
            ("2026-01-05T12:00:00+00:00", "made up", newer.key),
            ("2026-01-05T12:15:00+00:00", "running", None),
        ]

    def test_a_fire_that_is_given_back_waits_on_real_time_and_is_made_up_by_the_next_slot(
        self, storage: Storage, rows: Rows
    ) -> None:
        fire = take(storage)
        assert fire is not None
        assert settle(storage, fire, FireState.DUE, real=NOON, not_before=after(minutes=4))
        assert take(storage, at=after(minutes=3)) is None
        again = take(storage, at=after(minutes=4))
        assert (again and again.id, again and again.attempts) == (fire.id, 2)
        assert again is not None
        assert settle(storage, again, FireState.DUE, real=after(minutes=4), not_before=after(minutes=40))
        newer = take(storage, at=after(minutes=15))
        assert newer is not None
        assert told(rows)[0][1:] == ("made up", newer.key)

    def test_old_fires_are_forgotten_but_the_newest_of_a_job_stands(self, storage: Storage, rows: Rows) -> None:
        for quarter in range(4):
            done(storage, at=after(minutes=15 * quarter))
        with storage.begin() as unit:
            assert unit.fires.forget(before=after(minutes=16)) == 2
            assert unit.fires.forget(before=after(days=9)) == 1
            unit.commit()
        assert [row["due_at"] for row in rows("fire")] == [after(minutes=45)]
        assert take(storage, at=after(minutes=59)) is None


class WakeContract:
    """Work that is announced inside a commit."""

    def test_work_announced_before_a_run_is_done_by_that_one_run(self, storage: Storage, rows: Rows) -> None:
        done(storage)
        for second in range(3):
            wake(storage, at=after(seconds=second))
        assert len(rows("fire")) == 2
        fire = take(storage, at=after(seconds=5))
        assert fire is not None
        assert (fire.key, fire.due_at) == (f"wake {fire.id}", NOON)
        assert settle(storage, fire, FireState.DONE, real=after(seconds=6))
        assert take(storage, at=after(seconds=7)) is None

    def test_work_announced_during_a_run_makes_another_one(self, storage: Storage) -> None:
        wake(storage)
        running = take(storage)
        assert running is not None
        wake(storage, at=after(seconds=1))
        assert take(storage, at=after(seconds=2)) is None, "one run of a job at a time"
        assert settle(storage, running, FireState.DONE, real=after(seconds=3))
        assert take(storage, at=after(seconds=4)) is not None

    def test_a_wake_rides_on_its_commit(self, storage: Storage, rows: Rows) -> None:
        with storage.begin() as unit:
            unit.wake("act", at=NOON)
        assert rows("fire") == []

    def test_a_wake_for_later_waits_and_the_earliest_of_two_stands(self, storage: Storage, rows: Rows) -> None:
        done(storage)
        for minutes in (9, 5, 7):
            wake(storage, not_before=after(minutes=minutes))
        assert take(storage, at=NOON, real=after(minutes=4)) is None
        assert [row["not_before"] for row in rows("fire")] == [None, after(minutes=5)]
        wake(storage)
        assert take(storage, at=NOON, real=after(minutes=4)) is not None

    def test_a_wake_for_later_is_not_made_up_by_a_run_before_its_time(self, storage: Storage, rows: Rows) -> None:
        wake(storage, not_before=after(minutes=30))
        done(storage)
        assert told(rows)[0] == ("wake", "due", None)
        assert take(storage, at=NOON, real=after(minutes=30)) is not None


class StandingContract:
    """What `status` is told."""

    def test_the_standing_of_a_job_counts_what_was_missed_and_failed_and_says_what_waits(
        self, storage: Storage
    ) -> None:
        done(storage)
        failing = take(storage, at=after(hours=1))
        assert failing is not None
        assert settle(storage, failing, FireState.FAILED, real=after(hours=1))
        wake(storage, at=after(hours=1), not_before=after(hours=2))
        with storage.snapshot() as unit:
            standings = unit.fires.standings(real=after(hours=1))
        assert standings == {
            "sync:sf": Standing(
                last_due_at=after(hours=1), waits_until=after(hours=2), is_running=False, missed=3, failed=1
            )
        }

    def test_a_run_under_a_lease_that_holds_is_told_and_one_whose_process_died_is_not(self, storage: Storage) -> None:
        take(storage)
        with storage.snapshot() as unit:
            seen = [unit.fires.standings(real=real)["sync:sf"].is_running for real in (NOON, NOON + LEASE)]
        assert seen == [True, False]
