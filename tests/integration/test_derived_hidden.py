"""Facts derived of kinds that a CRM does not show, on both databases: unknown, never in the way, and never a 0."""

from dataclasses import replace
from datetime import date

import pytest

from connector.domain.derivation import CountPart, DatePart, Derivation, Take
from connector.domain.programs import Organisation, RelationshipRule
from connector.domain.records import RecordKind
from connector.ports.errors import CrmHiddenKind
from connector.usecases.derive import derive
from connector.usecases.sync import sync
from tests.builders import FACTS, condition, make_policy
from tests.worlds import SOURCES, Standing, World, account, contact, make_page, opportunity

ACCOUNT, CONTRACT = RecordKind.ACCOUNT, RecordKind.CONTRACT
OTHER_DAY, CONTRACT_DAY = date(2026, 6, 30), date(2026, 6, 29)
DATES = ("contract.ends_on", "opportunity.closes_on")
RENEWAL = Derivation(
    fact=FACTS["account.renewal_on"], parts=tuple(DatePart(take=Take.NEXT, fact=FACTS[date]) for date in DATES)
)
CONTRACTS = replace(FACTS["account.revenue"], word="contracts")
NUMBER = Derivation(fact=CONTRACTS, parts=(CountPart(kind=CONTRACT),))
CONTRACTED = "account.contracts >= 0"
ASKED = {"ongoing/renewal/sf/001A/1"}


class Hiding:
    """A world whose CRM shows contracts only from some day on."""

    def __init__(self, storage, *, derived):
        self.world, self.hides, self.derived = World(storage), True, (derived,)
        self.world.sources = {**SOURCES, "contract.ends_on": "Contract.EndDate", derived.fact.name: derived.text}
        day = None if derived is RENEWAL else OTHER_DAY
        accounts = [account(crm_id, renewal_on=day) for crm_id in ("001A", "001B")]
        people = [contact(), contact("003B", account="001B", address="b@kunde.example")]
        contracts = [{"crm_id": "800B", "account": "001B", "ends_on": CONTRACT_DAY}]
        deals = [opportunity(account="001A", closes_on=OTHER_DAY)]
        self.held = {ACCOUNT: accounts, RecordKind.CONTACT: people, RecordKind.OPPORTUNITY: deals, CONTRACT: contracts}

    @property
    def crm(self):
        return replace(self.world.crm, derived=self.derived)

    def _pull(self, kind, since):
        if kind is CONTRACT and self.hides:
            raise CrmHiddenKind("sf shows no contracts", crm="sf", kind=kind)
        rows = self.held.get(kind, [])
        return iter([make_page(kind, rows, at=self.world.now, is_full=since is None, is_last=True)])

    def sync(self):
        self.world.pull = self._pull
        sync(self.crm, storage=self.world.storage, clock=Standing(self.world.now))

    def derive(self):
        organisation = Organisation(name="Kea Instruments", timezone="UTC")
        clock = Standing(self.world.now)
        report = derive(storage=self.world.storage, organisation=organisation, crms=[self.crm], clock=clock)
        return report.facts, report.changed, report.waiting

    def plan(self, **how):
        return {row.occurrence for row in self.world.plan_over([self.crm], **how).rows if row.verdict == "ask"}


@pytest.fixture
def here(storage):
    return Hiding(storage, derived=RENEWAL)


def renewals(rows):
    return [row["renewal_on"] for row in rows("account")]


def test_a_kind_that_is_never_shown_keeps_nothing_waiting_and_the_other_sources_stand(here, rows):
    here.sync()
    assert here.derive() == (1, 1, 0)
    assert renewals(rows) == [OTHER_DAY, None]
    assert here.plan() == ASKED


def test_facts_wait_for_a_kind_that_was_not_asked_for_yet(here):
    here.world.pull = failing_at(CONTRACT, here)
    with pytest.raises(ConnectionError):
        sync(here.crm, storage=here.world.storage, clock=Standing(here.world.now))
    assert (here.derive(), here.plan()) == ((0, 0, 1), set())


def failing_at(failing, here):
    """What a CRM shows that breaks off at a kind."""

    def pull(kind, since):
        if kind is failing:
            raise ConnectionError
        return here._pull(kind, since)

    return pull


def test_what_is_shown_at_last_waits_to_be_derived_and_is_no_change_of_the_relationship(here, rows):
    here.sync()
    here.derive()
    here.plan()
    here.hides = False
    here.world.wait(days=1)
    here.sync()
    assert here.plan() == set()
    assert here.derive() == (1, 1, 0)
    assert renewals(rows) == [OTHER_DAY, CONTRACT_DAY]
    assert [row["cause"] for row in rows("field_change") if row["fact"] == "renewal_on"] == []


def test_a_kind_that_was_loaded_and_is_hidden_since_keeps_what_is_known(here, rows):
    here.hides = False
    here.sync()
    here.derive()
    here.hides = True
    here.world.wait(days=1)
    here.sync()
    assert here.derive() == (1, 0, 0)
    assert renewals(rows) == [OTHER_DAY, CONTRACT_DAY]


def test_a_number_of_what_is_not_shown_is_unknown_and_not_0(storage, rows):
    here = Hiding(storage, derived=NUMBER)
    rule = condition(CONTRACTED, facts={**FACTS, "account.contracts": CONTRACTS})
    rules = (RelationshipRule(type="transactional", when=rule), RelationshipRule(type="ongoing", when=None))
    here.sync()
    assert here.derive() == (1, 0, 0)
    assert [row["facts"].get("contracts") for row in rows("account")] == [None, None]
    assert here.plan(policy=make_policy(relationships=rules)) == {*ASKED, "ongoing/renewal/sf/001B/1"}, (
        "an unknown number makes no type"
    )
    here.hides = False
    here.world.wait(days=1)
    here.sync()
    assert here.derive() == (1, 2, 0)
    assert [row["facts"]["contracts"] for row in rows("account")] == [0, 1]


def test_that_a_kind_is_not_shown_makes_the_facts_due_once(here, rows):
    here.sync()
    assert {row["job"] for row in rows("fire") if row["state"] == "due"} == {"derive"}
