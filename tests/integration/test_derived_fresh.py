"""Plans wait for derived facts that are up to date, on both databases: since what they read changed, and today."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from connector.domain.records import RecordKind
from connector.testing.fakes import FakeClock
from connector.usecases.forecast import forecast
from connector.usecases.status import status
from connector.usecases.sync import sync
from connector.usecases.unplanned import unplanned
from jobs.firing import fire_quietly
from jobs.stages import jobs_of
from tests.builders import TODAY, make_policy
from tests.integration.test_derive import Deriving, contract
from tests.ports import make_ports
from tests.worlds import Standing, World, account, contact, make_page

CONTRACT = RecordKind.CONTRACT
TOMORROW = timedelta(days=1)
ASKED = {"ongoing/renewal/sf/001A/1"}


@pytest.fixture
def here(storage):
    here = Deriving(World(storage))
    here.held = {
        RecordKind.ACCOUNT: [account(renewal_on=None)],
        RecordKind.CONTACT: [contact()],
        CONTRACT: [contract(ends_on=TODAY + timedelta(days=121))],
    }
    return here


def needs(here):
    """What is said to be waited for, by `plan` and by `status`."""
    world, crms, policy = here.world, [here.crm], make_policy()
    planned = world.plan_over(crms)
    state = status(storage=world.storage, policy=policy, crms=crms, clock=Standing(world.now))
    return unplanned(planned, storage=world.storage, policy=policy, crms=crms), state["needs"]


def test_a_contract_that_was_ended_in_the_crm_is_not_asked_about_between_sync_and_derive(here):
    here.turn()
    here.world.wait(days=1)
    here.derive()
    here.held[CONTRACT] = [contract(ends_on=TODAY + timedelta(days=121), stage="Terminated")]
    here.sync()
    assert (here.plan(), needs(here)) == (set(), ({"sf": "derive"}, {"sf": "derive"}))
    here.derive()
    assert (here.plan(), needs(here)) == (set(), ({}, {}))


def test_a_page_that_changes_nothing_keeps_no_plan_waiting(here):
    here.turn()
    here.world.wait(days=1)
    here.derive()
    here.world.wait(minutes=15)
    here.sync()
    assert here.plan() == ASKED


@pytest.mark.parametrize("change", ["changed", "new", "removed"])
def test_each_change_of_what_a_fact_reads_makes_it_old_and_that_of_another_kind_does_not(here, change):
    here.turn()
    here.world.wait(minutes=15)
    here.world.change(RecordKind.CASE, {"crm_id": "500A", "account": "001A"})
    assert needs(here) == ({}, {})
    pages = {"changed": [contract(stage="Draft")], "new": [contract("800B")], "removed": []}
    here.world.change(CONTRACT, *pages[change], removed=["800A"] if change == "removed" else [])
    assert needs(here) == ({"sf": "derive"}, {"sf": "derive"})


def test_a_new_day_waits_until_the_facts_are_derived_on_it(here):
    """The contract that ended yesterday hides the next one, of which nobody has looked yet."""
    here.held[CONTRACT] = [contract(ends_on=TODAY), contract("800B", ends_on=TODAY + timedelta(days=121))]
    here.turn()
    here.world.now = datetime.combine(TODAY + TOMORROW, datetime.min.time(), tzinfo=UTC)
    assert (here.plan(), needs(here)) == (set(), ({"sf": "derive"}, {"sf": "derive"}))
    assert here.derive() == (1, 1, 0)
    assert here.plan() == ASKED


def test_what_came_due_before_is_not_decided_either_while_its_facts_are_old(here):
    """Somebody who had to wait is asked by a later plan, which has to know what happened meanwhile."""
    here.held[CONTRACT] = [contract()]
    here.held[RecordKind.ACCOUNT] = [account(renewal_on=None, hold_until=TODAY)]
    assert here.turn() == set()
    here.world.wait(days=1)
    here.derive()
    here.held[CONTRACT] = [contract(stage="Terminated")]
    here.sync()
    waiting = here.world.plan_over([here.crm])
    assert (waiting.rows, waiting.occurrences, waiting.marks) == ([], [], [])
    here.held[CONTRACT] = [contract()]
    here.world.wait(minutes=1)
    here.sync()
    here.derive()
    assert here.plan() == ASKED


def test_the_next_days_are_foreseen_by_the_facts_as_they_are(here):
    here.turn()
    policy, clock = make_policy(), Standing(here.world.now + TOMORROW)
    seen = forecast(storage=here.world.storage, policy=policy, crms=[here.crm], clock=clock, days=3)
    assert [(day, [each.verdict for each in decisions]) for day, decisions in seen.days.items()] == [
        (TODAY + TOMORROW, ["ask"])
    ]


def test_a_page_that_waited_for_a_derivation_counts_as_later_whatever_its_clock_says(here, rows):
    """Its account had no value yet when the facts were derived, so that the first one is no change."""
    here.turn()
    here.world.wait(minutes=5)
    here.derive()
    derived_at, here.world.now = here.world.now, here.world.now - timedelta(minutes=1)
    here.world.change(RecordKind.ACCOUNT, account("001B", renewal_on=None))
    here.world.change(CONTRACT, contract("800B", account="001B"))
    assert needs(here) == ({"sf": "derive"}, {"sf": "derive"})
    here.world.now = derived_at
    assert here.derive() == (1, 1, 0)
    assert needs(here) == ({}, {})
    assert [row["cause"] for row in rows("field_change") if row["fact"] == "renewal_on"] == []
    here.world.wait(minutes=1)
    here.world.change(CONTRACT, contract("800B", account="001B", ends_on=TODAY))
    here.derive()
    assert [row["cause"] for row in rows("field_change") if row["fact"] == "renewal_on"] == ["derived"]


def test_facts_are_derived_no_earlier_than_the_pages_that_they_know(here):
    """The machine that derives may be behind the one that pulls."""
    here.sync()
    here.world.now -= timedelta(minutes=1)
    assert here.derive() == (1, 1, 0)
    assert needs(here) == ({}, {})


def test_a_sync_that_breaks_off_makes_the_facts_of_what_it_stored_due(here, rows):
    def pull(kind, since):
        if kind is CONTRACT:
            raise ConnectionError
        held = [account(renewal_on=None, name="Other")] if kind is RecordKind.ACCOUNT else ()
        return iter([make_page(kind, held, at=here.world.now, is_last=True)])

    here.turn()
    clear(here)
    here.world.wait(minutes=15)
    crm, here.world.pull = here.crm, pull
    with suppress(ConnectionError):
        sync(crm, storage=here.world.storage, clock=Standing(here.world.now))
    assert due(rows) == {"derive"}
    here.derive()
    clear(here)
    with suppress(ConnectionError):
        sync(crm, storage=here.world.storage, clock=Standing(here.world.now))
    assert due(rows) == set()


def clear(here):
    """Nothing is due."""
    with here.world.storage.begin() as unit:
        unit.connection.execute(text("DELETE FROM fire"))
        unit.commit()


def due(rows):
    """The jobs that are due."""
    return {row["job"] for row in rows("fire") if row["state"] == "due"}


def test_a_derivation_that_found_nothing_new_wakes_no_plan_and_one_that_was_waited_for_does(storage, rows):
    clock = FakeClock()
    here = Deriving(World(storage, now=clock.now()))
    here.held = {RecordKind.ACCOUNT: [account(renewal_on=None)], RecordKind.CONTACT: [contact()]}
    here.sync()
    ports = make_ports(storage, here.crm, clock=clock, real_clock=clock)
    (job,) = jobs_of(ports, stage="derive")
    woken = []
    for hours in (0, 1, 1, 24):
        clock.turn(timedelta(hours=hours))
        fire_quietly(job, ports)
        woken.append(due(rows))
        clear_due(storage)
    assert woken == [{"plan"}, set(), set(), {"plan"}]


def clear_due(storage):
    """Nothing waits."""
    with storage.begin() as unit:
        unit.connection.execute(text("DELETE FROM fire WHERE state = 'due'"))
        unit.commit()
