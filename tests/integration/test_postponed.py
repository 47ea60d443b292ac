"""A stage that waits for a connection says so, is noted as postponed with what it did, and ends the command with 3."""

import json
from contextlib import nullcontext
from dataclasses import asdict

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from connector.cli import stages as command
from connector.cli import switch
from connector.cli.main import app
from connector.ports.crm import Receipt
from connector.ports.errors import CrmAuthError, CrmUnavailable, RelayUnavailable, StagePostponed, Verdict
from connector.ports.wiring import Ports
from connector.testing.asking_world import ASKED, KEYRING, MONDAY, POLICY, decide_to_ask, store_records
from connector.testing.fakes import FakeMailer
from connector.usecases.write_back import WriteReport
from jobs.firing import fire_quietly
from jobs.stages import jobs_of, run_stage
from jobs.write_back import REFUSALS_SHOWN
from tests.asking import URL, make_writer
from tests.worlds import Standing, World, account, answer, contact

AWAY = "relay.example:25 cannot be used (ConnectionRefusedError)."


def ports_of(world, *, mailer, policy=POLICY, crms=()):
    return Ports(
        storage=world.storage,
        clock=Standing(world.now),
        real_clock=Standing(world.now),
        open_mailer=lambda: nullcontext(mailer),
        writer=make_writer(),
        keyring=KEYRING,
        policy=policy,
        texts={"closedloop.yaml": "mode: live"},
        public_url=URL,
        listen=("127.0.0.1", 8080),
        crms=tuple(crms),
    )


@pytest.fixture
def asking(storage):
    """Three people are to be asked, and the relay is away."""
    store_records(storage)
    decide_to_ask(storage)
    world = World(storage)
    world.now = MONDAY
    return ports_of(world, mailer=FakeMailer([RelayUnavailable(AWAY)]))


@pytest.fixture
def world(storage):
    world = World(storage)
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B")])
    return world


@pytest.fixture
def writing(world):
    answer(world, "003A", 9.0)
    answer(world, "003B", 4.0)
    return ports_of(world, mailer=FakeMailer(), crms=[world.crm])


def latest(ports):
    with ports.storage.snapshot() as unit:
        return [(run.stage, run.outcome, run.counts, run.error) for run in unit.runs.latest()]


def test_mail_that_waits_for_the_relay_postpones_the_ask_stage(asking):
    counts = {"made": 3, "doubted": 0, "closed": 0, "ready": 1, "halted": AWAY}
    with pytest.raises(StagePostponed, match="mail waits: relay") as postponed:
        run_stage("ask", asking)
    assert postponed.value.counts == counts
    assert latest(asking) == [("ask", "postponed", counts, f"mail waits: {AWAY}")]


def test_mail_that_waits_for_the_stop_switch_does_not(asking):
    with asking.storage.begin() as unit:
        unit.switches.stop(at=MONDAY, reason="audit")
        unit.commit()
    assert run_stage("ask", asking).counts["halted"] == "stopped: mail waits until it is resumed"
    assert [outcome for _, outcome, _, _ in latest(asking)] == ["ok"]


def test_records_that_wait_for_the_crm_postpone_the_write_back(writing, world):
    def away(write):
        raise CrmUnavailable("sf: the org is not available", crm="sf")

    world.answer = away
    with pytest.raises(StagePostponed, match="sf: 2 records wait"):
        run_stage("write_back", writing)
    ((stage, outcome, counts, error),) = latest(writing)
    assert (stage, outcome, counts["postponed"], error) == ("write_back:sf", "postponed", 2, "sf: 2 records wait")


def test_a_crm_that_stops_is_told_before_one_that_waits(writing, world):
    def refused(write):
        raise CrmAuthError("sf: sign-in refused", crm="sf")

    world.answer = refused
    with pytest.raises(CrmAuthError, match="sign-in refused"):
        run_stage("write_back", writing)
    assert [outcome for _, outcome, _, _ in latest(writing)] == ["failed"]


def test_of_many_refused_records_a_run_names_the_first_and_counts_the_rest(storage):
    world = World(storage)
    ids = [f"003{number:03}" for number in range(REFUSALS_SHOWN + 5)]
    people = [contact(crm_id, address=f"p{crm_id}@tallow-finch.example") for crm_id in ids]
    world.load(accounts=[account()], contacts=people)
    for crm_id in ids:
        answer(world, crm_id, 7.0)
    message = "ENTITY_IS_DELETED: the record is deleted"
    world.answer = lambda write: Receipt(key=write.key, crm_id=write.crm_id, verdict=Verdict.SKIP, message=message)
    counts = run_stage("write_back", ports_of(world, mailer=FakeMailer(), crms=[world.crm])).counts
    expected = asdict(WriteReport()) | {"refused": 25, "refusals": [f"{crm_id}: {message}" for crm_id in ids[:20]]}
    assert counts == {"sf": expected}


def test_serving_says_that_a_job_waits(asking):
    with capture_logs() as logs:
        (job,) = jobs_of(asking, stage="ask")
        fire_quietly(job, asking)
    assert logs == [
        {
            "event": "job_failed",
            "log_level": "error",
            "job": "ask",
            "verdict": "retry",
            "error": f"mail waits: {AWAY}",
        }
    ]


def test_a_stage_that_waits_shows_what_it_did_and_does_not_keep_those_behind_it(asking, monkeypatch):
    monkeypatch.setattr(command, "opened", lambda folder: nullcontext(asking))
    shown = CliRunner().invoke(app, ["run", "all", "--json"])
    done = json.loads(shown.stdout)
    assert (list(done), done["ask"]["made"]) == (
        ["sync", "derive", "plan", "ask", "act", "tasks", "write_back"],
        len(ASKED),
    )
    assert isinstance(shown.exception, StagePostponed)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (("--reason", "wrong text"), "STOPPED since 5 January 2026 at 22:00: wrong text\n"),
        ((), "STOPPED since 5 January 2026 at 22:00\n"),
    ],
)
def test_status_says_why_mail_and_writes_are_halted(asking, monkeypatch, reason, told):
    for group in (command, switch):
        monkeypatch.setattr(group, "opened", lambda folder: nullcontext(asking))
    CliRunner().invoke(app, ["stop", *reason])
    lines = CliRunner().invoke(app, ["status"]).stdout.splitlines(keepends=True)
    assert lines[0].endswith(told)
    state = json.loads(CliRunner().invoke(app, ["status", "--json"]).stdout)
    assert state["stop_reason"] == (reason[1] if reason else None)
