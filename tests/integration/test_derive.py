"""Derived facts through the stages, on both databases: what a contract's end sets off, and what fires nothing."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from connector.domain.derivation import CountPart, DatePart, Derivation, FieldPart, Take, default_counterpart
from connector.domain.programs import Organisation, RelationshipRule
from connector.domain.records import RecordKind
from connector.usecases.derive import derive
from connector.usecases.sync import sync
from tests.builders import FACTS, TODAY, condition, make_policy
from tests.worlds import SOURCES, Standing, World, account, contact, make_page, opportunity

ENDS = FACTS["contract.ends_on"]
RENEWAL = Derivation(
    fact=FACTS["account.renewal_on"],
    parts=(
        FieldPart(source="Account.Renewal__c"),
        DatePart(take=Take.NEXT, fact=ENDS, where=condition("contract.stage = 'Activated'")),
    ),
)
ENDS_OF = {"contract.ends_on": "Contract.EndDate"}
IN_120_DAYS = date(2026, 6, 30)


def contract(crm_id: str = "800A", **facts: Any) -> dict[str, Any]:
    """An activated contract of the account 001A that ends 120 days after NOW."""
    return {"crm_id": crm_id, "account": "001A", "stage": "Activated", "ends_on": IN_120_DAYS, **facts}


@dataclass(slots=True)
class Deriving:
    """A world whose connection derives facts."""

    world: World
    derived: tuple[Derivation, ...] = (RENEWAL,)
    held: dict[RecordKind, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def crm(self):
        texts = {each.fact.name: each.text for each in self.derived}
        self.world.sources = {**SOURCES, **ENDS_OF, **texts}
        return replace(self.world.crm, derived=self.derived)

    def sync(self):
        """Pull everything that is held, whole or as changes."""
        self.world.pull = lambda kind, since: iter(
            [make_page(kind, self.held.get(kind, []), at=self.world.now, is_full=since is None, is_last=True)]
        )
        sync(self.crm, storage=self.world.storage, clock=Standing(self.world.now))

    def derive(self, *, timezone="UTC"):
        organisation = Organisation(name="Kea Instruments", timezone=timezone)
        clock = Standing(self.world.now)
        report = derive(storage=self.world.storage, organisation=organisation, crms=[self.crm], clock=clock)
        return report.facts, report.changed, report.waiting

    def plan(self):
        """Who is asked by a plan over the connection as it is now."""
        planned = self.world.plan_over([self.crm])
        return {row.occurrence for row in planned.rows if row.verdict == "ask"}

    def turn(self):
        """Sync, derive and plan."""
        self.sync()
        self.derive()
        return self.plan()


@pytest.fixture
def here(storage):
    here = Deriving(World(storage))
    here.held = {
        RecordKind.ACCOUNT: [account(renewal_on=None)],
        RecordKind.CONTACT: [contact()],
        RecordKind.CONTRACT: [contract()],
    }
    return here


def test_a_renewal_that_a_contract_tells_opens_the_milestone(here):
    assert here.turn() == {"ongoing/renewal/sf/001A/1"}


def test_nothing_is_planned_before_the_facts_that_rules_read_are_derived(here):
    here.sync()
    assert here.plan() == set()
    assert here.derive() == (1, 1, 0)
    assert here.plan() == {"ongoing/renewal/sf/001A/1"}


def test_a_derived_fact_that_no_rule_reads_keeps_no_plan_waiting(here):
    here.held[RecordKind.ACCOUNT] = [account()]
    here.derived = (default_counterpart(),)
    here.sync()
    assert here.plan() == {"ongoing/renewal/sf/001A/1"}


def test_a_contract_that_comes_later_is_a_real_change_even_where_its_day_is_behind(here, rows):
    here.held[RecordKind.CONTRACT] = []
    assert here.turn() == set()
    here.world.wait(days=3)
    here.held[RecordKind.CONTRACT] = [contract()]
    assert here.turn() == set()
    assert [(row["due_on"], row["reason"]) for row in rows("occurrence")] == [(TODAY, "the date moved into the past")]
    derived = [(row["fact"], row["old"], row["new"], row["cause"]) for row in rows("field_change")]
    assert derived == [("renewal_on", None, "2026-06-30", "derived")]


@pytest.mark.parametrize("what", ["parts", "the field behind a date"])
def test_a_new_reading_of_a_fact_fires_nothing(here, rows, what, monkeypatch):
    """Neither other parts nor another field behind what they read: nobody is asked because the settings changed."""
    here.held[RecordKind.CONTRACT] = [contract(ends_on=date(2027, 6, 30), starts_on=date(2026, 6, 28))]
    assert here.turn() == set()
    here.world.wait(days=1)
    if what == "parts":
        here.derived = (replace(RENEWAL, parts=(DatePart(take=Take.FIRST, fact=FACTS["contract.starts_on"]),)),)
    else:
        monkeypatch.setitem(ENDS_OF, "contract.ends_on", "Contract.Other_End__c")
        here.held[RecordKind.CONTRACT] = [contract(ends_on=date(2026, 6, 28))]
    assert here.turn() == set()
    noted = [(row["fact"], row["new"], row["cause"]) for row in rows("field_change") if row["fact"] == "renewal_on"]
    assert noted == [("renewal_on", "2026-06-28", "mapping")]
    here.world.wait(days=1)
    assert here.turn() == set()
    assert rows("occurrence") == []


def test_a_rule_that_reads_a_fact_in_its_new_reading_waits_for_it(here):
    here.turn()
    here.derived = (replace(RENEWAL, parts=RENEWAL.parts[1:]),)
    assert here.derive() == (0, 0, 1)
    here.sync()
    assert here.plan() == set()
    assert here.derive() == (1, 0, 0)


def test_the_end_of_a_whole_pull_makes_facts_due_and_that_of_changes_does_not(here, rows):
    def due():
        with here.world.storage.begin() as unit:
            unit.connection.execute(text("DELETE FROM fire"))
            unit.commit()
        here.sync()
        return {row["job"] for row in rows("fire") if row["state"] == "due"}

    assert [due(), due()] == [{"derive"}, set()]
    here.derived = (replace(RENEWAL, parts=RENEWAL.parts[1:]),)
    here.world.wait(minutes=1)
    assert due() == {"derive"}, "another definition pulls the accounts again, and none of them differs"


def test_the_turn_of_the_organisation_s_day_moves_the_next_date(here, rows):
    here.held[RecordKind.CONTRACT] = [contract(ends_on=TODAY), contract("800B", ends_on=date(2026, 7, 1))]
    here.turn()
    here.world.wait(hours=10)  # 17:00 in UTC, and the morning of the next day in Auckland
    assert here.derive(timezone="UTC") == (1, 0, 0)
    assert here.derive(timezone="Pacific/Auckland") == (1, 1, 0)
    assert [row["renewal_on"] for row in rows("account")] == [date(2026, 7, 1)]
    here.world.wait(days=1)
    here.derive()
    assert here.plan() == {"ongoing/renewal/sf/001A/1"}


def test_a_page_leaves_a_fact_alone_that_other_records_tell(here, rows):
    here.sync()
    here.derive()
    here.held[RecordKind.ACCOUNT] = [account(renewal_on=date(2020, 1, 1))]
    here.world.wait(days=1)
    here.sync()
    assert [row["renewal_on"] for row in rows("account")] == [IN_120_DAYS]
    assert rows("field_change") == []


def test_a_count_decides_the_relationship_type(here):
    orders = replace(FACTS["account.revenue"], word="orders")
    facts = {**FACTS, "account.orders": orders}
    here.derived = (Derivation(fact=orders, parts=(CountPart(kind=RecordKind.OPPORTUNITY),)),)
    here.held[RecordKind.ACCOUNT] = [account("001A"), account("001B")]
    here.held[RecordKind.CONTACT] = [contact(), contact("003B", account="001B")]
    here.held[RecordKind.OPPORTUNITY] = [opportunity("006A"), opportunity("006B")]
    rules = (
        RelationshipRule(type="ongoing", when=condition("account.orders >= 2", facts=facts)),
        RelationshipRule(type="transactional", when=None),
    )
    here.sync()
    here.derive()
    planned = here.world.plan_over([here.crm], policy=make_policy(relationships=rules))
    assert {row.occurrence for row in planned.rows} == {"ongoing/renewal/sf/001A/1"}
