"""Pages tell of each job when it ended, and when it comes next: as `status` does, for those who look."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from connector.ports.storage.unit import Storage
from connector.storage.engine import SqlStorage
from connector.testing.fakes import FakeClock
from connector.usecases.job_lines import DECIDING, PATIENCE, JobLine, Loop, read_jobs
from connector.web.console import console_app
from jobs.firing import KEPT, fire_due
from jobs.stages import STAGES, jobs_of, loop_of
from jobs.standing import standings
from tests.ports import make_ports
from tests.worlds import World

START = datetime(2026, 1, 5, 9, 7, tzinfo=UTC)


def served(storage: Storage) -> FakeClock:
    """A world whose `sync` and `plan` have been served once; the clock by which pages read it."""
    clock = FakeClock(START)
    ports = make_ports(storage, World(storage).crm, clock=clock, real_clock=clock)
    for stage in ("sync", "plan"):
        (job,) = jobs_of(ports, stage=stage)
        fire_due(job, ports)
    return clock


def text_of(storage: Storage, clock: FakeClock, url: str, *, is_served: bool = True, loop: Loop | None = None) -> str:
    """A page's words, without tags."""
    ports = make_ports(storage, World(storage).crm, clock=clock, real_clock=clock)
    app = console_app(ports, loop=loop or loop_of(ports, is_served=is_served))
    with TestClient(app, base_url="http://127.0.0.1:8081") as client:
        return " ".join(re.sub(r"<[^>]+>", " ", client.get(url).text).split())


def lines(storage: Storage, clock: FakeClock) -> dict[str, JobLine]:
    """How the jobs stand, by key."""
    ports = make_ports(storage, World(storage).crm, clock=clock, real_clock=clock)
    found = read_jobs(storage=storage, loop=loop_of(ports, is_served=True), clock=clock, real_clock=clock)
    assert {line.job: line.next_due for line in found} == {
        told["job"]: told["next_due"] for told in standings(ports) if told["job"] in {line.job for line in found}
    }, "as `status` tells it"
    return {line.job: line for line in found}


@pytest.mark.parametrize("url", ["/", "/errors", "/plan"])
def test_a_page_tells_when_each_job_ended_and_when_it_is_due_next(storage: SqlStorage, url: str) -> None:
    page = text_of(storage, served(storage), url)
    assert "plan ok ended 5 Jan 2026, 09:07 next due 5 Jan 2026, 09:15" in page
    assert "sync:sf ok ended 5 Jan 2026, 09:07 next due" in page


def test_a_job_that_nobody_takes_is_late_after_a_while_and_the_page_asks_why(storage: SqlStorage) -> None:
    clock = served(storage)
    due = lines(storage, clock)["plan"].next_due
    assert due == datetime(2026, 1, 5, 9, 15, tzinfo=UTC)
    clock.turn(due + PATIENCE - clock.now())
    assert not lines(storage, clock)["plan"].is_late
    clock.turn(timedelta(seconds=1))
    assert lines(storage, clock)["plan"].is_late
    assert "plan ok ended 5 Jan 2026, 09:07 due since 5 Jan 2026, 09:15 : is closedloop serve running?" in text_of(
        storage, clock, "/"
    )


def test_where_no_schedule_is_served_no_next_time_is_told_and_the_page_says_who_serves(storage: SqlStorage) -> None:
    page = text_of(storage, served(storage), "/", is_served=False)
    assert "next due" not in page
    assert "Nothing is on schedule here: closedloop serve runs each job on time." in page


def test_the_plan_page_names_only_the_jobs_that_decide(storage: SqlStorage) -> None:
    clock = served(storage)
    with storage.begin() as unit:
        unit.wake("ask", at=START)
        unit.commit()
    loop = Loop(stages=tuple(STAGES), kept_days=14, schedules={})
    found = read_jobs(storage=storage, loop=loop, clock=clock, real_clock=clock, stages=DECIDING)
    assert [line.job for line in found] == ["sync:sf", "plan"]
    every = read_jobs(storage=storage, loop=loop, clock=clock, real_clock=clock)
    assert [line.job for line in every] == ["sync:sf", "plan", "ask"]


def test_the_order_of_jobs_and_the_days_of_what_was_missed_are_those_of_whoever_runs_them(storage: SqlStorage) -> None:
    clock = served(storage)
    ports = make_ports(storage, World(storage).crm, clock=clock, real_clock=clock)
    clock.turn(timedelta(hours=1))
    (plan,) = jobs_of(ports, stage="plan")
    fire_due(plan, ports)
    other = Loop(stages=("plan",), kept_days=3, schedules={})
    found = read_jobs(storage=storage, loop=other, clock=clock, real_clock=clock)
    assert [line.job for line in found] == ["plan", "sync:sf"], "a stage that is none of the loop comes last"
    assert "3 missed in 3 days" in text_of(storage, clock, "/", loop=other)
    kept = loop_of(ports, is_served=False)
    assert (kept.stages, kept.kept_days, kept.schedules) == (tuple(STAGES), KEPT.days, {})
