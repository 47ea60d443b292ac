"""Actions of what was one over two CRMs and is not any more, or never was, on both databases."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from connector.domain.records import RecordKind
from connector.ports.errors import CrmUnavailable
from connector.ports.storage.records import Joining
from connector.ports.wiring import SameAs
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.task_places import same_as_sides
from tests.acting import hear, run_act, run_tasks
from tests.integration.test_actions_around import join, show, world
from tests.integration.test_actions_moving import remove, second, shown_open
from tests.worlds import account, contact

__all__ = ["world"]


@pytest.mark.parametrize("named", [{"same_as": "101"}, {}], ids=["naming", "named"])
def test_a_contact_of_a_crm_that_is_no_pair_is_somebody_else_whatever_its_id(world, named):
    world.wait(minutes=1)
    world.change(RecordKind.CONTACT, contact("003A", **named))
    stranger = contact("101", account="900", same_as=None if named else "003A")
    show(world, "hub", accounts=[account("900")], contacts=[stranger])
    hub, hub_desk = second(world, is_home=True, same_as=SameAs(crm="third", read_id=str))
    hear(world, "003A", 4)
    for crm in (world.crm, hub):
        run_act(world, crms=[world.crm, hub])
        run_tasks(world, crm=crm, crms=[world.crm, hub])
    assert ([task.contact_id for task, _ in world.desk.asked], hub_desk.asked) == (["003A"], [])


def test_an_account_of_a_crm_that_is_no_pair_does_not_take_the_action_of_one_that_is_gone(world, rows):
    show(world, "hub", accounts=[account("900", same_as="001A")])
    hub, hub_desk = second(world, same_as=None)
    hear(world, "003A", 4)
    run_act(world, crms=[world.crm, hub])
    world.wait(minutes=1)
    world.change(RecordKind.ACCOUNT, removed=["001A"])
    for crm in (world.crm, hub):
        run_tasks(world, crm=crm, crms=[world.crm, hub])
    assert ([row["state"] for row in rows("action")], hub_desk.asked) == (["dropped"], [])


def lose(task):
    """The CRM made the task, and its answer is lost."""
    raise CrmUnavailable("The line was cut.", crm="hub")


def split(world, **left):
    """The portal's account names another one of the org now, or none."""
    world.wait(minutes=16)
    show(world, "hub", accounts=[account("51", **left)])
    join(world)


@pytest.mark.parametrize("is_asked_in_hub", [True, False])
@pytest.mark.parametrize("is_lost", [True, False])
def test_a_task_whose_answer_was_lost_is_looked_for_where_it_was_asked_for_though_accounts_were_split(
    world, rows, is_lost, is_asked_in_hub
):
    """`account_id` of the response is the first record's, as long as nobody asked at the contact's own."""
    there = contact("52", account="51", address=contact()["address"])
    show(world, "hub", accounts=[account("51", same_as="001A")], contacts=[there])
    join(world)
    hub, hub_desk = second(world, is_home=True)
    crms = [world.crm, hub]
    first = next(row["id"] for row in rows("account") if row["crm_id"] == "001A")
    hear(world, "52" if is_asked_in_hub else "003A", 4, account_id=first)
    run_act(world, crms=crms)
    if is_lost:
        hub_desk.after = lose
        assert run_tasks(world, crm=hub, crms=crms).postponed == 1
        hub_desk.after = lambda task: None
    split(world)
    for crm in (hub, world.crm, hub, world.crm):
        run_tasks(world, crm=crm, crms=crms)
    made = [[task.account_id for task in desk.new.values()] for desk in (hub_desk, world.desk)]
    assert made == ([["51"], []] if is_lost else [[], ["001A"]])
    assert [row["state"] for row in rows("task")] == (["made"] if is_lost else ["dropped", "made"])


def test_a_task_whose_answer_was_lost_follows_the_action_once_its_account_is_really_gone(world, rows):
    show(world, "hub", accounts=[account("51", same_as="001A")])
    join(world)
    hub, hub_desk = second(world, is_home=True)
    crms = [world.crm, hub]
    hear(world, "003A", 4)
    run_act(world, crms=crms)
    hub_desk.after = lose
    run_tasks(world, crm=hub, crms=crms)
    world.wait(minutes=16)
    remove(world, "hub", "51")
    for crm in (hub, world.crm):
        run_tasks(world, crm=crm, crms=crms)
    assert [(row["crm"], row["state"]) for row in rows("task")] == [("hub", "dropped"), ("sf", "made")]
    world.wait(minutes=16)
    world.desk.delete("00T1")
    run_tasks(world, crms=crms)
    run_tasks(world, crms=crms)
    states = [(row["crm"], row["state"]) for row in rows("task")]
    assert states == [("hub", "dropped"), ("sf", "gone"), ("sf", "made")], "deleted once: what moved was not deleted"


def test_a_split_leaves_the_action_with_the_account_of_the_contact_who_was_asked(world, rows):
    show(world, "hub", accounts=[account("51", same_as="001A")], contacts=[contact("52", account="51")])
    join(world)
    hub, hub_desk = second(world)
    crms = [world.crm, hub]
    hear(world, "52", 4)
    run_act(world, crms=crms)
    assert shown_open(world) == {"001A": 1, "51": 1}
    split(world)
    for crm in (world.crm, hub):
        run_tasks(world, crm=crm, crms=crms)
    assert ([task.account_id for task in hub_desk.new.values()], world.desk.new) == (["51"], {})
    assert shown_open(world) == {"001A": 0, "51": 1}


def test_a_task_whose_answer_was_lost_is_looked_for_at_the_contact_that_was_the_same_one(world, rows):
    pairs = Joining(pairs={"hub": "sf"}, home=None)

    def see(**named):
        show(world, "hub", accounts=[account("51")], contacts=[contact("52", account="51", **named)])
        with world.storage.begin() as unit:
            unit.records.join(RecordKind.CONTACT, pairs, at=world.now)
            unit.commit()

    see(same_as="003B")
    hub, hub_desk = second(world)
    home = replace(world.crm, is_home=True)
    hear(world, "52", 4)
    run_act(world, crms=[home, hub])
    world.desk.after = lose
    run_tasks(world, crm=home, crms=[home, hub])
    world.desk.after = lambda task: None
    world.wait(minutes=16)
    see()
    for crm in (home, hub):
        run_tasks(world, crm=crm, crms=[home, hub])
    assert ([task.contact_id for task in world.desk.new.values()], hub_desk.new) == (["003B"], {})
    assert [(row["crm"], row["state"]) for row in rows("task")] == [("sf", "made")]


def test_the_others_of_a_record_are_found_by_an_index_whichever_names_the_other(world, rows):
    """Two searches, each for a CRM and an id: one search by either would read every contact."""
    if world.storage.engine.dialect.name != "sqlite":
        pytest.skip("SQLite tells its plan in words; both databases have the same indices")
    table = RECORD_TABLES[RecordKind.CONTACT]
    named, naming = (
        SimpleNamespace(crm="sf", crm_id="003A", same_as=None),
        SimpleNamespace(crm="hub", crm_id="52", same_as="003A"),
    )
    (by_same_as,) = same_as_sides(table, named, pairs={"hub": "sf"})
    (by_id,) = same_as_sides(table, naming, pairs={"hub": "sf"})
    with world.storage.engine.connect() as connection:
        plans = [
            connection.execute(text(f"EXPLAIN QUERY PLAN {side.compile(compile_kwargs={'literal_binds': True})}")).all()
            for side in (by_same_as, by_id)
        ]
    assert [["(crm=? AND" in step.detail for step in plan] for plan in plans] == [[True], [True]]
