"""Write-back after merges on both databases: whoever gave an answer, it shows on the record that is left."""

import pytest

from connector.domain.records import RecordKind
from connector.ports.crm import Removal
from connector.testing.store_rows import record_row
from connector.usecases.write_back import write_back
from tests.builders import make_policy
from tests.worlds import Standing, World, account, answer, contact, make_page


@pytest.fixture
def world(storage):
    world = World(storage)
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B"), contact("003C")])
    return world


def run(world):
    return write_back(world.crm, storage=world.storage, policy=make_policy(), clock=Standing(world.now))


def pushed(world):
    return [(write.crm_id, dict(write.values)) for write in world.pushed]


def store(world, page):
    with world.storage.begin() as unit:
        unit.records.store_page("sf", page, seen_at=world.now)
        unit.commit()


def merge(world, loser, winner):
    gone = [Removal(crm_id=loser, merged_into=winner)]
    store(world, make_page(RecordKind.CONTACT, [contact(winner)], at=world.now, removed=gone, is_last=True))


def test_the_winner_of_a_merge_gets_the_score_of_the_contact_that_went(world, rows):
    day = world.now.date()
    answer(world, "003B", 8.0)
    world.wait(hours=1)
    merge(world, "003B", "003A")
    marked = {("contact", record_row(rows, "003A")["id"]), ("account", record_row(rows, "001A", kind="account")["id"])}
    assert {(row["kind"], row["record_id"]) for row in rows("dirty")} == marked
    assert run(world).written == 1
    assert pushed(world) == [("003A", {"score": 8.0, "answered_on": day})]


def test_the_newest_answer_counts_whoever_of_the_merged_gave_it(world):
    answer(world, "003A", 3.0)
    world.wait(hours=1)
    answer(world, "003B", 8.0)
    world.wait(hours=1)
    merge(world, "003B", "003C")
    world.wait(hours=1)
    merge(world, "003C", "003A")
    run(world)
    assert [(crm_id, values["score"]) for crm_id, values in pushed(world)] == [("003A", 8.0)]


def test_a_full_write_back_reaches_the_winner_of_a_merge(world):
    answer(world, "003B", 8.0)
    world.wait(hours=1)
    merge(world, "003B", "003A")
    run(world)
    world.pushed.clear()
    with world.storage.begin() as unit:
        unit.write_backs.mark_answered(at=world.now)
        unit.commit()
    assert (run(world).unchanged, world.pushed) == (1, [])


def test_answers_at_an_account_count_at_the_one_it_was_merged_into(world):
    world.change(RecordKind.ACCOUNT, account("001B"))
    world.change(RecordKind.CONTACT, contact("003D", account="001B"))
    answer(world, "003D", 6.0)
    world.wait(hours=1)
    gone = [Removal(crm_id="001B", merged_into="001A")]
    store(world, make_page(RecordKind.ACCOUNT, [account()], at=world.now, removed=gone, is_last=True))
    world.change(RecordKind.CONTACT, contact("003D"))
    run(world)
    assert [(crm_id, values["score"]) for crm_id, values in pushed(world)] == [("003D", 6.0)]
