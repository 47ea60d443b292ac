"""What `explain` says a plan of now would decide: the plan's own decisions, for one person, on both databases."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.domain.actions import ActionPolicy
from connector.domain.programs import Policy, When, WhenKind
from connector.domain.records import RecordKind
from connector.domain.selection import Reason
from connector.domain.sentences import foretold
from connector.usecases.explain import Explanation, explain
from connector.usecases.plan import compute_plan
from tests.builders import FACTS, before_renewal, make_policy, make_program
from tests.worlds import Standing, World, account, contact

CLOSED = before_renewal(id="closed", when=When(kind=WhenKind.AFTER, fact=FACTS["case.closed_on"], days=1))


@pytest.fixture
def world(storage):
    return World(storage)


def look(world: World, crm_id: str, *, policy: Policy) -> Explanation:
    found = explain(f"sf/{crm_id}", storage=world.storage, policy=policy, crms=[world.crm], clock=Standing(world.now))
    assert isinstance(found, Explanation)
    return found


def case(world: World, **facts) -> None:
    """A case at the account 001A that was closed yesterday."""
    closed = {"is_closed": True, "closed_on": world.now.date() - timedelta(days=1)}
    world.change(RecordKind.CASE, {"crm_id": "500A", "account": "001A", "contact": "003A"} | closed | facts)


def test_everybody_reads_what_the_plan_of_now_would_decide_about_them_and_once_it_ran_nothing_more(world):
    ids = ["003A", "003B", "003C", "003D", "003E", "003F"]
    world.load(
        accounts=[account("001A"), account("001B"), account("001C", renewal_on=None)],
        contacts=[
            contact("003A"),
            contact("003B", address=None),
            contact("003C", account="001B", address="ann.003A@harbour.example", name="Ann 003A"),
            contact("003D", account="001B", hold_until=date(2026, 3, 20)),
            contact("003E", account="001C"),
            contact("003F", account="001B", level=None),
        ],
    )
    policy = make_policy(programs=[make_program(), make_program(id="second")])
    with world.storage.snapshot() as unit:
        planned = compute_plan(unit, policy=policy, crms=[world.crm], now=world.now)
        persons = {crm_id: unit.explanations.persons(f"sf/{crm_id}", limit=1)[0] for crm_id in ids}
    for crm_id, person_id in persons.items():
        theirs = [each for each in planned.decisions if each.candidate.person_id == person_id]
        assert look(world, crm_id, policy=policy).now.decisions == theirs, crm_id
    assert {each.rule for each in planned.decisions} == {
        *("asked", "no address", "hold", "no seat", "spacing after relationship")
    }
    world.plan(policy=policy)
    assert [look(world, crm_id, policy=policy).now.decisions for crm_id in ids] == [[]] * len(ids)


def test_it_is_told_as_a_sentence_with_program_milestone_record_and_day(world):
    world.load(accounts=[account()], contacts=[contact()])
    (decision,) = look(world, "003A", policy=make_policy()).now.decisions
    assert foretold(decision) == (
        "Would be asked now by program ongoing for milestone renewal of sf/001A (due 2 March 2026);"
        " `closedloop run plan` stores it."
    )


def test_who_was_decided_about_before_reads_what_is_newly_due(world):
    policy = make_policy(programs=[make_program(milestones=(before_renewal(), CLOSED))])
    world.load(accounts=[account()], contacts=[contact()])
    world.plan(policy=policy)
    world.wait(days=1)
    case(world)
    seen = look(world, "003A", policy=policy)
    assert [each.seen.milestone for each in seen.decisions] == ["renewal"]
    assert [(each.candidate.occurrence.milestone, each.verdict, each.rule) for each in seen.now.decisions] == [
        ("closed", "block", "spacing after relationship")
    ]
    assert seen.undecided == []


def test_a_verdict_that_a_plan_would_change_is_told_and_one_that_stays_is_not(world):
    world.load(accounts=[account()], contacts=[contact(hold_until=date(2026, 3, 5))])
    world.plan()
    world.wait(days=1)
    assert look(world, "003A", policy=make_policy()).now.decisions == []
    world.change(RecordKind.CONTACT, contact(hold_until=None))
    (decision,) = look(world, "003A", policy=make_policy()).now.decisions
    assert (decision.verdict, decision.rule) == ("ask", "asked")


def test_a_wait_that_moves_is_told_at_once_and_its_new_day_is_the_one_that_a_plan_stores(world):
    world.load(accounts=[account()], contacts=[contact(hold_until=date(2026, 3, 5))])
    world.plan()
    world.wait(days=1)
    world.change(RecordKind.CONTACT, contact(hold_until=date(2026, 3, 8), hold_reason="a fair"))
    (decision,) = look(world, "003A", policy=make_policy()).now.decisions
    assert (decision.rule, decision.until_on) == ("hold", date(2026, 3, 9))
    world.plan()
    seen = look(world, "003A", policy=make_policy())
    (stored,) = seen.decisions
    assert seen.now.decisions == []
    assert [(each.until_on, each.reasons[0].value) for each in stored.seen.verdicts] == [
        (date(2026, 3, 9), "until 2026-03-08: a fair"),
        (date(2026, 3, 6), "until 2026-03-05"),
    ]


def test_a_wait_that_moves_every_day_stays_one_verdict_with_its_newest_day(world):
    policy = replace(make_policy(), actions=ActionPolicy(most_overdue=-1))
    world.load(accounts=[account()], contacts=[contact()])
    for _ in range(3):
        world.plan(policy=policy)
        world.wait(days=1)
    (stored,) = look(world, "003A", policy=policy).decisions
    (verdict,) = stored.seen.verdicts
    assert (verdict.rule, verdict.until_on) == ("owner has overdue actions", date(2026, 3, 5))


def test_who_brought_a_case_at_another_account_reads_of_that_case(world):
    policy = make_policy(programs=[make_program(milestones=(CLOSED,))])
    world.load(accounts=[account("001A"), account("001B")], contacts=[contact("003A", account="001B"), contact("003B")])
    world.plan(policy=policy)
    world.wait(days=1)
    case(world, closed_on=world.now.date())
    (brought,) = look(world, "003A", policy=policy).undecided
    assert (brought.reason.rule, brought.reason.source) == ("not due yet", "sf/500A")
    (other,) = look(world, "003B", policy=policy).undecided
    assert other.reason == Reason(
        rule="another's case", value="sf/003A", threshold="who brought it", source="sf/500A", on="2026-03-03"
    )
    world.wait(days=1)
    (decision,) = look(world, "003A", policy=policy).now.decisions
    assert (decision.candidate.occurrence.anchor.key, decision.verdict) == ("sf/500A", "ask")


def test_what_no_plan_will_catch_up_with_does_not_wait_for_one(world):
    world.load(accounts=[account(renewal_on=date(2026, 7, 1))], contacts=[contact()])
    world.plan()
    world.wait(days=3)
    assert look(world, "003A", policy=make_policy()).now.decisions[0].rule == "asked"
    anew = make_policy(programs=[make_program(milestones=(before_renewal(new_after_days=1),))])
    (late,) = look(world, "003A", policy=anew).undecided
    assert (late.reason.rule, late.reason.on) == ("past before it was planned", "2026-03-03")


def test_what_expired_in_a_long_pause_is_told_so_before_and_after_the_plans_that_end_the_pause(world):
    world.load(accounts=[account(renewal_on=date(2026, 8, 1))], contacts=[contact()])
    world.plan()
    world.wait(days=93)
    told = []
    for _ in range(3):
        (late,) = look(world, "003A", policy=make_policy()).undecided
        told.append((late.reason.rule, late.reason.value, late.reason.threshold))
        world.plan()
    assert told == [("expired unplanned", "2026-04-03", "a plan that was run by 2026-04-17")] * 3


def test_a_crm_that_is_not_loaded_yet_says_what_has_to_run_first(world):
    world.load(accounts=[account()], contacts=[contact()])
    world.sources = {**world.sources, "account.tier": "Account.Tier"}
    seen = look(world, "003A", policy=make_policy())
    assert (seen.now.decisions, seen.now.waits) == ([], {"sf": "sync"})
    assert seen.undecided[0].reason.rule == "not planned yet"
