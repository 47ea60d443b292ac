"""Since when each of many people has said no here: themselves, as somebody joined into them, or by their address."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from connector.domain.records import RecordKind
from connector.testing.store_rows import record_row
from connector.usecases.plan import compute_plan
from tests.builders import NOW, make_policy
from tests.worlds import World, account, contact


@pytest.fixture
def world(storage):
    return World(storage)


def say_no(world: World, rows, crm_id: str) -> None:
    row = record_row(rows, crm_id)
    with world.storage.begin() as unit:
        unit.opt_outs.add(person_id=row["person_id"], address=row["address"], at=world.now, source="unsubscribe-page")
        unit.commit()


def join(world: World, rows, crm_id: str, *, into: str) -> None:
    """Remember that the person of a contact was joined into that of another."""
    ids = {"person": record_row(rows, crm_id)["person_id"], "into": record_row(rows, into)["person_id"]}
    statement = "INSERT INTO person_alias (person_id, into_id, from_at, cause) VALUES (:person, :into, :at, 'merge')"
    with world.storage.begin() as unit:
        unit.connection.execute(text(statement), ids | {"at": world.now.isoformat(sep=" ")})
        unit.commit()


def test_the_first_no_of_each_person_counts_whoever_else_said_one(world, rows):
    world.load(
        accounts=[account(renewal_on=date(2026, 7, 3))], contacts=[contact(f"003{letter}") for letter in "ABCDE"]
    )
    for letter in "ABC":
        say_no(world, rows, f"003{letter}")
        world.wait(days=1)
    say_no(world, rows, "003A")
    join(world, rows, "003B", into="003C")
    world.change(RecordKind.CONTACT, contact("003A", address="new@harbour.example"))
    world.change(RecordKind.CONTACT, contact("003D", address="ann.003A@harbour.example"))
    with world.storage.snapshot() as unit:
        found = compute_plan(unit, policy=make_policy(), crms=[world.crm], now=world.now).decisions
        seen = [decision.candidate for decision in found]
        known = unit.explanations.known_since(seen)
    since = {each.source: moments.get("opted out") for each, moments in zip(seen, known, strict=True)}
    assert since == {
        "sf/003A": NOW,
        "sf/003B": NOW + timedelta(days=1),
        "sf/003C": NOW + timedelta(days=1),
        "sf/003D": NOW,
        "sf/003E": None,
    }
