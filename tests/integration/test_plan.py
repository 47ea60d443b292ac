"""The plan stage on both databases: what fires, who is a candidate, what is stored, and what stays untouched."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from connector.domain.programs import Mode, RelationshipRule, Track
from connector.domain.records import RecordKind
from connector.domain.selection import Outcome
from connector.ports.errors import UnknownPlan
from connector.testing.store_rows import record_row
from connector.usecases.plan import PlanRefused, make_plan, run_plan
from tests.builders import TODAY, before_renewal, condition, make_policy, make_program, won
from tests.worlds import Standing, World, account, contact, opportunity


@pytest.fixture
def world(storage):
    return World(storage)


def verdicts(planned):
    return {row.person: (row.verdict, row.rule) for row in planned.rows}


def opt_out(world, rows, crm_id):
    """A contact's person opts out on our page."""
    row = record_row(rows, crm_id)
    with world.storage.begin() as unit:
        unit.opt_outs.add(person_id=row["person_id"], address=row["address"], at=world.now, source="unsubscribe-page")
        unit.commit()


def test_a_renewal_in_120_days_asks_everybody_with_a_seat_and_says_why_the_others_are_not(world, rows):
    world.load(
        accounts=[account()],
        contacts=[
            contact("003A"),
            contact("003B", level=None),
            contact("003C", opted_out=True),
            contact("003D", address=None),
            contact("003E", address="info@harbour.example"),
            contact("003F", bounced=True),
            contact("003G", account="001Z"),
        ],
    )
    planned = world.plan()
    assert verdicts(planned) == {
        "sf/003A": ("ask", "asked"),
        "sf/003B": ("block", "no seat"),
        "sf/003C": ("block", "opted out"),
        "sf/003D": ("block", "no address"),
        "sf/003E": ("block", "shared mailbox"),
        "sf/003F": ("block", "bounced"),
    }
    assert [row["state"] for row in rows("occurrence")] == ["asked"]
    assert len(rows("decision")) == len(rows("verdict")) == 6


def test_a_first_load_fires_only_what_falls_due_that_day(world):
    world.load(
        accounts=[account("001A", renewal_on=date(2026, 6, 29)), account("001B", renewal_on=date(2026, 7, 1))],
        contacts=[contact("003A"), contact("003B", account="001B")],
    )
    assert world.plan().rows == []
    world.wait(days=1)
    assert list(verdicts(world.plan())) == ["sf/003B"]


def test_days_without_a_run_are_made_up(world):
    world.load(accounts=[account(renewal_on=date(2026, 7, 3))], contacts=[contact()])
    world.plan()
    world.wait(days=6)
    assert verdicts(world.plan()) == {"sf/003A": ("ask", "asked")}


def test_nothing_is_planned_for_a_crm_that_is_not_loaded_yet(world):
    world.change(RecordKind.ACCOUNT, account())
    world.change(RecordKind.CONTACT, contact())
    assert world.plan().rows == []


def test_a_second_plan_on_the_same_day_decides_nothing_new(world, rows):
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B", level=None)])
    world.plan()
    before = (rows("decision"), rows("verdict"), rows("occurrence"))
    world.plan()
    assert (rows("decision"), rows("verdict"), rows("occurrence")) == before


def test_a_wider_filter_fires_nothing_for_what_fell_due_before(world):
    world.load(accounts=[account()], contacts=[contact()])
    narrow = before_renewal(where=condition("account.tier = 'A'"))
    assert world.plan(policy=make_policy(programs=[make_program(milestones=(narrow,))])).rows == []
    world.wait(days=1)
    assert world.plan().rows == []


def test_a_contact_that_comes_after_the_due_day_is_no_candidate_and_one_that_left_stays_one(world):
    world.load(accounts=[account()], contacts=[contact("003A", level=None), contact("003B", level=None)])
    world.plan()
    world.wait(days=1)
    world.change(RecordKind.CONTACT, contact("003C"), removed=["003B"])
    planned = world.plan()
    assert verdicts(planned) == {"sf/003A": ("block", "no seat"), "sf/003B": ("block", "contact gone")}


def test_a_blocked_candidate_is_asked_once_the_reason_is_gone_while_the_occurrence_is_open(world, rows):
    world.load(accounts=[account()], contacts=[contact(level=None)])
    world.plan()
    world.wait(days=2)
    world.change(RecordKind.CONTACT, contact(level="manager"))
    assert verdicts(world.plan()) == {"sf/003A": ("ask", "asked")}
    assert [row["verdict"] for row in rows("verdict")] == ["block", "ask"]


def test_a_date_that_moves_away_cancels_nothing_and_asks_on_the_new_day(world):
    world.load(accounts=[account()], contacts=[contact(level=None)])
    world.plan()
    world.wait(days=1)
    world.change(RecordKind.ACCOUNT, account(renewal_on=date(2026, 7, 10)))
    world.change(RecordKind.CONTACT, contact())
    assert world.plan().rows == []
    world.wait(days=9)
    assert verdicts(world.plan()) == {"sf/003A": ("ask", "asked")}


def test_a_date_that_moves_into_the_past_blocks_with_that_reason(world):
    world.load(accounts=[account(renewal_on=date(2026, 12, 1))], contacts=[contact()])
    world.plan()
    world.wait(days=1)
    world.change(RecordKind.ACCOUNT, account(renewal_on=date(2026, 6, 1)))
    world.wait(hours=1)
    assert verdicts(world.plan()) == {"sf/003A": ("block", "moved into the past")}


def test_two_contacts_of_one_person_are_one_candidate_and_the_one_with_the_seat_counts(world):
    same = "ann.berg@harbour.example"
    world.load(
        accounts=[account()],
        contacts=[contact("003A", address=same, level=None), contact("003B", address=same)],
    )
    assert verdicts(world.plan()) == {"sf/003B": ("ask", "asked")}


def test_an_opt_out_on_one_contact_holds_for_the_other_one_of_the_same_person(world):
    same = "ann.berg@harbour.example"
    world.load(
        accounts=[account()],
        contacts=[contact("003A", address=same), contact("003B", address=same, account="001Z", opted_out=True)],
    )
    assert verdicts(world.plan()) == {"sf/003A": ("block", "opted out")}


def test_an_opt_out_given_to_us_blocks_the_person_and_nobody_else(world, rows):
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B")])
    opt_out(world, rows, "003A")
    assert verdicts(world.plan()) == {"sf/003A": ("block", "opted out"), "sf/003B": ("ask", "asked")}


def test_an_opt_out_holds_for_the_address_when_it_has_gone_to_another_person(world, rows):
    same = "desk@harbour.example"
    world.load(accounts=[account()], contacts=[contact("003A", address=same), contact("003B")])
    opt_out(world, rows, "003A")
    world.change(RecordKind.CONTACT, removed=["003A"])
    world.wait(minutes=1)
    world.change(RecordKind.CONTACT, contact("003C", address=same, name="Bo Lind"))
    assert verdicts(world.plan()) == {"sf/003B": ("ask", "asked"), "sf/003C": ("block", "opted out")}


def test_a_stage_that_changes_to_won_asks_once_and_a_first_value_does_not(world):
    world.load(
        accounts=[account(renewal_on=None)],
        contacts=[contact()],
        opportunitys=[opportunity("006A"), opportunity("006B", stage="Closed Won")],
    )
    policy = make_policy(programs=[make_program(milestones=(won(),))])
    world.plan(policy=policy)
    world.wait(days=1)
    world.change(RecordKind.OPPORTUNITY, opportunity("006A", stage="Closed Won"))
    planned = world.plan(policy=policy)
    assert verdicts(planned) == {"sf/003A": ("ask", "asked")}
    assert [row.occurrence for row in planned.rows] == ["ongoing/won/sf/006A/1"]
    world.wait(days=1)
    assert world.plan(policy=policy).rows == []


def test_an_account_has_the_first_relationship_type_that_matches(world):
    world.load(
        accounts=[account("001A", kind="Partner"), account("001B", kind=None), account("001C", kind="Customer")],
        contacts=[contact("003A"), contact("003B", account="001B"), contact("003C", account="001C")],
    )
    rules = (
        RelationshipRule(type="partner", when=condition("account.kind = 'Partner'")),
        RelationshipRule(type="ongoing", when=condition("account.kind is known")),
        RelationshipRule(type="transactional", when=None),
    )
    assert list(verdicts(world.plan(policy=make_policy(relationships=rules)))) == ["sf/003C"]


@pytest.mark.parametrize(
    ("words", "matches"),
    [
        ("account.revenue >= 250000", True),
        ("account.revenue < 250000", False),
        ("account.tier in ('A', 'B') and not account.is_key", True),
        ("account.tier != 'A' or account.is_key", False),
        ("account.visited_on > '2026-01-01'", True),
        ("account.visited_on is unknown", False),
        ("account.parent = 'X'", False),
        ("not account.parent = 'X'", False),
        ("account.parent is unknown", True),
    ],
)
def test_conditions_mean_the_same_on_both_databases(world, words, matches):
    facts = {"revenue": 250000.0, "tier": "A", "is_key": False, "visited_on": date(2026, 1, 2)}
    world.load(accounts=[account(**facts)], contacts=[contact()])
    program = make_program(milestones=(before_renewal(where=condition(words)),))
    assert bool(world.plan(policy=make_policy(programs=[program])).rows) is matches


def test_shadow_decides_without_touching_the_real_track_and_going_live_opens_only_what_falls_due_then(world):
    world.load(
        accounts=[account("001A"), account("001B", renewal_on=date(2026, 7, 3))],
        contacts=[contact("003A"), contact("003B", account="001B")],
    )
    shadow = make_policy(mode=Mode.SHADOW)
    assert [(row.person, row.track) for row in world.plan(policy=shadow).rows] == [("sf/003A", "shadow")]
    world.wait(days=3)
    assert [(row.person, row.track) for row in world.plan().rows] == [("sf/003B", "real")]
    with world.storage.snapshot() as unit:
        assert unit.decisions.outcomes(track=Track.SHADOW, today=TODAY)[Outcome.SENT] == 1
        assert unit.decisions.outcomes(track=Track.REAL, today=TODAY)[Outcome.DEFERRED] == 1


def test_a_plan_equals_the_run_and_touches_no_decision(world, rows):
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B", level=None)])
    plan_id, planned = make_plan(
        storage=world.storage, policy=make_policy(), crms=[world.crm], clock=Standing(world.now)
    )
    assert (rows("decision"), rows("occurrence"), rows("milestone_mark")) == ([], [], [])
    assert world.plan(plan_id=plan_id).digest == planned.digest
    assert len(rows("plan_decision")) == len(rows("decision")) == 2


def test_a_stored_plan_that_no_longer_holds_is_refused_with_the_difference(world, rows):
    world.load(accounts=[account()], contacts=[contact()])
    options = {"storage": world.storage, "policy": make_policy(), "crms": [world.crm], "clock": Standing(world.now)}
    plan_id, _ = make_plan(**options)
    world.change(RecordKind.CONTACT, contact(opted_out=True))
    refused = run_plan(**options, plan_id=plan_id)
    assert isinstance(refused, PlanRefused)
    assert [(row.verdict, row.rule) for row in refused.only_then] == [("ask", "asked")]
    assert [(row.verdict, row.rule) for row in refused.only_now] == [("block", "opted out")]
    assert rows("decision") == []
    with pytest.raises(UnknownPlan, match="no plan 999"):
        run_plan(**options, plan_id=999)


def test_outcomes_add_up_to_candidates_that_are_counted_apart_and_a_lost_decision_shows(world, rows):
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B", level=None), contact("003C")])
    world.plan()
    world.wait(days=1)
    world.change(RecordKind.CONTACT, contact("003D"), contact("003C", account="001Z"), removed=["003A"])
    world.plan()
    with world.storage.begin() as unit:
        assert unit.occurrences.count_candidates() == 3
        assert sum(unit.decisions.outcomes(track=Track.REAL, today=TODAY).values()) == 3
        lost = unit.connection.execute(text("SELECT min(id) FROM decision")).scalar_one()
        unit.connection.execute(text("DELETE FROM verdict WHERE decision_id = :lost"), {"lost": lost})
        unit.connection.execute(text("DELETE FROM decision WHERE id = :lost"), {"lost": lost})
        assert unit.occurrences.count_candidates() == 3
        assert sum(unit.decisions.outcomes(track=Track.REAL, today=TODAY).values()) == 2


def test_spacing_defers_and_the_deferred_day_asks(world):
    first = make_program(id="first", milestones=(before_renewal(id="early"),))
    later = make_program(id="later", milestones=(before_renewal(id="later", expires_days=100),))
    later = replace(later, starts_on=date(2026, 3, 5))
    world.load(accounts=[account()], contacts=[contact()])
    assert verdicts(world.plan(policy=make_policy(programs=[first]))) == {"sf/003A": ("ask", "asked")}
    world.change(RecordKind.ACCOUNT, account(renewal_on=date(2026, 7, 3)))
    world.wait(days=3)
    planned = world.plan(policy=make_policy(programs=[later]))
    assert [(row.verdict, row.until_on) for row in planned.rows] == [("defer", date(2026, 5, 31))]
    world.wait(days=87)
    assert verdicts(world.plan(policy=make_policy(programs=[later]))) == {"sf/003A": ("ask", "asked")}


def test_an_ask_that_an_opt_out_came_before_counts_as_blocked(world, rows):
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B")])
    world.plan()
    opt_out(world, rows, "003A")
    with world.storage.snapshot() as unit:
        outcomes = unit.decisions.outcomes(track=Track.REAL, today=TODAY)
    assert (outcomes[Outcome.BLOCKED], outcomes[Outcome.DEFERRED]) == (1, 1)
