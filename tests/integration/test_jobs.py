"""Jobs: runs are noted, one run of a stage at a time, intervals, and CRMs that fail beside others that do not."""

import threading
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from connector.domain.links import Keyring
from connector.domain.records import RecordKind
from connector.ports.errors import CrmAuthError, CrmUnavailable, StorageError
from connector.ports.wiring import Ports
from connector.testing.fakes import FakeMailer
from jobs import stages, sync, write_back
from jobs.scheduler import build_scheduler, intervals, run_quietly
from jobs.stages import STAGES, StageRun, run_stage
from tests.builders import NOW, make_policy
from tests.databases import claimed_elsewhere
from tests.worlds import OURS, Standing, World, account, answer, contact, make_page


@pytest.fixture
def world(storage):
    return World(storage)


@pytest.fixture
def ports(world):
    return Ports(
        storage=world.storage,
        clock=Standing(NOW),
        open_mailer=lambda: nullcontext(FakeMailer()),
        writer=None,  # type: ignore[arg-type]  # nobody is asked here
        keyring=Keyring.of((b"k" * 32,)),
        policy=make_policy(),
        texts={"closedloop.yaml": "mode: live"},
        public_url="http://127.0.0.1:8080",
        listen=("127.0.0.1", 8080),
        crms=(world.crm,),
    )


@pytest.fixture
def as_stage(monkeypatch) -> Callable[..., None]:
    """Puts a function in the place of the plan stage."""

    def put(function):
        monkeypatch.setattr(stages, "STAGES", {"plan": function})

    return put


def latest(ports):
    with ports.storage.snapshot() as unit:
        return [(run.stage, run.started_at, run.finished_at, run.outcome, run.error) for run in unit.runs.latest()]


def test_a_run_that_ends_well_is_noted_with_its_counts(ports):
    done = run_stage("sync", ports)
    zero = {"pulled": 0, "inserted": 0, "changed": 0, "removed": 0}
    counts = {"sf": dict.fromkeys(("owner", "account", "contact", "opportunity"), zero)}
    assert done == StageRun(stage="sync", counts=counts)
    assert latest(ports) == [("sync", NOW, NOW, "ok", None)]
    with ports.storage.snapshot() as unit:
        assert unit.runs.latest()[0].counts == counts


def test_a_run_that_fails_is_noted_with_its_error_and_raises_it(ports, as_stage):
    def fail(ports):
        raise StorageError("The disk is full.")

    as_stage(fail)
    with pytest.raises(StorageError, match="The disk is full"):
        run_stage("plan", ports)
    assert latest(ports) == [("plan", NOW, NOW, "failed", "StorageError: The disk is full.")]


def test_of_a_failure_that_is_not_ours_only_the_kind_is_noted_since_its_words_may_quote_values(ports, as_stage):
    def broken(ports):
        raise ValueError("could not convert string to float: 'Ada Inkpen, ada.inkpen@tallow-finch.example'")

    as_stage(broken)
    with pytest.raises(ValueError, match="could not convert"):
        run_stage("plan", ports)
    assert latest(ports) == [("plan", NOW, NOW, "failed", "ValueError")]


def test_a_run_that_is_interrupted_is_noted_as_failed(ports, as_stage):
    def interrupted(ports):
        raise KeyboardInterrupt

    as_stage(interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_stage("plan", ports)
    assert latest(ports) == [("plan", NOW, NOW, "failed", "KeyboardInterrupt")]


def test_a_stage_that_another_process_runs_is_skipped_without_a_trace(ports):
    with claimed_elsewhere(ports.storage, "plan"):
        assert run_stage("plan", ports) == StageRun(stage="plan", counts=None)
        assert latest(ports) == []
        assert run_stage("sync", ports).counts is not None, "another stage has a claim of its own"


def test_a_stage_that_another_thread_runs_is_skipped(ports, as_stage):
    entered, may_end, done = threading.Event(), threading.Event(), []

    def slow(ports):
        entered.set()
        assert may_end.wait(30)
        return {"rows": 1}

    as_stage(slow)
    thread = threading.Thread(target=lambda: done.append(run_stage("plan", ports)))
    thread.start()
    try:
        assert entered.wait(30)
        assert run_stage("plan", ports) == StageRun(stage="plan", counts=None)
    finally:
        may_end.set()
        thread.join(30)
    assert done == [StageRun(stage="plan", counts={"rows": 1})]
    assert len(latest(ports)) == 1


def test_sync_runs_as_often_as_the_most_eager_crm_asks(ports):
    eager = replace(ports.crms[0], name="hs", every_seconds=120)
    assert intervals(ports) == {"sync": 900, "plan": 900, "ask": 60, "write_back": 60}
    both = replace(ports, crms=(*ports.crms, eager))
    assert intervals(both) == {"sync": 120, "plan": 120, "ask": 60, "write_back": 60}
    lazy = replace(ports, crms=(replace(eager, every_seconds=86_400),))
    assert intervals(lazy) == {"sync": 86_400, "plan": 900, "ask": 60, "write_back": 60}


def test_the_scheduler_makes_up_a_late_run_once_and_never_runs_a_stage_twice_at_a_time(ports):
    scheduler = build_scheduler(ports)
    scheduler.start(paused=True)
    try:
        seen = {
            job.id: (job.trigger.interval, job.misfire_grace_time, job.coalesce, job.max_instances, job.args)
            for job in scheduler.get_jobs()
        }
    finally:
        scheduler.shutdown(wait=False)
    assert seen == {
        stage: (timedelta(seconds=seconds), None, True, 1, (stage, ports))
        for stage, seconds in intervals(ports).items()
    }
    assert set(seen) == set(STAGES)


def test_the_scheduler_says_how_each_run_ended_and_lives_on(ports, as_stage):
    def unavailable(ports):
        raise CrmUnavailable("sf: the org is not available", crm="sf")

    def broken(ports):
        raise ZeroDivisionError("ada.inkpen@tallow-finch.example")

    with capture_logs() as logs:
        for function in (unavailable, broken, lambda ports: {"rows": 1}):
            as_stage(function)
            run_quietly("plan", ports)
        with ports.storage.claim("plan"):
            run_quietly("plan", ports)
    error = "sf: the org is not available"
    assert logs == [
        {"event": "stage_failed", "log_level": "error", "stage": "plan", "verdict": "retry", "error": error},
        {"event": "stage_broke", "log_level": "error", "stage": "plan", "error": "ZeroDivisionError"},
        {"event": "stage_done", "log_level": "info", "stage": "plan", "is_skipped": False},
        {"event": "stage_done", "log_level": "info", "stage": "plan", "is_skipped": True},
    ]


def test_an_interrupt_is_not_swallowed_by_the_scheduler(ports, as_stage):
    def interrupted(ports):
        raise KeyboardInterrupt

    as_stage(interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_quietly("plan", ports)


def broken_crm(world, name):
    """A connection whose credentials are refused."""

    @contextmanager
    def refuse():
        raise CrmAuthError(f"{name}: sign-in refused", crm=name)
        yield

    return replace(world.crm, name=name, open=refuse)


def noting(world, visited):
    """The working connection; what is opened of it is noted."""

    @contextmanager
    def opened():
        visited.append("sf")
        with world.crm.open() as adapter:
            yield adapter

    return replace(world.crm, open=opened)


def test_a_crm_that_fails_does_not_keep_the_others_from_sync_and_the_first_failure_is_raised_last(ports, world):
    visited = []
    ports = replace(ports, crms=(broken_crm(world, "bad"), noting(world, visited), broken_crm(world, "worse")))
    with pytest.raises(CrmAuthError, match="bad: sign-in refused"):
        sync.run(ports)
    assert visited == ["sf"]
    assert [kind for kind, _ in world.pulled] == list(RecordKind)


def test_one_crm_alone_can_be_synced(ports, world):
    visited = []
    ports = replace(ports, crms=(broken_crm(world, "bad"), noting(world, visited)))
    assert list(sync.run(ports, only="sf")) == visited == ["sf"]


def test_a_crm_that_fails_does_not_keep_the_others_from_their_writes(ports, world):
    world.load(accounts=[account()], contacts=[contact("003A")])
    elsewhere = {RecordKind.ACCOUNT: account("51"), RecordKind.CONTACT: contact("52", account="51")}
    with world.storage.begin() as unit:
        unit.connections.remap("bad", OURS, at=NOW)
        for kind, record in elsewhere.items():
            page = make_page(kind, [record], at=NOW, is_full=True, is_last=True)
            unit.records.store_page("bad", page, seen_at=NOW)
        unit.commit()
    answer(world, "52", 4.0)
    answer(world, "003A", 9.0)
    visited = []
    ports = replace(ports, crms=(broken_crm(world, "bad"), noting(world, visited)))
    with pytest.raises(CrmAuthError, match="bad: sign-in refused"):
        write_back.run(ports)
    assert (visited, [write.crm_id for write in world.pushed]) == (["sf"], ["003A"])
