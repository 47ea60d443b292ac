"""Slots of intervals and days: one for each, none for the time between, whatever the local clock does."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.fires import Daily, Every, Schedule, Slot, next_due, wait_after

AUCKLAND = "Pacific/Auckland"
ZONES = st.sampled_from([AUCKLAND, "UTC", "America/Santiago", "America/Havana", "Asia/Beirut", "Pacific/Kiritimati"])
"""Clocks that change at 2, at midnight, or never; the date line on both sides."""
DECADE = 10 * 365 * 86_400
MOMENTS = st.integers(0, DECADE).map(lambda second: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=second))
SCHEDULES = st.one_of(st.builds(Every, st.integers(30, 200_000)), st.builds(Daily, ZONES))


def slots_between(schedule: Schedule, start: datetime, end: datetime) -> list[Slot]:
    """Every slot from that of the start to that of the end, one after the other."""
    slots, moment = [], start
    while moment <= end:
        slots.append(schedule.slot(moment))
        moment = schedule.next_after(moment)
    return slots


@given(schedule=SCHEDULES, now=MOMENTS)
def test_every_moment_lies_in_one_slot_that_began_and_has_not_ended(schedule, now):
    slot, end = schedule.slot(now), schedule.next_after(now)
    assert slot.due_at <= now < end
    assert schedule.slot(slot.due_at) == slot == schedule.slot(end - timedelta(microseconds=1))
    assert schedule.slot(end).due_at == end
    assert schedule.slot(end).key != slot.key


@given(schedule=SCHEDULES, last=MOMENTS, slots=st.integers(0, 40))
def test_what_was_missed_is_what_lies_between(schedule, last, slots):
    now = last
    for _ in range(slots):
        now = schedule.next_after(now)
    assert schedule.missed(last, now=now) == max(0, slots - 1)


@given(zone=ZONES, start=MOMENTS, days=st.integers(1, 400))
def test_there_is_one_slot_for_each_local_date(zone, start, days):
    end = start + timedelta(days=days)
    first, last = (moment.astimezone(ZoneInfo(zone)).date() for moment in (start, end))
    dates = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
    assert [slot.key for slot in slots_between(Daily(zone), start, end)] == dates


@pytest.mark.parametrize(
    ("day", "starts_at", "hours"),
    [
        (date(2026, 4, 5), datetime(2026, 4, 4, 11, tzinfo=UTC), 25),
        (date(2026, 9, 27), datetime(2026, 9, 26, 12, tzinfo=UTC), 23),
        (date(2026, 7, 1), datetime(2026, 6, 30, 12, tzinfo=UTC), 24),
    ],
    ids=["the clock goes back", "the clock goes forward", "no change"],
)
def test_a_day_in_auckland_has_one_slot_however_many_hours_it_has(day, starts_at, hours):
    schedule = Daily(AUCKLAND)
    seen = {schedule.slot(starts_at + timedelta(minutes=minute)) for minute in range(60 * hours)}
    assert seen == {Slot(key=day.isoformat(), due_at=starts_at)}
    assert schedule.next_after(starts_at) == starts_at + timedelta(hours=hours)


def test_a_day_whose_midnight_is_skipped_starts_when_the_clock_skips_it():
    slot = Daily("America/Santiago").slot(datetime(2026, 9, 6, 15, tzinfo=UTC))
    assert slot == Slot(key="2026-09-06", due_at=datetime(2026, 9, 6, 4, tzinfo=UTC))


def test_an_interval_is_counted_in_utc_whatever_the_zone_of_the_clock():
    now = datetime(2026, 4, 5, 3, 7, tzinfo=ZoneInfo(AUCKLAND))
    due_at = datetime(2026, 4, 4, 15, tzinfo=UTC)
    assert Every(900).slot(now) == Slot(key="2026-04-04T15:00:00+00:00", due_at=due_at)


@given(attempts=st.integers(1, 10_000))
def test_waits_double_from_a_minute_to_an_hour(attempts):
    assert wait_after(attempts) == timedelta(minutes=min(60, 2 ** (attempts - 1)))


def test_a_job_that_nobody_serves_is_never_due_whatever_was_announced_for_it():
    announced = datetime(2026, 1, 5, 9, 7, tzinfo=UTC)
    assert next_due([Every(900)], last=None, waits_until=announced) is None
    assert next_due([], last=announced, waits_until=announced) is None
    assert next_due([Every(900)], last=announced, waits_until=None) == announced.replace(minute=15)
    assert next_due([Every(900)], last=announced, waits_until=announced) == announced
