"""Write-back and its marks find their rows by indices: at 100,000 contacts a scan for each batch would be felt."""

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from connector.domain.records import RecordKind
from tests.worlds import World, account, answer, contact

READ_WHOLE = re.compile(r"SCAN (contact|account|response|person_alias|record_alias|write_log)\b")


@pytest.fixture
def world(storage):
    if storage.engine.dialect.name != "sqlite":
        pytest.skip("SQLite tells its plan in words; both databases have the same indices")
    world = World(storage)
    world.load(accounts=[account(), account("001B")], contacts=[contact("003A"), contact("003B")])
    answer(world, "003A", 9.0)
    return world


@contextmanager
def scans(storage, *, of=("",)):
    """What the statements inside that mention one of these texts read row by row."""
    found = []

    def explain(connection, cursor, statement, parameters, context, executemany):
        if any(text in statement for text in of) and statement.startswith(("SELECT", "WITH", "INSERT")):
            asking = cursor.connection.cursor()
            plan = asking.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            found.extend(step[3] for step in plan if READ_WHOLE.match(step[3]))

    event.listen(storage.engine, "before_cursor_execute", explain)
    yield found
    event.remove(storage.engine, "before_cursor_execute", explain)


@pytest.mark.parametrize("kind", [RecordKind.CONTACT, RecordKind.ACCOUNT])
def test_a_batch_of_dirty_records_is_read_by_indices(world, kind):
    with world.storage.begin() as unit:
        unit.write_backs.mark_answered(at=world.now)
        unit.commit()
    with scans(world.storage) as found, world.storage.snapshot() as unit:
        assert len(unit.write_backs.dirty("sf", kind, now=world.now, limit=9, home="hub")) == 1
    assert found == []


def test_what_a_moving_contact_marks_is_found_by_indices(world, rows):
    before = len(rows("dirty"))
    world.wait(hours=1)
    with scans(world.storage, of=("stage_heard", "stage_moved")) as found:
        world.change(
            RecordKind.CONTACT, contact("003A", account="001B"), contact("003C", address="ann.003A@harbour.example")
        )
        world.change(RecordKind.CONTACT, removed=["003C"])
    assert found == []
    assert len(rows("dirty")) > before
