"""Since which day a contact has been gone from the accounts where it was drawn, wherever it stands by now."""

from datetime import timedelta

import pytest

from connector.domain.records import RecordKind
from tests.builders import TODAY
from tests.worlds import World, account, contact

GONE = ("block", "contact gone")


@pytest.fixture
def world(storage):
    """A contact whose account is on hold when its occurrence falls due; another account falls due three days later."""
    world = World(storage)
    on_hold = {"hold_until": TODAY + timedelta(days=9)}
    later = account("001B", renewal_on=TODAY + timedelta(days=123), **on_hold)
    world.load(accounts=[account("001A", **on_hold), later], contacts=[contact()])
    world.plan()
    world.wait(days=2)
    return world


def told(planned):
    """By account: the verdict and rule, and the day of each reason."""
    return {
        row.occurrence.split("/")[3]: ((row.verdict, row.rule), [(each.rule, each.on) for each in row.reasons])
        for row in planned.rows
    }


def test_a_contact_that_moved_is_gone_since_that_day_also_where_it_is_a_candidate_of_its_new_account(world):
    world.change(RecordKind.CONTACT, contact(account="001B"))
    world.wait(days=1)
    hold = ("hold", "2026-03-11")
    assert told(world.plan()) == {
        "001A": (GONE, [("contact gone", "2026-03-04"), hold]),
        "001B": (("defer", "hold"), [hold]),
    }


def test_each_occurrence_of_a_contact_tells_the_day_of_the_record_that_blocks_it_there(world):
    twin = {"address": "ann.003A@harbour.example", "name": "Ann 003A"}
    world.change(RecordKind.CONTACT, contact(account="001B"), contact("003T", **twin))
    world.change(RecordKind.CONTACT, contact("003T", **twin, left_company=True))
    world.wait(days=1)
    world.change(RecordKind.CONTACT, contact(account="001B", left_company=True))
    hold = ("hold", "2026-03-11")
    assert told(world.plan()) == {
        "001A": (GONE, [("contact gone", "2026-03-04"), ("left company", "2026-03-04"), hold]),
        "001B": (("block", "left company"), [("left company", "2026-03-05"), hold]),
    }


def test_a_contact_that_names_no_account_any_more_is_gone_from_where_it_was_drawn(world):
    world.change(RecordKind.CONTACT, contact(account=None))
    world.wait(days=8)
    assert told(world.plan()) == {"001A": (GONE, [("contact gone", "2026-03-04")])}
