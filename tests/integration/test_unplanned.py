"""What a plan leaves out is said with the stage that has to run first, on both databases."""

from dataclasses import replace

import pytest

from connector.domain.derivation import DatePart, Derivation, Take
from connector.usecases.derive import derive
from connector.usecases.unplanned import unplanned
from tests.builders import FACTS, make_policy
from tests.worlds import SOURCES, Standing, World, account, contact

RENEWAL = Derivation(
    fact=FACTS["account.renewal_on"], parts=(DatePart(take=Take.NEXT, fact=FACTS["contract.ends_on"]),)
)
ENDS_OF = {"contract.ends_on": "Contract.EndDate"}


@pytest.fixture
def world(storage):
    return World(storage)


def needed(world, *crms):
    """What is said of a plan over these connections."""
    return unplanned(world.plan_over(crms), storage=world.storage, policy=make_policy(), crms=crms)


def test_a_crm_of_which_nothing_was_read_needs_a_sync_and_one_that_was_read_needs_nothing(world):
    assert needed(world, world.crm) == {"sf": "sync"}
    world.load(accounts=[account()], contacts=[contact()])
    assert needed(world, world.crm) == {}


def test_a_crm_whose_field_behind_a_fact_is_another_one_needs_a_sync(world):
    world.load(accounts=[account()], contacts=[contact()])
    world.sources = {**world.sources, "account.renewal_on": "Account.Other__c"}
    assert needed(world, world.crm) == {"sf": "sync"}


def test_a_crm_whose_derived_facts_are_not_derived_needs_that(world):
    world.sources = {**SOURCES, **ENDS_OF, RENEWAL.fact.name: RENEWAL.text}
    crm = replace(world.crm, derived=(RENEWAL,))
    world.load(accounts=[account(renewal_on=None)], contacts=[contact()])
    assert needed(world, crm) == {"sf": "derive"}
    organisation, clock = make_policy().organisation, Standing(world.now)
    derive(storage=world.storage, organisation=organisation, crms=[crm], clock=clock)
    assert needed(world, crm) == {}
