"""Milestones that come every so many weeks, on both databases: which records' periods are over, and which are not."""

from datetime import date, timedelta

import pytest
from sqlalchemy import literal, select

from connector.domain.programs import Milestone, RelationshipRule, When, WhenKind
from connector.domain.records import RecordKind
from connector.storage.days import day_number, number_of
from tests.builders import FACTS, TODAY, condition, make_policy, make_program
from tests.worlds import World, account, contact, opportunity

WEEKS = 26 * 7


@pytest.fixture
def world(storage):
    return World(storage)


def policy_of(start, **changes):
    """One program whose only milestone comes every 26 weeks from a fact or a date."""
    is_date = isinstance(start, date)
    when = When(
        kind=WhenKind.EVERY,
        fact=None if is_date else FACTS[start],
        days=WEEKS,
        from_on=start if is_date else None,
    )
    return make_policy(programs=[make_program(milestones=(Milestone(id="wave", when=when, **changes),))])


def asked(planned):
    return {row.occurrence for row in planned.rows if row.verdict == "ask"}


def ago(periods, *, days=0):
    return TODAY - timedelta(days=periods * WEEKS + days)


@pytest.mark.parametrize("fact", ["account.renewal_on", "account.visited_on"])
def test_the_accounts_whose_period_is_over_today_are_asked_and_no_others(world, fact):
    """A well-known date has a column, a declared one is ISO text in the JSON column."""
    dates = {
        "001A": ago(1),
        "001B": ago(3),
        "001C": ago(0),
        "001D": ago(2, days=1),
        "001E": ago(2, days=-1),
        "001F": TODAY + timedelta(days=WEEKS),
        "001G": None,
        "001H": date(1899, 12, 4),
    }
    dates["001H"] += timedelta(days=(ago(0) - dates["001H"]).days % WEEKS)
    word = fact.partition(".")[2]
    world.load(
        accounts=[account(crm_id, **({"renewal_on": None} | {word: day})) for crm_id, day in dates.items()],
        contacts=[contact(f"003{crm_id}", account=crm_id) for crm_id in dates],
    )
    old = (TODAY - dates["001H"]).days // WEEKS
    assert asked(world.plan(policy=policy_of(fact))) == {
        "ongoing/wave/sf/001A/1",
        "ongoing/wave/sf/001B/3",
        f"ongoing/wave/sf/001H/{old}",
    }


def test_an_opportunity_s_date_counts_for_the_opportunity(world):
    world.load(
        accounts=[account()],
        contacts=[contact()],
        opportunitys=[opportunity("006A", closes_on=ago(2)), opportunity("006B", closes_on=ago(2, days=3))],
    )
    assert asked(world.plan(policy=policy_of("opportunity.closes_on"))) == {"ongoing/wave/sf/006A/2"}


def test_a_contact_s_date_counts_for_that_contact_alone(world):
    world.load(accounts=[account()], contacts=[contact("003A", hold_until=ago(1)), contact("003B")])
    planned = world.plan(policy=policy_of("contact.hold_until"))
    assert [(row.occurrence, row.person) for row in planned.rows] == [("ongoing/wave/sf/003A/1", "sf/003A")]


def test_a_calendar_date_brings_all_accounts_of_the_type_at_once(world):
    world.load(
        accounts=[account("001A", kind="Partner"), account("001B"), account("001C", kind="Partner", tier="A")],
        contacts=[contact("003A"), contact("003B", account="001B"), contact("003C", account="001C")],
    )
    rules = (
        RelationshipRule(type="ongoing", when=condition("account.kind = 'Partner'")),
        RelationshipRule(type="transactional", when=None),
    )
    policy = policy_of(ago(2), where=condition("account.tier is unknown"))
    wave = make_policy(programs=policy.programs, relationships=rules)
    assert asked(world.plan(policy=wave)) == {"ongoing/wave/sf/001A/2"}
    world.wait(days=WEEKS - 1)
    assert asked(world.plan(policy=wave)) == set()
    world.wait(days=1)
    assert asked(world.plan(policy=wave)) == {"ongoing/wave/sf/001A/3"}


@pytest.mark.parametrize("start", ["account.visited_on", ago(2, days=-1)])
def test_a_first_load_and_a_new_definition_fire_only_what_falls_due_that_day(world, start):
    world.load(accounts=[account(visited_on=ago(2, days=-1))], contacts=[contact()])
    assert asked(world.plan(policy=policy_of(start))) == set()
    world.wait(days=2)
    assert asked(world.plan(policy=policy_of(start, expires_days=20))) == set()
    world.wait(days=WEEKS - 1)
    assert asked(world.plan(policy=policy_of(start, expires_days=20))) == {"ongoing/wave/sf/001A/3"}


@pytest.mark.parametrize("start", ["account.visited_on", ago(0)])
def test_a_period_is_made_up_while_its_ask_is_worth_sending_and_then_never(world, start):
    world.load(accounts=[account(visited_on=ago(0))], contacts=[contact()])
    policy = policy_of(start)
    world.plan(policy=policy)
    world.wait(days=WEEKS + 14)
    assert asked(world.plan(policy=policy)) == {"ongoing/wave/sf/001A/1"}
    world.wait(days=WEEKS + 1)
    assert world.plan(policy=policy).rows == []


def test_an_open_period_follows_its_date_and_a_new_value_of_long_ago_fires_nothing(world, rows):
    world.load(accounts=[account(visited_on=ago(1))], contacts=[contact(level=None)])
    policy = policy_of("account.visited_on")
    world.plan(policy=policy)
    world.wait(days=1)
    world.change(RecordKind.ACCOUNT, account(visited_on=ago(1, days=-5)))
    assert world.plan(policy=policy).rows == []
    assert [(row["ordinal"], row["due_on"], row["state"]) for row in rows("occurrence")] == [
        (1, TODAY + timedelta(days=5), "open")
    ]
    world.change(RecordKind.ACCOUNT, account("001B", visited_on=None))
    world.wait(days=1)
    world.change(RecordKind.ACCOUNT, account("001B", visited_on=ago(4, days=100)))
    assert world.plan(policy=policy).rows == []
    assert len(rows("occurrence")) == 1


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1600, 2, 29), date(1969, 12, 31), date(2026, 3, 2), date.max])
def test_a_date_has_the_same_number_on_both_databases_as_column_and_as_text(storage, day):
    with storage.engine.connect() as connection:
        numbers = connection.execute(select(day_number(literal(day)), day_number(literal(day.isoformat())))).one()
    assert tuple(numbers) == (number_of(day), number_of(day))


@pytest.mark.parametrize("value", ["", "soon", "now", "5", "2026-13-01", "2026-3-2", "2026-03-02T07:00", "9" * 300])
def test_text_that_is_no_date_has_no_number_and_breaks_no_query(storage, value):
    with storage.engine.connect() as connection:
        assert connection.execute(select(day_number(literal(value)))).scalar_one() is None
