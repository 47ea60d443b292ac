"""How often planning asks the databases: what is decided is not read again, and a plan is stored in few statements."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from connector.domain.records import RecordKind
from connector.storage.engine import SqlStorage
from tests.worlds import World, account, contact

NUMBER = 12


@pytest.fixture
def world(storage):
    world = World(storage)
    ids = [f"{number:02}" for number in range(NUMBER)]
    accounts = [account(f"A{each}") for each in ids]
    world.load(accounts=accounts, contacts=[contact(f"C{each}", account=f"A{each}") for each in ids])
    return world


@contextmanager
def counted(storage: SqlStorage) -> Iterator[Counter[str]]:
    """Counts calls of the driver meanwhile by their first word."""
    words: Counter[str] = Counter()

    def note(connection, cursor, statement, parameters, context, executemany):
        words[statement.split()[0]] += 1

    event.listen(storage.engine, "before_cursor_execute", note)
    try:
        yield words
    finally:
        event.remove(storage.engine, "before_cursor_execute", note)


def test_accounts_whose_people_are_all_asked_are_not_looked_at_again(world, storage):
    assert len(world.plan().decisions) == NUMBER
    world.wait(days=1)
    with counted(storage) as words:
        assert world.plan().decisions == []
    assert words["SELECT"] < 2 * NUMBER


def test_of_accounts_that_wait_only_these_are_looked_at_again(world):
    held = account("A01", hold_until=world.now.date() + timedelta(days=1))
    world.change(RecordKind.ACCOUNT, held)
    assert len(world.plan().decisions) == NUMBER
    world.wait(days=1)
    assert [each.candidate.source for each in world.plan().decisions] == ["sf/C01"]


def test_decisions_that_change_together_are_stored_together(world, storage):
    hold = world.now.date()
    ids = [f"{number:02}" for number in range(NUMBER)]
    world.change(RecordKind.ACCOUNT, *(account(f"A{each}", hold_until=hold) for each in ids))
    world.plan()
    world.wait(days=1)
    with counted(storage) as words:
        decisions = world.plan().decisions
    assert [each.rule for each in decisions] == ["asked"] * NUMBER
    assert (words["UPDATE"], words["INSERT"]) == (3, 1)
