"""`plan` on a terminal: who would be asked by which program, and what keeps the others from it."""

import json
import re
from contextlib import nullcontext
from datetime import date

import pytest
from typer.testing import CliRunner

from connector.cli import plan as command
from connector.cli.main import app
from connector.domain.programs import Mode
from tests.builders import make_policy, make_program
from tests.ports import make_ports
from tests.worlds import Standing, World, account, contact


@pytest.fixture
def shown(storage, monkeypatch):
    """Shows the plan of a world with twelve people who are asked and four who are not."""
    world = World(storage)
    people = [contact(f"003{n:02}", name=f"Ann {n:02}", title="Buyer" if n % 2 else None) for n in range(12)]
    others = [contact(f"004{n}", address=None) for n in range(2)]
    others += [contact("004H", hold_until=date(2026, 3, 5)), contact("004S", level=None)]
    world.load(accounts=[account()], contacts=[*people, *others])

    def run(*arguments, **changes):
        ports = make_ports(storage, world.crm, clock=Standing(world.now), **changes)
        monkeypatch.setattr(command, "opened", lambda folder: nullcontext(ports))
        return CliRunner().invoke(app, ["plan", *arguments]).stdout

    return run


def test_the_first_people_of_each_program_are_named_and_the_reasons_of_the_others_counted(shown):
    head, mode, *lines = [line.rstrip() for line in shown().splitlines()]
    assert re.match(r"Plan \d+ as of 2 March 2026, digest ", head)
    assert head.endswith(": 16 candidates")
    assert mode == "mode live"
    assert lines[1] == "Ongoing (ongoing): 12 would be asked"
    assert [line.split() for line in lines[2:5]] == [
        ["Name", "Title", "or", "level", "Account", "Milestone", "Due"],
        ["Ann", "00", "user", "Harbour", "001A", "renewal", "2026-03-02"],
        ["Ann", "01", "Buyer", "Harbour", "001A", "renewal", "2026-03-02"],
    ]
    assert lines[13] == "and 2 more (--all)"
    assert [line.split(maxsplit=1) for line in lines[15:20]] == [
        ["Who", "would not be asked now, and why"],
        ["People", "Verdict     Why"],
        ["2", "not asked   has no mail address"],
        ["1", "would wait  a rep has set a hold"],
        ["1", "not asked   not one of those whom the program asks"],
    ]


def test_everybody_is_named_where_that_is_wanted(shown):
    told = shown("--all")
    assert [f"Ann {n:02} " in told for n in range(12)] == [True] * 12
    assert "more (--all)" not in told


def test_in_shadow_it_says_that_nothing_is_sent(shown):
    told = shown(policy=make_policy(mode=Mode.SHADOW))
    assert "Ongoing (ongoing): 12 would be asked, on the shadow track, which sends nothing\n" in told


def test_a_plan_of_nobody_says_so_and_names_no_program(shown):
    nobody = shown(policy=make_policy(programs=[make_program(relationship="partner")]))
    assert nobody.splitlines()[2:] == ["Nothing is due today. `closedloop check` shows the next 30 days."]
    unknown = shown(policy=make_policy(programs=[make_program(milestones=())]))
    assert "Name" not in unknown


def test_the_document_for_programs_holds_every_decision(shown):
    told = json.loads(shown("--json"))
    assert list(told) == ["plan", "digest", "as_of", "mode", "needs", "decisions"]
    assert len(told["decisions"]) == 16
