"""What a program in test writes in a live house, on both databases: fields of listed accounts, and no others."""

import pytest

from connector.domain.listed import Listed
from connector.domain.programs import Mode
from connector.usecases.write_back import write_back
from tests.acting import acting_policy, hear, make_rule, run_act
from tests.builders import make_policy, make_program
from tests.worlds import ALL_WORDS, Standing, World, account, contact

LISTED = Listed(recipients=("*@harbour.example",), accounts=("Harbour Test",))
OTHER = make_program(id="other")
TESTED = make_policy(programs=[make_program(mode=Mode.TEST), OTHER], listed=LISTED)
LIVE = make_policy(programs=[make_program(), OTHER])


@pytest.fixture
def world(storage):
    world = World(storage, write_words=ALL_WORDS)
    world.load(
        accounts=[account("001A", name="Harbour Test"), *(account(f"001{each}") for each in "BCD")],
        contacts=[contact(f"003{each}", account=f"001{each}") for each in "ABCD"],
    )
    return world


def mark(world):
    """Every record may have changed."""
    with world.storage.begin() as unit:
        unit.write_backs.mark_answered(at=world.now)
        unit.commit()


def written(world, policy):
    """Which records a run writes, those of all batches together."""
    world.pushed.clear()
    report = write_back(world.crm, storage=world.storage, policy=policy, clock=Standing(world.now))
    assert report.written == len(world.pushed)
    return sorted(write.crm_id for write in world.pushed)


def test_what_a_program_in_test_heard_is_written_at_listed_accounts_only_and_waits_for_live_elsewhere(world):
    for each in "ABC":
        hear(world, f"003{each}", 8)
    hear(world, "003D", 8, program="other")
    mark(world)
    assert written(world, TESTED) == ["001A", "001D", "003A", "003D"]
    assert written(world, TESTED) == []
    assert written(world, LIVE) == ["001B", "001C", "003B", "003C"]


def test_the_newest_answer_of_a_record_says_whose_its_fields_are(world):
    hear(world, "003B", 8)
    hear(world, "003C", 8, program="other")
    world.wait(minutes=1)
    hear(world, "003B", 7, program="other")
    hear(world, "003C", 7)
    mark(world)
    assert written(world, TESTED) == ["001B", "003B"]


def test_an_account_with_an_open_action_of_a_program_in_test_waits_though_nobody_gave_a_score(world):
    for each in "AB":
        hear(world, f"003{each}", 4, ask_kind="transaction")
    tested = acting_policy(make_rule(), program={"mode": Mode.TEST}, listed=LISTED)
    run_act(world, policy=tested)
    assert written(world, tested) == ["001A"]
    assert written(world, acting_policy()) == ["001B"]


@pytest.mark.parametrize(("own", "expected"), [(Mode.LIVE, ["003B"]), (Mode.TEST, []), (Mode.SHADOW, [])])
def test_what_a_program_heard_before_it_left_the_settings_is_written_where_it_was_live(world, own, expected):
    former = make_program(id="former", mode=own)
    world.plan(policy=make_policy(programs=[former, OTHER], listed=LISTED))
    hear(world, "003B", 8, program="former")
    mark(world)
    assert [crm_id for crm_id in written(world, TESTED) if crm_id.startswith("003")] == expected


def test_what_a_program_in_shadow_heard_earlier_stays_on_the_records(world):
    hear(world, "003B", 8, program="other")
    mark(world)
    policy = make_policy(programs=[make_program(mode=Mode.TEST), make_program(id="other", mode=Mode.SHADOW)])
    assert written(world, policy) == ["001B", "003B"]
