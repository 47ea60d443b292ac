"""The forecast against the truth: the plans of the same days, run one after the other on the same records."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from connector.domain.listed import Listed
from connector.domain.programs import Mode, Policy, RelationshipRule, Spacing, When, WhenKind
from connector.domain.surveys import AskKind
from connector.testing.fakes import FakeMailer
from connector.usecases.ask import ask
from connector.usecases.forecast import forecast
from tests.asking import make_asking
from tests.builders import FACTS, TODAY, before_renewal, condition, make_policy, make_program, make_survey
from tests.worlds import Standing, World, account, contact, opportunity

DAYS = 25
WEEKLY = When(kind=WhenKind.EVERY, fact=None, days=7, from_on=TODAY - timedelta(days=3))
CLOSED = When(kind=WhenKind.AFTER, fact=FACTS["opportunity.closes_on"], days=3)
PROGRAMS = (
    make_program(
        milestones=(
            before_renewal(),
            before_renewal(id="sooner", when=replace(before_renewal().when, days=110)),
        )
    ),
    make_program(
        id="transactional",
        relationship="transactional",
        who=condition("contact.address is known"),
        survey=make_survey(id="short", kind=AskKind.TRANSACTION),
        milestones=(
            before_renewal(id="closed", when=CLOSED, expires_days=5),
            before_renewal(id="weekly", when=WEEKLY, expires_days=5),
        ),
    ),
)
SPACING = Spacing(
    {
        AskKind.RELATIONSHIP: {AskKind.RELATIONSHIP: 20, AskKind.TRANSACTION: 4},
        AskKind.TRANSACTION: {AskKind.RELATIONSHIP: 6, AskKind.TRANSACTION: 9},
    }
)
RULES = (
    RelationshipRule(type="ongoing", when=condition("account.kind = 'Customer'")),
    RelationshipRule(type="transactional", when=None),
)
COUNTED = ("occurrence", "decision", "verdict", "plan", "milestone_mark", "track_start")


def policy_of(mode: Mode) -> Policy:
    return make_policy(programs=PROGRAMS, spacing=SPACING, relationships=RULES, mode=mode)


def loaded(storage: Any, seed: int) -> World:
    """Accounts, people and deals as chance has it; what falls due does so around the days that are looked at."""
    chance, world = Random(seed), World(storage)

    def around(days: int) -> date:
        return TODAY + timedelta(days=days + chance.randint(-5, DAYS + 5))

    accounts = [
        account(f"001{number}", kind=chance.choice(["Customer", "Shop"]), renewal_on=around(115), hold_until=hold)
        for number in range(12)
        for hold in [around(0) if chance.random() < 0.5 else None]
    ]
    contacts = [
        contact(
            f"003{number}",
            account=f"001{number % 12}",
            level=chance.choice(["user", "manager", None]),
            # two people of one address are one person, at two accounts
            address=f"ann.{number % 30}@harbour.example",
            opted_out=chance.random() < 0.1,
        )
        for number in range(36)
    ]
    deals = [opportunity(f"006{n}", account=f"001{n % 12}", closes_on=around(-3)) for n in range(20)]
    world.load(accounts=accounts, contacts=contacts, opportunitys=deals)
    return world


def lived(world: World, policy: Policy) -> Iterator[tuple[date, Any]]:
    """Run the plan of each day, and mail what it decides; what is decided anew, by day."""
    reached: dict[tuple[str, str], tuple[str, str]] = {}
    for number in range(DAYS + 1):
        world.now = datetime.combine(TODAY + timedelta(days=number), time(12), tzinfo=world.now.tzinfo)
        rows = world.plan(policy=policy).rows
        ask(make_asking(world.storage, FakeMailer(), policy=policy, clock=Standing(world.now), new_nonce=nonce))
        new = {(row.occurrence, row.person): (row.verdict, row.rule) for row in rows}
        changed = {key: verdict for key, verdict in new.items() if reached.get(key) != verdict}
        reached |= new
        if changed:
            yield world.now.date(), changed


_numbers = iter(range(10_000))


def nonce() -> bytes:
    return next(_numbers).to_bytes(16)


def foreseen(world: World, policy: Policy) -> dict[date, Any]:
    clock = Standing(world.now)
    seen = forecast(storage=world.storage, policy=policy, crms=[world.crm], clock=clock, days=DAYS)
    assert (seen.since, seen.through) == (TODAY, TODAY + timedelta(days=DAYS))
    return {
        day: {
            (each.candidate.occurrence.key, each.candidate.person_key): (each.verdict.value, each.rule)
            for each in decisions
        }
        for day, decisions in seen.days.items()
    }


def counts(world: World) -> dict[str, int]:
    with world.storage.begin() as unit:
        return {name: unit.connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in COUNTED}


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.LIVE])
@pytest.mark.parametrize("seed", range(3))
def test_the_forecast_is_what_the_plans_of_the_days_decide_one_after_the_other(storage, seed, mode):
    world, policy = loaded(storage, seed), policy_of(mode)
    before = counts(world)
    seen = foreseen(world, policy)
    assert counts(world) == before
    verdicts = {verdict for day in seen.values() for verdict in day.values()}
    assert {verdict for verdict, _ in verdicts} == {"ask", "defer", "block"}
    assert any(rule.startswith("spacing") for _, rule in verdicts)
    assert seen == dict(lived(world, policy))


def test_what_waits_from_the_first_live_day_on_reaches_everybody_on_the_later_ones(storage):
    """Before the first plan in live mode: what fell due from today on is not held against the test list."""
    world = loaded(storage, seed=1)
    policy = replace(policy_of(Mode.LIVE), listed=Listed(recipients=("*@elsewhere.example",)))
    seen = foreseen(world, policy)
    assert "not in the test list" not in {rule for day, new in seen.items() if day > TODAY for _, rule in new.values()}
    assert seen == dict(lived(world, policy))


@pytest.mark.parametrize("seed", range(3))
def test_a_forecast_in_the_middle_of_things_goes_on_from_what_was_decided(storage, seed):
    world, policy = loaded(storage, seed), policy_of(Mode.SHADOW)
    world.plan(policy=policy)
    seen = foreseen(world, policy)
    asked = {day: {key for key, (verdict, _) in new.items() if verdict == "ask"} for day, new in seen.items()}
    truth = {day: {key for key, (verdict, _) in new.items() if verdict == "ask"} for day, new in lived(world, policy)}
    assert {day: keys for day, keys in asked.items() if keys} == {day: keys for day, keys in truth.items() if keys}


def test_nothing_is_foreseen_where_nothing_is_synced(storage):
    world = World(storage)
    assert foreseen(world, policy_of(Mode.SHADOW)) == {}


def test_the_busiest_day_is_the_first_with_the_most_asks(storage):
    world = World(storage)
    world.load(
        accounts=[
            account("001A", renewal_on=TODAY + timedelta(days=125)),
            account("001B", renewal_on=date(2026, 7, 2)),
        ],
        contacts=[contact("003A"), contact("003B"), contact("003C", account="001B")],
    )
    seen = forecast(storage=storage, policy=make_policy(), crms=[world.crm], clock=Standing(world.now))
    assert (seen.asks, seen.busiest) == (3, (date(2026, 3, 7), 2))
    assert seen.asks_by_day == {date(2026, 3, 4): 1, date(2026, 3, 7): 2}
