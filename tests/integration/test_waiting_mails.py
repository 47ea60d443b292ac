"""Mails that wait after a dead relay: `run ask`, `status`, `explain` and the errors say why and when they are tried."""

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from connector.cli import explain as explain_command
from connector.cli import stages as command
from connector.cli.main import app
from connector.ports.errors import DeliveryPostponed, RelayUnavailable
from connector.ports.storage.viewing import TroubleKind
from connector.testing.asking_world import MONDAY, POLICY, decide_to_ask, store_records
from connector.testing.fakes import FakeMailer
from connector.usecases.find_troubles import find_troubles
from tests.integration.test_postponed import AWAY, ports_of
from tests.worlds import Standing, World

WHY = "relay.example:25 cannot be used (ConnectionRefusedError)"
NEXT = MONDAY + timedelta(minutes=15)
TRIED = f"1 mail waits since 5 January 2026 at 22:00: {WHY}; it is tried next on 5 January 2026 at 22:15."
REST = "2 mails wait since 5 January 2026 at 22:00, not tried yet."


@pytest.fixture
def asking(storage):
    """Three people are to be asked, and the relay is away, then busy with the second of them."""
    store_records(storage)
    decide_to_ask(storage)
    world = World(storage)
    world.now = MONDAY
    return ports_of(
        world, mailer=FakeMailer([RelayUnavailable(AWAY), DeliveryPostponed("The relay said 450 to RCPT.")])
    )


@pytest.fixture
def shown(asking, monkeypatch):
    """Runs a command, so many minutes later."""

    def run(*arguments, minutes=0):
        clock = Standing(MONDAY + timedelta(minutes=minutes))
        for module in (command, explain_command):
            monkeypatch.setattr(module, "opened", lambda folder: nullcontext(replace(asking, clock=clock)))
        return CliRunner().invoke(app, [*arguments]).stdout

    return run


def test_run_ask_says_how_many_mails_wait_since_when_why_and_when_they_are_tried_next(shown):
    lines = shown("run", "ask").splitlines()
    assert [line.strip() for line in lines[1:]] == [
        f"ask         3 invitations made, 1 mail to be tried again, {WHY}",
        TRIED,
        REST,
    ]


def test_status_tells_the_same_by_cause(shown):
    shown("run", "ask")
    assert [line for line in shown("status").splitlines() if "wait" in line][:2] == [TRIED, REST]
    assert json.loads(shown("status", "--json"))["mails"] == [
        {"cause": AWAY, "mails": 1, "since": str(MONDAY), "next_at": str(NEXT)},
        {"cause": None, "mails": 2, "since": str(MONDAY), "next_at": str(MONDAY)},
    ]
    overdue = TRIED.replace("on 5 January 2026 at 22:15", "with the next run of `ask`")
    assert overdue in shown("status", minutes=15).splitlines()


def test_several_mails_of_one_cause_are_one_sentence_and_each_cause_has_its_own(shown):
    shown("run", "ask")
    lines = shown("run", "ask", minutes=1).splitlines()
    busy = "The relay said 450 to RCPT; it is tried next on 5 January 2026 at 22:16."
    assert lines[-2:] == [f"1 mail waits since 5 January 2026 at 22:00: {busy}", TRIED]
    assert "1 mail sent" in lines[1]


def test_explain_says_what_became_of_the_mail_and_when_it_is_tried_next(shown):
    shown("run", "ask")
    tried = shown("explain", "anna@tui.example")
    untried = shown("explain", "ben@tui.example")
    assert (
        f"    mail ready, tried once, last on 5 January 2026 at 22:00: {WHY};"
        " tried next on 5 January 2026 at 22:15; invitation open\n"
    ) in tried
    assert "    mail ready, not tried yet; invitation open\n" in untried
    (decision,) = json.loads(shown("explain", "anna@tui.example", "--json"))["decisions"]
    assert {name: value for name, value in decision.items() if name.startswith("mail")} == {
        "mail": "ready",
        "mail_at": str(MONDAY),
        "mail_attempts": 1,
        "mail_error": AWAY,
        "mail_next_at": str(NEXT),
    }


def test_the_errors_tell_the_cause_with_the_next_try_and_nothing_once_it_left(shown, asking):
    shown("run", "ask")
    (waiting,) = mails_among_errors(asking)
    assert (waiting.trouble.cause, waiting.trouble.count, waiting.again_at, waiting.needs_look) == (
        AWAY,
        1,
        NEXT,
        False,
    )
    shown("run", "ask", minutes=1)
    shown("run", "ask", minutes=30)
    assert mails_among_errors(asking) == []


def mails_among_errors(ports):
    found = find_troubles(storage=ports.storage, clock=ports.clock, real_clock=ports.real_clock)
    return [each for each in found if each.trouble.kind is TroubleKind.MAIL_WAITING]


def test_no_address_is_in_what_is_told_of_waiting_mails(shown):
    shown("run", "ask")
    assert "@" not in "\n".join(line for line in shown("status").splitlines() if "wait" in line)
    assert POLICY.organisation.timezone in shown("status")
