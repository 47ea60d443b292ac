"""Going from test to live and back, on both databases: no backlog opens, and nobody who could be asked is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.listed import Listed
from connector.domain.programs import Mode
from connector.domain.records import RecordKind
from connector.domain.selection import Reason
from tests.builders import TODAY, make_policy
from tests.worlds import World, account, contact

LISTED = Listed(recipients=("*@harbour.example",), accounts=("Harbour Test",))
TEST = make_policy(mode=Mode.TEST, listed=LISTED)
LIVE = make_policy()
HELD = {"hold_until": TODAY + timedelta(days=3)}


@pytest.fixture
def world(storage):
    return World(storage)


def load(world, **facts):
    world.load(accounts=[account("001A", **facts)], contacts=[contact("003A")])


def decided(world, policy=LIVE):
    return [(row.verdict, row.rule) for row in world.plan(policy=policy).rows]


def test_an_hour_of_test_mode_loses_nobody_who_was_deferred_in_live(world):
    load(world, **HELD)
    assert decided(world) == [("defer", "hold")]
    world.wait(days=1)
    assert decided(world, TEST) == [("block", "not in the test list")]
    world.wait(hours=1)
    assert decided(world) == [("defer", "hold")]
    world.wait(days=3)
    assert decided(world) == [("ask", "asked")]


def test_who_was_listed_and_deferred_in_test_is_asked_in_live_though_the_list_is_gone(world):
    load(world, name="Harbour Test", **HELD)
    assert decided(world, TEST) == [("defer", "hold")]
    world.wait(days=5)
    assert decided(world) == [("ask", "asked")]


def test_who_was_put_on_the_list_in_the_course_of_the_test_is_asked_in_live(world):
    load(world, **HELD)
    assert decided(world, TEST) == [("block", "not in the test list")]
    world.wait(days=1)
    listed = replace(TEST, listed=replace(LISTED, accounts=("001A",)))
    assert decided(world, listed) == [("defer", "hold")]
    world.wait(days=4)
    assert decided(world) == [("ask", "asked")]


@pytest.mark.parametrize("hold", [{}, HELD])
def test_who_was_never_listed_stays_blocked_in_live_by_the_list_of_then(world, hold):
    load(world, **hold)
    decided(world, TEST)
    for _ in range(2):
        world.wait(days=4)
        (row,) = world.plan(policy=replace(LIVE, listed=replace(LISTED, accounts=("001A",)))).rows
        assert (row.verdict, row.rule, row.reasons[0]) == (
            "block",
            "not in the test list",
            Reason(
                rule="not in the test list",
                value="account sf/001A",
                threshold="an account of the test list (Harbour Test)",
                source="sf/001A",
                on=TODAY.isoformat(),
            ),
        )


def test_what_fell_due_in_test_and_was_planned_in_live_only_is_held_against_the_list(world):
    later = TODAY + timedelta(days=121)
    world.load(
        accounts=[account("001A", name="Harbour Test", renewal_on=later), account("001B", renewal_on=later)],
        contacts=[contact("003A"), contact("003B", account="001B")],
    )
    assert decided(world, TEST) == []
    world.wait(days=3)
    rows = {row.person: row.rule for row in world.plan(policy=replace(LIVE, listed=LISTED)).rows}
    assert rows == {"sf/003A": "asked", "sf/003B": "not in the test list"}


def test_an_account_that_is_renamed_after_the_test_is_still_no_backlog(world):
    load(world)
    decided(world, TEST)
    world.wait(days=1)
    world.change(RecordKind.ACCOUNT, account("001A", name="Harbour Test"))
    assert decided(world, replace(LIVE, listed=LISTED)) == [("block", "not in the test list")]
