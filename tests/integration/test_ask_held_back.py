"""Mail waits for the connection of its own contact alone: one that is dead or opens another org keeps no other."""

import json
from contextlib import nullcontext

import pytest
from typer.testing import CliRunner

from connector.cli import stages as command
from connector.cli.main import app
from connector.ports.errors import CrmUnavailable, StageFailed, StagePostponed
from jobs.stages import attempt_stage, run_stage
from tests.integration.test_two_crms import ASKED, SAME, TWICE, both
from tests.worlds import account, contact

__all__ = ["both"]

IN_SF, IN_HUB = "ann.003a@harbour.example", "ann.52@harbour.example"


@pytest.fixture
def decided(both):
    """One person in each CRM is to be asked."""
    both.show("sf", accounts=[account()], contacts=[contact()])
    both.show("hub", accounts=[account("51")], contacts=[contact("52", account="51")])
    run_stage("sync", both.ports)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}
    return both


def mailed(both):
    return [envelope.recipient for envelope in both.mailer.given]


@pytest.mark.parametrize(("gone", "away", "there"), [("sf", IN_SF, IN_HUB), ("hub", IN_HUB, IN_SF)])
def test_a_dead_connection_holds_back_the_mail_to_its_own_contacts_until_it_is_back(decided, gone, away, there):
    decided.broken.add(gone)
    with pytest.raises(StagePostponed, match=f"^mail to contacts of {gone} waits: {gone}: the line is dead$") as waits:
        run_stage("ask", decided.ports)
    assert waits.value.counts == {"made": 2, "doubted": 0, "closed": 0, "sent": 1, "held_back": [gone]}
    assert mailed(decided) == [there]
    decided.broken.clear()
    assert run_stage("ask", decided.ports).counts == {"made": 0, "doubted": 0, "closed": 0, "sent": 1}
    assert mailed(decided) == [there, away]


def test_a_connection_that_opens_another_org_holds_back_its_own_and_must_be_mended(decided, rows):
    decided.worlds["hub"].org_id = "4712"
    with pytest.raises(StageFailed, match="mail to contacts of hub waits: The credentials of hub open org 4712"):
        run_stage("ask", decided.ports)
    assert mailed(decided) == [IN_SF]
    (run,) = (row for row in rows("run") if row["stage"] == "ask")
    assert (run["outcome"], run["counts"]["sent"], run["counts"]["held_back"]) == ("failed", 1, ["hub"])
    assert sorted(row["state"] for row in rows("message")) == ["ready", "sent"]


def test_a_dead_connection_without_mail_is_not_even_asked(decided):
    run_stage("ask", decided.ports)
    decided.broken = {"sf", "hub"}
    assert run_stage("ask", decided.ports).counts == {"made": 0, "doubted": 0, "closed": 0}


def test_mail_held_back_by_the_hundred_keeps_no_mail_behind_it(both):
    people = [contact(f"{number:03}", account="51") for number in range(120)]
    both.show("hub", accounts=[account("51")], contacts=people)
    both.show("sf", accounts=[account()], contacts=[contact()])
    run_stage("sync", both.ports)
    both.decided()
    both.broken.add("hub")
    with pytest.raises(StagePostponed):
        run_stage("ask", both.ports)
    assert mailed(both) == [IN_SF]


def test_a_person_in_both_crms_waits_for_the_crm_of_the_invited_contact(both):
    run_stage("sync", both.ports)
    assert both.decided() == {"hub/52": ASKED, "sf/003A": TWICE}
    both.broken.add("sf")
    assert run_stage("ask", both.ports).counts["sent"] == 1
    assert mailed(both) == [SAME]


@pytest.fixture
def shown(both, monkeypatch):
    """Runs a command on both CRMs."""

    def run(*arguments):
        monkeypatch.setattr(command, "opened", lambda folder: nullcontext(both.ports))
        return CliRunner().invoke(app, [*arguments])

    return run


def test_run_all_goes_on_after_a_dead_crm_shows_all_counts_and_ends_with_its_failure(both, shown):
    both.broken.add("hub")
    done = shown("run", "all", "--json")
    counts = json.loads(done.stdout)
    assert list(counts) == ["sync", "derive", "plan", "ask", "act", "tasks", "write_back"]
    assert list(counts["sync"]) == ["sf"]
    assert (counts["plan"]["real ask"], counts["ask"]["sent"]) == (1, 1)
    assert str(done.exception) == "hub: the line is dead"


def test_run_all_leaves_out_the_plan_where_no_crm_could_be_synced_and_runs_what_does_not_need_it(both, shown):
    both.broken = {"hub", "sf"}
    done = shown("run", "all")
    lines = done.stdout.splitlines()
    assert [line.strip().split(maxsplit=1) for line in lines[1:3]] == [
        ["ask", "nothing to send"],
        ["act", "nothing to do"],
    ]
    assert [line.split()[:2] for line in lines[3:]] == [
        [stage, crm] for stage in ("tasks", "write_back") for crm in ("sf", "hub")
    ]
    assert done.stderr.splitlines()[:2] == [
        "derive was not run: it needs sync, which failed.",
        "plan was not run: it needs sync, which failed.",
    ]
    assert isinstance(done.exception, CrmUnavailable)
    assert {str(error) for error in attempt_stage("sync", both.ports).errors} == {
        "sf: the line is dead",
        "hub: the line is dead",
    }
    assert sum("the line is dead" in line for line in done.stderr.splitlines()) == 1, "the worst is told by main"


def test_run_sync_keeps_the_counts_of_the_healthy_crm(both, shown):
    both.broken.add("sf")
    done = shown("run", "sync", "--json")
    assert json.loads(done.stdout)["sync"]["hub"]["contact"]["inserted"] == 1
    assert str(done.exception) == "sf: the line is dead"


def test_status_shows_the_runs_and_the_jobs_of_both(both, shown):
    both.broken.add("sf")
    shown("run", "sync")
    lines = shown("status").stdout.splitlines()
    jobs = [line.split() for line in lines if line.rstrip().endswith("0")]
    assert [words[:2] for words in jobs[:2]] == [["sync:sf", "postponed"], ["sync:hub", "ok"]]
    assert jobs[-1] == ["write_back:hub", "never", "not", "served", "yet", "0", "0"]
    assert lines[-2:] == ["missed and failed in 14 days; times in UTC", "sync:sf: CrmUnavailable: sf: the line is dead"]
