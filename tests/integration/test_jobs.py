"""Jobs run by hand: each is noted, one run at a time, and one for each CRM, of which none keeps another."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace

import pytest

from connector.domain.fires import Daily, Every
from connector.domain.records import RecordKind
from connector.ports.errors import CrmAuthError, CrmUnavailable, StorageError
from jobs import stages
from jobs.job import once
from jobs.stages import STAGES, after_response, attempt_stage, counts_of, jobs_of, run_stage
from tests.builders import NOW
from tests.databases import claimed_elsewhere
from tests.ports import dead, make_ports
from tests.worlds import Standing, World, account, answer, contact, make_page

ZERO = {kind: {"pulled": 0, "inserted": 0, "changed": 0, "removed": 0} for kind in RecordKind}


@pytest.fixture
def world(storage):
    return World(storage)


@pytest.fixture
def ports(world):
    return make_ports(world.storage, world.crm, clock=Standing(NOW))


@pytest.fixture
def as_plan(monkeypatch) -> Callable[..., None]:
    """Puts a function in the place of the plan job."""

    def put(function):
        monkeypatch.setattr(stages, "STAGES", {"plan": once(function, seconds=900)})

    return put


def latest(ports):
    with ports.storage.snapshot() as unit:
        return [(run.stage, run.started_at, run.finished_at, run.outcome, run.error) for run in unit.runs.latest()]


def counts(ports):
    with ports.storage.snapshot() as unit:
        return {run.stage: run.counts for run in unit.runs.latest()}


def test_a_run_that_ends_well_is_noted_with_its_counts_and_is_no_fire(ports, rows):
    done = run_stage("sync", ports)
    assert (done.stage, done.counts, done.errors) == ("sync", {"sf": ZERO}, [])
    assert latest(ports) == [("sync:sf", NOW, NOW, "ok", None)]
    assert counts(ports) == {"sync:sf": ZERO}
    assert rows("fire") == []


def test_a_run_that_fails_is_noted_with_its_error_and_raises_it(ports, as_plan):
    def fail(ports):
        raise StorageError("The disk is full.")

    as_plan(fail)
    with pytest.raises(StorageError, match="The disk is full"):
        run_stage("plan", ports)
    assert latest(ports) == [("plan", NOW, NOW, "failed", "StorageError: The disk is full.")]


def test_of_a_failure_that_is_not_ours_only_the_kind_is_noted_since_its_words_may_quote_values(ports, as_plan):
    def broken(ports):
        raise ValueError("could not convert string to float: 'Ada Inkpen, ada.inkpen@tallow-finch.example'")

    as_plan(broken)
    with pytest.raises(ValueError, match="could not convert"):
        run_stage("plan", ports)
    assert latest(ports) == [("plan", NOW, NOW, "failed", "ValueError")]


def test_a_run_that_is_interrupted_is_noted_as_failed(ports, as_plan):
    def interrupted(ports):
        raise KeyboardInterrupt

    as_plan(interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_stage("plan", ports)
    assert latest(ports) == [("plan", NOW, NOW, "postponed", "KeyboardInterrupt")]


def test_a_job_that_another_process_runs_is_skipped_without_a_trace(ports, world):
    ports = replace(ports, crms=(world.crm, replace(world.crm, name="hub")))
    with claimed_elsewhere(ports.storage, "sync:sf"):
        done = attempt_stage("sync", ports)
        assert done.counts == {"sf": None, "hub": ZERO}
        assert [stage for stage, *_ in latest(ports)] == ["sync:hub"], "each connection has a claim of its own"
    with claimed_elsewhere(ports.storage, "plan"):
        assert counts_of([attempt_stage("plan", ports)]) == {"plan": None}


def test_a_job_that_another_thread_runs_is_skipped(ports, as_plan):
    entered, may_end, done = threading.Event(), threading.Event(), []

    def slow(ports):
        entered.set()
        assert may_end.wait(30)
        return {"rows": 1}

    as_plan(slow)
    thread = threading.Thread(target=lambda: done.append(run_stage("plan", ports).counts))
    thread.start()
    try:
        assert entered.wait(30)
        assert run_stage("plan", ports).counts is None
    finally:
        may_end.set()
        thread.join(30)
    assert done == [{"rows": 1}]
    assert len(latest(ports)) == 1


def test_each_connection_has_its_own_job_as_often_as_it_asks_and_the_loop_its_order(ports, world):
    eager = replace(world.crm, name="hub", every_seconds=120)
    both = replace(ports, crms=(world.crm, eager))
    assert {job.key: tuple(job.schedules) for job in jobs_of(both)} == {
        "sync:sf": (Every(900),),
        "sync:hub": (Every(120),),
        "derive": (Every(3600), Daily("UTC")),
        "plan": (Every(900), Daily("UTC")),
        "ask": (Every(60),),
        "act": (Every(30),),
        "tasks:sf": (Every(30),),
        "tasks:hub": (Every(30),),
        "write_back:sf": (Every(30),),
        "write_back:hub": (Every(30),),
    }
    assert list(dict.fromkeys(job.stage for job in jobs_of(both))) == list(STAGES)
    assert after_response(both) == ["act", "write_back:hub", "write_back:sf"]


def refused(crm, name):
    """A connection whose credentials are refused."""

    @contextmanager
    def refuse():
        raise CrmAuthError(f"{name}: sign-in refused", crm=name)
        yield

    return replace(crm, name=name, open=refuse)


def test_a_crm_that_fails_keeps_no_other_from_sync_nor_hides_its_counts_and_the_worst_failure_is_raised(ports, world):
    ports = replace(ports, crms=(dead(world.crm, name="away"), world.crm, refused(world.crm, "bad")))
    with pytest.raises(CrmAuthError, match="bad: sign-in refused"):
        run_stage("sync", ports)
    assert [kind for kind, _ in world.pulled] == list(RecordKind)
    assert latest(ports) == [
        ("sync:away", NOW, NOW, "postponed", "CrmUnavailable: away: the line is dead"),
        ("sync:bad", NOW, NOW, "failed", "CrmAuthError: bad: sign-in refused"),
        ("sync:sf", NOW, NOW, "ok", None),
    ]
    done = attempt_stage("sync", ports)
    assert (done.counts, done.has_failed, [type(error) for error in done.errors]) == (
        {"sf": ZERO},
        False,
        [CrmUnavailable, CrmAuthError],
    )


def test_a_crm_that_fails_does_not_keep_the_others_from_their_writes(ports, world):
    world.load(accounts=[account()], contacts=[contact("003A")])
    elsewhere = {RecordKind.ACCOUNT: account("51"), RecordKind.CONTACT: contact("52", account="51")}
    with world.storage.begin() as unit:
        unit.connections.remap("bad", world.sources, at=NOW)
        for kind, record in elsewhere.items():
            page = make_page(kind, [record], at=NOW, is_full=True, is_last=True)
            unit.records.store_page("bad", page, seen_at=NOW)
        unit.commit()
    answer(world, "52", 4.0)
    answer(world, "003A", 9.0)
    ports = replace(ports, crms=(refused(world.crm, "bad"), world.crm))
    with pytest.raises(CrmAuthError, match="bad: sign-in refused"):
        run_stage("write_back", ports)
    assert [write.crm_id for write in world.pushed] == ["003A"]
