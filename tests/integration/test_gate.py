"""The gate of test mode on both databases: only a live program passes it, and one that left the settings does not."""

import pytest

from connector.domain.actions import TaskStage
from connector.domain.listed import Listed
from connector.domain.programs import Mode
from tests.acting import acting_policy, hear, run_act, run_tasks
from tests.worlds import World, account, contact

LISTED = Listed(recipients=("*@harbour.example",), accounts=("Harbour Test",))
TEST = {"mode": Mode.TEST, "listed": LISTED}


@pytest.fixture
def world(storage):
    """An action at a listed account and one at another, of a live program; no task is made yet."""
    world = World(storage)
    world.load(
        accounts=[account("001A", name="Harbour Test"), account("001B", name="Other")],
        contacts=[contact("003A"), contact("003B", account="001B")],
    )
    hear(world, "003A", 4)
    hear(world, "003B", 4)
    run_act(world)
    return world


def made(world, policy):
    """What a run makes now: the accounts, and how many tasks it keeps back."""
    world.desk.asked.clear()
    report = run_tasks(world, policy=policy)
    return [task.account_id for task, _ in world.desk.asked], report.would_open


@pytest.mark.parametrize("own", list(Mode))
def test_in_a_house_in_test_the_account_list_holds_for_a_program_that_left_the_settings_too(world, own):
    assert made(world, acting_policy(program={"id": "renamed", "mode": own}, **TEST)) == (["001A"], 1)


def test_in_a_house_in_shadow_nothing_of_a_program_that_left_the_settings_is_made(world):
    policy = acting_policy(program={"id": "renamed"}, mode=Mode.SHADOW, listed=LISTED)
    assert made(world, policy) == ([], 2)


def test_what_a_live_program_left_behind_is_made_in_a_live_house(world):
    world.plan(policy=acting_policy())
    assert made(world, acting_policy(program={"id": "renamed"})) == (["001A", "001B"], 0)


@pytest.mark.parametrize("own", [Mode.LIVE, Mode.TEST])
def test_a_program_that_left_while_in_test_reaches_no_other_account_in_a_live_house(world, own):
    world.plan(policy=acting_policy())
    world.plan(policy=acting_policy(program={"mode": Mode.TEST}, listed=LISTED))
    accounts, kept_back = made(world, acting_policy(program={"id": "renamed", "mode": own}, listed=LISTED))
    assert "001B" not in accounts
    assert kept_back == 2 - len(accounts)


def test_a_task_that_was_refused_stays_away_from_other_accounts_when_its_program_is_renamed_in_test(world):
    with world.storage.begin() as unit:
        for task in unit.tasks.due("sf", now=world.now, without=[], limit=9):
            unit.tasks.settle(task.id, TaskStage.REFUSED, at=world.now, error="no such field")
        unit.commit()
    assert made(world, acting_policy(program={"id": "renamed", "mode": Mode.TEST}, **TEST)) == (["001A"], 1)
