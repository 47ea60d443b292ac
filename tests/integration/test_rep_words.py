"""What reps say on the record reaches the next plan: holds, who left, and a level that they correct."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from connector.delivery.mail import InvitationMail
from connector.domain.links import Keyring
from connector.domain.programs import Milestone, When, WhenKind
from connector.domain.records import RecordKind
from connector.storage.tables.kinds import RECORD_TABLES
from connector.testing.fakes import FakeMailer
from connector.usecases.ask import Asking, ask
from tests.builders import FACTS, TODAY, condition, make_policy, make_program
from tests.worlds import Standing, World, account, contact

ASKED = ("ask", "asked")
HELD = ("defer", "hold")


@pytest.fixture
def world(storage):
    return World(storage)


def verdicts(planned):
    return {row.person: (row.verdict, row.rule) for row in planned.rows}


def mail(world):
    """Run the ask stage; the addresses that mail went to."""
    policy, mailer, keyring = make_policy(), FakeMailer(), Keyring.of((b"an instance key of 32 bytes or so",))
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


def join(world, crm_id, *, into):
    """Let one account stand for another one, as joining over CRMs leaves it."""
    table = RECORD_TABLES[RecordKind.ACCOUNT]
    with world.storage.begin() as unit:
        first = unit.connection.execute(table.select().where(table.c.crm_id == into)).one().id
        unit.connection.execute(update(table).where(table.c.crm_id == crm_id).values(joined_id=first))
        unit.commit()


def test_a_hold_on_the_account_waits_for_all_and_the_day_after_asks(world, rows):
    until = TODAY + timedelta(days=4)
    world.load(
        accounts=[account(hold_until=until, hold_reason="merger talks")],
        contacts=[contact("003A"), contact("003B", level=None)],
    )
    planned = world.plan()
    assert verdicts(planned) == {"sf/003A": HELD, "sf/003B": ("block", "no seat")}
    (reason,) = planned.rows[0].reasons
    assert (reason.value, reason.source) == ("until 2026-03-06: merger talks", "sf/001A")
    world.wait(days=4)
    assert verdicts(world.plan())["sf/003A"] == HELD
    world.wait(days=1)
    assert verdicts(world.plan())["sf/003A"] == ASKED
    assert [row["verdict"] for row in rows("verdict") if row["rule"] != "no seat"] == ["defer", "ask"]


def test_a_hold_that_a_rep_clears_is_over_at_the_next_plan(world):
    world.load(accounts=[account(hold_until=TODAY + timedelta(days=9))], contacts=[contact()])
    assert verdicts(world.plan()) == {"sf/003A": HELD}
    world.wait(hours=1)
    world.change(RecordKind.ACCOUNT, account())
    assert verdicts(world.plan()) == {"sf/003A": ASKED}


def test_a_hold_on_any_contact_of_the_person_at_the_account_holds_and_the_longest_counts(world):
    same = "ann.berg@harbour.example"
    day = TODAY + timedelta(days=2)
    world.load(
        accounts=[account(hold_until=day), account("001B", renewal_on=None)],
        contacts=[
            contact("003A", address=same),
            contact("003B", address=same, level=None, hold_until=day + timedelta(days=3), hold_reason="on leave"),
            contact("003C", address=same, account="001B", hold_until=day + timedelta(days=9)),
            contact("003D"),
        ],
    )
    planned = world.plan()
    assert {row.person: (row.until_on, row.reasons[0].value) for row in planned.rows} == {
        "sf/003A": (date(2026, 3, 8), "until 2026-03-07: on leave"),
        "sf/003D": (date(2026, 3, 5), "until 2026-03-04"),
    }


@pytest.mark.parametrize(("held", "anchor"), [("001A", "001B"), ("001B", "001A")])
def test_a_hold_on_any_record_of_a_joined_account_holds_for_all_of_them(world, held, anchor):
    facts = {crm_id: {"renewal_on": None} for crm_id in ("001A", "001B", "001C")}
    facts[anchor] = {}
    facts[held]["hold_until"] = TODAY
    world.load(accounts=[account(crm_id, **each) for crm_id, each in facts.items()], contacts=[contact(account=anchor)])
    join(world, "001B", into="001A")
    assert verdicts(world.plan()) == {"sf/003A": HELD}


def test_a_hold_on_a_contact_at_another_record_of_the_joined_account_holds_the_person(world):
    same = "ann.berg@harbour.example"
    world.load(
        accounts=[account(), account("001B", renewal_on=None)],
        contacts=[contact(address=same), contact("003B", address=same, account="001B", hold_until=TODAY)],
    )
    assert verdicts(world.plan()) == {"sf/003A": ASKED}
    world.wait(days=1)
    world.change(RecordKind.ACCOUNT, account("001C", renewal_on=date(2026, 7, 1)))
    world.change(RecordKind.CONTACT, contact("003C", account="001C", address="bo@harbour.example"))
    world.change(RecordKind.CONTACT, contact("003D", account="001B", address="bo@harbour.example", hold_until=date.max))
    join(world, "001B", into="001C")
    assert verdicts(world.plan())["sf/003C"] == ("block", "hold")


def test_a_hold_between_decision_and_mail_waits_and_then_the_mail_leaves(world):
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B")])
    assert set(verdicts(world.plan()).values()) == {ASKED}
    world.wait(hours=1)
    world.change(RecordKind.CONTACT, contact("003A", hold_until=TODAY + timedelta(days=2)))
    assert mail(world) == ["ann.003b@harbour.example"]
    world.wait(days=2)
    assert mail(world) == []
    world.wait(days=1)
    assert mail(world) == ["ann.003a@harbour.example"]


def test_who_left_is_blocked_and_the_next_holder_of_the_address_is_asked(world):
    same = "desk@harbour.example"
    world.load(accounts=[account()], contacts=[contact("003A", address=same, left_company=True)])
    world.wait(minutes=1)
    world.change(RecordKind.CONTACT, contact("003B", address=same, name="Bo Lind", left_company=False))
    assert verdicts(world.plan()) == {"sf/003A": ("block", "left company"), "sf/003B": ASKED}


def test_who_leaves_after_the_decision_gets_no_mail(world):
    world.load(accounts=[account()], contacts=[contact()])
    assert verdicts(world.plan()) == {"sf/003A": ASKED}
    world.wait(hours=1)
    world.change(RecordKind.CONTACT, contact(left_company=True))
    assert mail(world) == []


def test_a_rep_s_level_counts_before_the_crm_s_and_is_what_a_decision_saw(world):
    world.load(
        accounts=[account()],
        contacts=[
            contact("003A", level="user", rep_level="executive"),
            contact("003B", level="executive"),
            contact("003C", level=None, rep_level="executive"),
            contact("003D", level="executive", rep_level="user"),
        ],
    )
    program = make_program(who=condition("contact.level = 'executive'"))
    planned = world.plan(policy=make_policy(programs=[program]))
    assert {row.person: (row.verdict, row.reasons[0].value) for row in planned.rows} == {
        "sf/003A": ("ask", "contact.level = executive"),
        "sf/003B": ("ask", "contact.level = executive"),
        "sf/003C": ("ask", "contact.level = executive"),
        "sf/003D": ("block", "contact.level = user"),
    }


def test_a_change_of_level_is_that_of_the_value_which_counts(world):
    world.load(
        accounts=[account()],
        contacts=[contact("003A"), contact("003B", rep_level="executive"), contact("003C", rep_level="user")],
    )
    when = When(kind=WhenKind.CHANGED, fact=FACTS["contact.level"], value="executive")
    policy = make_policy(programs=[make_program(milestones=(Milestone(id="promoted", when=when),))])
    world.plan(policy=policy)
    world.wait(days=1)
    world.change(
        RecordKind.CONTACT,
        contact("003A", rep_level="executive"),
        contact("003B", level="manager", rep_level="executive"),
        contact("003C", level="executive", rep_level="user"),
    )
    assert [row.occurrence for row in world.plan(policy=policy).rows] == ["ongoing/promoted/sf/003A/1"]
