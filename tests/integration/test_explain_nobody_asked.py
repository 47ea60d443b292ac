"""`explain` on both databases: people whose account is gone, or who did not bring the case."""

from datetime import timedelta

import pytest

from connector.domain.programs import When, WhenKind
from connector.domain.records import RecordKind
from connector.domain.selection import Reason
from connector.usecases.explain import Several, UnknownPerson, explain
from tests.builders import FACTS, before_renewal, make_policy, make_program
from tests.worlds import Standing, World, account, contact


@pytest.fixture
def world(storage):
    return World(storage)


def test_somebody_at_a_removed_account_reads_that_it_is_gone_and_nothing_of_its_type(world):
    world.load(accounts=[account("001A")], contacts=[contact("003A")])
    world.wait(days=1)
    world.change(RecordKind.ACCOUNT, removed=["001A"])
    seen = explain("sf/003A", storage=world.storage, policy=make_policy(), crms=[world.crm], clock=Standing(world.now))
    gone = Reason(rule="account gone", value="removed", threshold="a live account", source="sf/001A", on="2026-03-03")
    assert (seen.accounts, {each.reason for each in seen.undecided}) == ([], {gone})


def test_a_colleague_of_who_brought_a_case_reads_whose_case_it_is(world):
    world.load(accounts=[account("001A", renewal_on=None)], contacts=[contact("003A"), contact("003B")])
    when = When(kind=WhenKind.AFTER, fact=FACTS["case.closed_on"], days=1)
    policy = make_policy(programs=[make_program(milestones=(before_renewal(id="closed", when=when),))])
    world.plan(policy=policy)
    world.wait(days=1)
    closed = {"is_closed": True, "closed_on": world.now.date() - timedelta(days=1)}
    world.change(RecordKind.CASE, {"crm_id": "500A", "account": "001A", "contact": "003A"} | closed)
    world.plan(policy=policy)
    own, colleague = (
        explain(text, storage=world.storage, policy=policy, crms=[world.crm], clock=Standing(world.now))
        for text in ("003A", "003B")
    )
    assert [each.seen.verdicts[0].verdict for each in own.decisions] == ["ask"]
    assert [each.reason for each in colleague.undecided] == [
        Reason(rule="another's case", value="sf/003A", threshold="who brought it", source="sf/500A", on="2026-03-03")
    ]


def test_more_people_than_are_listed_are_said_to_be_more(world):
    world.load(accounts=[account("001A")], contacts=[contact(f"003{n:02}", name="Ann Kea") for n in range(21)])
    several = explain("ann", storage=world.storage, policy=make_policy(), crms=[world.crm], clock=Standing(world.now))
    assert isinstance(several, Several)
    listed = [each.contacts[0].key for each in several.people]
    assert (listed, several.has_more) == ([f"sf/003{n:02}" for n in range(20)], True)


@pytest.mark.parametrize("text", ["", "  "])
def test_no_text_at_all_fits_nobody(world, text):
    world.load(accounts=[account("001A")], contacts=[contact("003A")])
    with pytest.raises(UnknownPerson):
        explain(text, storage=world.storage, policy=make_policy(), crms=[world.crm], clock=Standing(world.now))
