"""Where the tasks of actions live, on both databases: joined accounts, homes, merges, and records that are gone."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from connector.domain.records import RecordKind
from connector.ports.crm import Removal
from connector.ports.wiring import SameAs
from tests.acting import hear, run_act, run_tasks
from tests.integration.test_actions_around import join, show, world
from tests.worlds import LittleAdapter, World, account, contact, make_page

__all__ = ["world"]


def second(world, **changes):
    """A connection to another CRM with a desk of its own, whose records name those of the org."""
    other = World(world.storage, now=world.now, org_id="P1")

    @contextmanager
    def opened():
        yield LittleAdapter(other)

    wired = {"name": "hub", "open": opened, "same_as": SameAs(crm="sf", read_id=str)}
    return replace(world.crm, **(wired | changes)), other.desk


def remove(world, crm, crm_id, *, home=None):
    """A CRM shows that an account is gone."""
    page = make_page(RecordKind.ACCOUNT, (), at=world.now, removed=[Removal(crm_id=crm_id)], is_last=True)
    with world.storage.begin() as unit:
        unit.records.store_page(crm, page, seen_at=world.now)
        unit.commit()
    join(world, home=home)


@pytest.mark.parametrize(("home", "expected"), [(False, "sf"), (True, "hub")])
def test_the_task_of_a_joined_account_lives_at_home_else_where_the_contact_was_invited(world, rows, home, expected):
    there = contact("52", account="51", address=contact()["address"])
    show(world, "hub", accounts=[account("51", same_as="001A")], contacts=[there])
    join(world, home="hub" if home else None)
    hub, hub_desk = second(world, is_home=home)
    hear(world, "003A", 4)
    run_act(world, crms=[world.crm, hub])
    for crm in (world.crm, hub):
        run_tasks(world, crm=crm, crms=[world.crm, hub])
    seen = [
        (crm, task.account_id, task.contact_id)
        for crm, desk in (("sf", world.desk), ("hub", hub_desk))
        for task, _ in desk.asked
    ]
    assert seen == [("hub", "51", "52") if home else ("sf", "001A", "003A")]
    assert rows("action")[0]["crm"] == expected


def test_an_account_that_home_does_not_know_keeps_its_task_where_it_is_known(world):
    show(world, "hub", accounts=[account("51")], contacts=[contact("52", account="51")])
    hub, hub_desk = second(world)
    home = replace(world.crm, is_home=True)
    hear(world, "52", 4)
    run_act(world, crms=[home, hub])
    run_tasks(world, crm=hub, crms=[home, hub])
    assert [(task.account_id, task.contact_id) for task, _ in hub_desk.asked] == [("51", "52")]


def test_a_contact_that_home_knows_by_same_as_takes_the_task_there(world):
    show(world, "hub", accounts=[account("51")], contacts=[contact("52", account="51", same_as="003B")])
    hub, _ = second(world)
    home = replace(world.crm, is_home=True)
    hear(world, "52", 4)
    run_act(world, crms=[home, hub])
    run_tasks(world, crm=home, crms=[home, hub])
    assert [(task.account_id, task.contact_id) for task, _ in world.desk.asked] == [("001A", "003B")]


def test_a_contact_merged_between_answer_and_task_gives_the_task_to_the_winner(world):
    hear(world, "003A", 4)
    run_act(world)
    merged = [Removal(crm_id="003A", merged_into="003B")]
    with world.storage.begin() as unit:
        page = make_page(RecordKind.CONTACT, (), at=world.now, removed=merged, is_last=True)
        unit.records.store_page("sf", page, seen_at=world.now)
        unit.commit()
    run_tasks(world)
    assert [(task.account_id, task.contact_id) for task, _ in world.desk.asked] == [("001A", "003B")]


def test_an_account_merged_between_answer_and_task_gives_the_task_to_the_winner(world):
    world.wait(minutes=1)
    world.change(RecordKind.ACCOUNT, account("001B"))
    hear(world, "003A", 4)
    run_act(world)
    world.wait(minutes=1)
    with world.storage.begin() as unit:
        page = make_page(RecordKind.ACCOUNT, (), at=world.now, removed=[Removal(crm_id="001A", merged_into="001B")])
        unit.records.store_page("sf", page, seen_at=world.now)
        unit.commit()
    world.change(RecordKind.CONTACT, contact("003A", account="001B"))
    run_tasks(world)
    assert [(task.account_id, task.contact_id) for task, _ in world.desk.asked] == [("001B", "003A")]


def test_a_contact_who_has_left_leaves_the_task_on_the_account_alone(world):
    hear(world, "003A", 4)
    run_act(world)
    world.wait(minutes=1)
    world.change(RecordKind.CONTACT, removed=["003A"])
    run_tasks(world)
    assert [(task.account_id, task.contact_id) for task, _ in world.desk.asked] == [("001A", None)]


@pytest.mark.parametrize(
    ("home", "gone", "left"),
    [(None, ("sf", "001A"), ("hub", "51")), ("hub", ("hub", "51"), ("sf", "001A"))],
    ids=["pointed at", "pointing"],
)
def test_an_account_that_is_gone_moves_the_action_to_the_crm_that_still_knows_it(world, rows, home, gone, left):
    show(world, "hub", accounts=[account("51", same_as="001A")])
    hub, hub_desk = second(world, is_home=home == "hub")
    crms = [world.crm, hub]
    join(world, home=home)
    hear(world, "003A", 4)
    run_act(world, crms=crms)
    world.wait(minutes=1)
    remove(world, *gone, home=home)
    for crm in sorted(crms, key=lambda crm: crm.name != gone[0]):
        run_tasks(world, crm=crm, crms=crms)
    asked = [(crm, task.account_id) for crm, desk in (("sf", world.desk), ("hub", hub_desk)) for task, _ in desk.asked]
    assert asked == [left]
    assert ("moved", "/".join(left)) in [(row["event"], row["detail"]) for row in rows("action_event")]
    assert shown_open(world) == {left[1]: 1}


def test_an_account_that_leaves_its_last_crm_before_an_answer_is_looked_at_drops_the_action_at_once(world, rows):
    show(world, "hub", accounts=[account("51", same_as="001A")])
    hub, _ = second(world)
    join(world)
    hear(world, "003B", 4)
    world.wait(minutes=1)
    remove(world, "sf", "001A")
    remove(world, "hub", "51")
    assert run_act(world, crms=[world.crm, hub]).opened == 1
    assert [(row["state"], row["resolution"], row["closed_at"]) for row in rows("action")] == [
        ("dropped", "The account is in no CRM any more.", world.now)
    ]
    assert ([row["event"] for row in rows("action_event")], rows("task")) == (["opened", "dropped"], [])


def shown_open(world):
    """By marked account, in either CRM: how many actions are open there."""
    with world.storage.snapshot() as unit:
        dirty = [
            each
            for crm in ("sf", "hub")
            for each in unit.write_backs.dirty(crm, RecordKind.ACCOUNT, now=world.now, limit=9)
        ]
    return {each.crm_id: each.standing.open_actions for each in dirty}


def test_an_account_that_is_gone_everywhere_drops_the_action(world, rows):
    hear(world, "003A", 4)
    run_act(world)
    world.wait(minutes=1)
    world.change(RecordKind.ACCOUNT, removed=["001A"])
    assert run_tasks(world).dropped == 1
    assert [(row["state"], row["resolution"]) for row in rows("action")] == [
        ("dropped", "The account is in no CRM any more.")
    ]
    assert (run_tasks(world).dropped, [row["state"] for row in rows("task")]) == (0, ["dropped"])
