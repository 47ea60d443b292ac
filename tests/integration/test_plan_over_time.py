"""The plan stage as days and records go on: merges, reused records, several plans a day, milestones that go away."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from connector.delivery.mail import InvitationMail
from connector.domain.links import Keyring
from connector.domain.programs import Track
from connector.domain.records import RecordKind
from connector.domain.selection import Outcome
from connector.ports.crm import Removal
from connector.storage.drawing import due, fresh
from connector.testing.fakes import FakeMailer
from connector.testing.store_rows import record_row
from connector.usecases.ask import Asking, ask
from tests.builders import TODAY, before_renewal, make_occurrence, make_policy, make_program, won
from tests.worlds import Standing, World, account, contact, make_page, opportunity

ASKED = ("ask", "asked")


@pytest.fixture
def world(storage):
    return World(storage)


def verdicts(planned):
    return {row.person: (row.verdict, row.rule) for row in planned.rows}


def merge(world, loser, *, into):
    gone = [Removal(crm_id=loser, merged_into=into)]
    page = make_page(RecordKind.CONTACT, [], at=world.now, removed=gone, is_last=True)
    with world.storage.begin() as unit:
        unit.records.store_page("sf", page, seen_at=world.now)
        unit.commit()


def mail(world, **changes):
    """Run the ask stage; the addresses that mail went to."""
    policy, mailer, keyring = make_policy(**changes), FakeMailer(), Keyring.of((b"an instance key of 32 bytes or so",))
    writer = InvitationMail(
        organisation=policy.organisation,
        sender="feedback@kea.example",
        shown_name="Kea",
        public_url="https://feedback.kea.example",
        keyring=keyring,
    )
    ask(
        Asking(
            storage=world.storage,
            mailer=mailer,
            writer=writer,
            policy=policy,
            keyring=keyring,
            clock=Standing(world.now),
        )
    )
    return [envelope.recipient for envelope in mailer.given]


def test_an_opt_out_goes_with_the_person_into_the_record_that_a_merge_leaves(world, rows):
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B", account="001Z")])
    loser = record_row(rows, "003B")
    with world.storage.begin() as unit:
        unit.opt_outs.add(
            person_id=loser["person_id"], address=loser["address"], at=world.now, source="unsubscribe-page"
        )
        unit.commit()
    merge(world, "003B", into="003A")
    assert verdicts(world.plan()) == {"sf/003A": ("block", "opted out")}


def test_a_flag_on_the_record_that_a_merge_removed_still_holds(world):
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B", account="001Z", opted_out=True)])
    merge(world, "003B", into="003A")
    assert verdicts(world.plan()) == {"sf/003A": ("block", "opted out")}


def test_spacing_goes_with_the_person_into_the_record_that_a_merge_leaves(world):
    other = account("001B", renewal_on=date(2026, 7, 1))
    world.load(accounts=[account(), other], contacts=[contact("003A"), contact("003B", account="001B")])
    assert verdicts(world.plan()) == {"sf/003A": ASKED}
    assert mail(world) == ["ann.003a@harbour.example"]
    merge(world, "003A", into="003B")
    world.wait(days=1)
    assert verdicts(world.plan()) == {"sf/003B": ("block", "spacing after relationship")}


def test_spacing_holds_for_the_address_that_was_mailed_when_somebody_else_has_it_now(world):
    same = "desk@harbour.example"
    other = account("001B", renewal_on=date(2026, 7, 1))
    world.load(accounts=[account(), other], contacts=[contact("003A", address=same)])
    world.plan()
    assert mail(world) == [same]
    world.wait(hours=2)
    world.change(RecordKind.CONTACT, contact("003A", address="ann@elsewhere.example"))
    world.wait(hours=2)
    world.change(RecordKind.CONTACT, contact("003C", address=same, name="Bo Lind", account="001B"))
    world.wait(days=1)
    assert verdicts(world.plan()) == {"sf/003C": ("block", "spacing after relationship")}


def test_what_falls_due_today_after_the_first_plan_of_the_day_is_asked_today(world):
    world.load(
        accounts=[account(renewal_on=None), account("001B", renewal_on=date(2026, 12, 1))],
        contacts=[contact("003A"), contact("003B", account="001B")],
        opportunitys=[opportunity()],
    )
    policy = make_policy(programs=[make_program(milestones=(won(), before_renewal()))])
    assert world.plan(policy=policy).rows == []
    world.wait(hours=2)
    world.change(RecordKind.OPPORTUNITY, opportunity(stage="Closed Won"))
    world.change(RecordKind.ACCOUNT, account("001B"), account("001C"))
    world.change(RecordKind.CONTACT, contact("003C", account="001C"))
    world.wait(hours=1)
    assert verdicts(world.plan(policy=policy)) == {"sf/003A": ASKED, "sf/003B": ASKED, "sf/003C": ASKED}


def test_nothing_is_planned_until_a_fact_that_is_read_elsewhere_now_has_been_pulled(world):
    world.load(accounts=[account()], contacts=[contact()])
    world.sources = {**world.sources, "account.tier": "Account.Tier"}
    assert world.plan().rows == []


def test_a_record_that_is_reused_for_somebody_else_does_not_inherit_the_ask(world):
    world.load(accounts=[account()], contacts=[contact(level=None)])
    assert verdicts(world.plan()) == {"sf/003A": ("block", "no seat")}
    world.wait(days=1)
    world.change(RecordKind.CONTACT, contact(name="Bo Lind", address="bo.lind@harbour.example"))
    assert verdicts(world.plan()) == {"sf/003A": ("block", "contact gone")}


def test_a_record_that_is_reused_between_decision_and_mail_gets_no_mail(world):
    world.load(accounts=[account()], contacts=[contact()])
    world.plan()
    world.wait(hours=1)
    world.change(RecordKind.CONTACT, contact(name="Bo Lind", address="bo.lind@harbour.example"))
    assert mail(world) == []


def test_a_milestone_that_is_gone_from_the_programs_asks_nobody_any_more(world, rows):
    world.load(accounts=[account()], contacts=[contact(level=None)])
    world.plan()
    world.wait(days=1)
    world.change(RecordKind.CONTACT, contact())
    renamed = make_program(milestones=(before_renewal(id="other"),))
    assert world.plan(policy=make_policy(programs=[renamed])).rows == []
    assert [(row["state"], row["reason"]) for row in rows("occurrence")] == [
        ("cancelled", "its milestone is gone from the programs")
    ]


def test_a_deferral_whose_last_day_is_over_counts_as_blocked_without_another_plan(world):
    early = make_program(id="early", milestones=(before_renewal(id="early"),))
    late = make_program(id="late", milestones=(before_renewal(id="late", expires_days=100),))
    late = replace(late, starts_on=TODAY + timedelta(days=1))
    world.load(
        accounts=[account()],
        contacts=[contact("003A"), contact("003B", level=None)],
    )
    world.plan(policy=make_policy(programs=[early]))
    mail(world, programs=[early])
    world.wait(days=1)
    world.change(RecordKind.ACCOUNT, account(renewal_on=date(2026, 7, 1)))
    world.change(RecordKind.CONTACT, contact("003B"))
    assert verdicts(world.plan(policy=make_policy(programs=[late]))) == {
        "sf/003A": ("defer", "spacing after relationship"),
        "sf/003B": ASKED,
    }
    assert mail(world, programs=[late]) == ["ann.003b@harbour.example"]
    last_day = TODAY + timedelta(days=101)
    with world.storage.snapshot() as unit:
        on_time = unit.decisions.outcomes(track=Track.REAL, today=last_day)
        over = unit.decisions.outcomes(track=Track.REAL, today=last_day + timedelta(days=1))
    assert on_time[Outcome.DEFERRED] - over[Outcome.DEFERRED] == 1
    assert over[Outcome.BLOCKED] - on_time[Outcome.BLOCKED] == 1


def test_many_opt_outs_do_not_make_each_candidate_slower(world, rows):
    """The plan of the candidates' query reads opt-outs by an index; a scan per candidate grew with their number."""
    if world.storage.engine.dialect.name != "sqlite":
        pytest.skip("SQLite tells its plan in words; both databases have the same indices")

    query = fresh(make_program(), due([(make_occurrence(), 1)], kind=RecordKind.ACCOUNT, is_joined=False))
    with world.storage.engine.connect() as connection:
        compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()
    scans = [step.detail for step in plan if "SCAN opt_out" in step.detail or "SCAN person_address" in step.detail]
    assert scans == []
