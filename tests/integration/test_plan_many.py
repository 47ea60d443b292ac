"""Many occurrences on one day: they are read together, and each is decided as if it were alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from connector.domain.programs import When, WhenKind
from connector.domain.records import RecordKind
from connector.domain.selection import Decision
from connector.storage import candidates
from connector.usecases.plan import compute_plan
from jobs.stages import run_stage
from tests.builders import FACTS, before_renewal, condition, make_policy, make_program
from tests.integration.test_two_crms import ASKED, Both
from tests.joined import both, person, twin
from tests.worlds import World, account, contact, opportunity

__all__ = ["both"]
PAUSE = date(2026, 3, 10)
HELD, NO_SEAT, LEFT = ("defer", "hold"), ("block", "no seat"), ("block", "left company")
CLOSING = When(kind=WhenKind.BEFORE, fact=FACTS["opportunity.closes_on"], days=30)
CLOSED = When(kind=WhenKind.AFTER, fact=FACTS["case.closed_on"], days=2)
PROGRAM = make_program(
    who=condition("contact.level = 'user' and account.tier = 'A'"),
    milestones=(before_renewal(), before_renewal(id="closing", when=CLOSING), before_renewal(id="case", when=CLOSED)),
)
ACCOUNTS = [
    account("001A", tier="A", hold_until=PAUSE),
    account("001B"),
    account("001C", tier="A"),
    account("001D", tier="B"),
    account("001E", tier="A", renewal_on=None),
    account("001F", tier="A", renewal_on=None),
]
CONTACTS = [
    contact("003A"),
    contact("003B", account="001B", level=None, address="bo@harbour.example"),
    contact("003C", account="001C", left_company=True),
    contact("003D", account="001C"),
    contact("003E", account="001D"),
    contact("003F", account="001E", hold_until=PAUSE),
    contact("003G", account="001E"),
    contact("003H", account="001F"),
    contact("003I", account="001F"),
]
OF_HUB = [person("52", level="user", address="bo@harbour.example"), person("53", hold_until=PAUSE)]
DECIDED = {
    "sf/003A": HELD,
    "sf/003B": ASKED,
    "hub/53": HELD,
    "sf/003C": LEFT,
    "sf/003D": ASKED,
    "sf/003E": NO_SEAT,
    "sf/003F": HELD,
    "sf/003G": ASKED,
    "sf/003H": ASKED,
}


SF = {
    "accounts": ACCOUNTS,
    "contacts": CONTACTS,
    "opportunitys": [opportunity(account="001E", closes_on=date(2026, 4, 1))],
    "cases": [{"crm_id": "500A", "account": "001F", "contact": "003H", "closed_on": date(2026, 2, 28)}],
}


@pytest.fixture
def many(both: Both) -> Both:
    """Accounts of one CRM and of two, a deal and a case, of which somebody is to be asked today."""
    both.policy = make_policy(programs=[PROGRAM])
    both.show("sf", **SF)
    both.show("hub", accounts=[twin(of="001B", tier="A")], contacts=OF_HUB)
    run_stage("sync", both.ports)
    return both


def planned(many: Both) -> list[Decision]:
    """What a plan of this moment would decide, with all that it saw."""
    with many.storage.snapshot() as unit:
        now = many.worlds["sf"].now
        return list(compute_plan(unit, policy=many.policy, crms=many.ports.crms, now=now).decisions)


def test_each_occurrence_of_many_has_the_people_and_the_words_of_its_own_account(many):
    assert many.decided() == DECIDED
    many.wait(days=1)
    many.show("sf", **SF | {"accounts": [account("001A", tier="A"), *ACCOUNTS[1:]]})
    run_stage("sync", many.ports)
    assert many.decided() == DECIDED | {"sf/003A": ASKED}


def test_what_is_seen_of_one_does_not_depend_on_which_others_are_read_with_it(many, monkeypatch):
    fresh = planned(many)
    monkeypatch.setattr(candidates, "_CHUNK", 1)
    alone = planned(many)
    assert (len(fresh), fresh) == (len(DECIDED), alone)
    many.decided()
    many.wait(days=1)
    again = planned(many)
    monkeypatch.undo()
    assert (len(again), again) == (len([each for each in DECIDED.values() if each != ASKED]), planned(many))


@contextmanager
def counted(world: World) -> Iterator[list[str]]:
    """The statements that are executed inside."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(world.storage.engine, "before_cursor_execute", note)
    yield statements
    event.remove(world.storage.engine, "before_cursor_execute", note)


def statements_for(world: World, decisions: int) -> int:
    """How many statements a plan of this moment takes, which decides so much."""
    with counted(world) as statements, world.storage.snapshot() as unit:
        found = compute_plan(unit, policy=make_policy(), crms=[world.crm], now=world.now)
    assert len(found.decisions) == decisions
    return len(statements)


def test_a_plan_of_many_takes_as_many_statements_as_a_plan_of_few(storage):
    world, others = World(storage), [f"{number:03}X" for number in range(40)]
    world.load(accounts=[account(hold_until=PAUSE)], contacts=[contact()])
    few = statements_for(world, 1)
    world.change(RecordKind.ACCOUNT, *(account(other, hold_until=PAUSE) for other in others))
    world.change(RecordKind.CONTACT, *(contact(other, account=other) for other in others))
    assert statements_for(world, 41) == few
    world.plan()
    world.wait(days=1)
    many_again = statements_for(world, 41)
    world.change(RecordKind.ACCOUNT, removed=others)
    world.plan()
    assert statements_for(world, 1) == many_again
