"""Cases whose contact stands at another account or at none, and cases that pass on to another contact, on plans."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from connector.domain.listed import Listed
from connector.domain.programs import Mode, Track
from connector.domain.records import RecordKind
from connector.domain.selection import Reason
from connector.domain.sentences import told
from connector.ports.errors import RelayUnavailable
from connector.testing.fakes import FakeClock, FakeMailer
from connector.usecases.ask import ask
from tests.asking import make_asking, states_of
from tests.builders import TODAY
from tests.integration.test_cases import after_closing, closed
from tests.worlds import World, account, contact

CASE, CONTACT, ACCOUNT = RecordKind.CASE, RecordKind.CONTACT, RecordKind.ACCOUNT
ASKED, HELD, LEFT = ("ask", "asked"), ("defer", "hold"), ("block", "left company")
PASSED_ON, DUE = ("block", "case passed on"), "2026-03-03"


@pytest.fixture
def world(storage):
    """Contacts at the account of the cases, at another one and at none; no case yet, a day later."""
    world = World(storage)
    world.load(
        accounts=[account(renewal_on=None), account("001B", renewal_on=None)],
        contacts=[contact("003A"), contact("003B", account="001B"), contact("003N", account=None)],
    )
    world.plan(policy=after_closing())
    world.wait(days=1)
    return world


def close(world, **contacts):
    """Cases of the account 001A that these contacts brought were closed on the day before."""
    world.change(CASE, *(closed(f"500{letter}", contact=each) for letter, each in contacts.items()))


def plan(world, **changes):
    planned = world.plan(policy=replace(after_closing(), **changes))
    return {(row.occurrence.split("/")[-2], row.person): (row.verdict, row.rule) for row in planned.rows}


def reasons(world):
    rows = world.plan(policy=after_closing()).rows
    return {row.person: row.reasons for row in rows}


def mailed(world, mailer=None):
    """Whom one run of the ask stage wrote to."""
    mailer = mailer or FakeMailer()
    ask(make_asking(world.storage, mailer, clock=FakeClock(world.now), policy=after_closing()))
    return [envelope.recipient for envelope in mailer.given]


def assert_all_counted(world, rows, number):
    with world.storage.snapshot() as unit:
        counted = unit.occurrences.count_candidates()
        outcomes = unit.decisions.outcomes(track=Track.REAL, today=world.now.date())
    assert (counted, len(rows("decision")), sum(outcomes.values())) == (number, number, number)


def test_a_case_asks_its_own_contact_wherever_that_stands_in_the_name_of_the_cases_account(world, rows):
    close(world, A="003A", B="003B", N="003N")
    assert plan(world) == {("500A", "sf/003A"): ASKED, ("500B", "sf/003B"): ASKED, ("500N", "sf/003N"): ASKED}
    (first, *_) = rows("account")
    assert [row["account_id"] for row in rows("decision")] == [first["id"]] * 3
    assert_all_counted(world, rows, 3)


def test_who_refuses_or_was_asked_lately_is_not_asked_about_a_case_of_another_account_either(world, rows):
    world.change(CONTACT, contact("003B", account="001B", opted_out=True), contact("003N", account=None, bounced=True))
    close(world, A="003A", B="003B", N="003N")
    blocked = {("500B", "sf/003B"): ("block", "opted out"), ("500N", "sf/003N"): ("block", "bounced")}
    assert plan(world) == {("500A", "sf/003A"): ASKED, **blocked}
    world.change(CASE, closed("500C", contact="003A", account="001B"))
    assert plan(world)["500C", "sf/003A"] == ("block", "spacing after relationship")
    assert_all_counted(world, rows, 4)


def test_what_reps_say_where_the_contact_stands_and_on_its_own_record_counts_for_a_case_of_another_account(world):
    until = TODAY + timedelta(days=4)
    world.change(ACCOUNT, account("001B", renewal_on=None, hold_until=until))
    world.change(CONTACT, contact("003N", account=None, hold_until=until), contact("003L", account=None))
    world.change(CONTACT, contact("003L", account=None, left_company=True))
    close(world, B="003B", N="003N", L="003L")
    assert plan(world) == {("500B", "sf/003B"): HELD, ("500N", "sf/003N"): HELD, ("500L", "sf/003L"): LEFT}
    world.wait(days=4)
    assert plan(world) == {("500B", "sf/003B"): ASKED, ("500N", "sf/003N"): ASKED, ("500L", "sf/003L"): LEFT}


def test_a_pause_or_a_departure_after_the_ask_was_decided_keeps_the_mail_back_where_the_contact_stands(world):
    close(world, B="003B", N="003N")
    plan(world)
    until = world.now.date() + timedelta(days=1)
    world.change(ACCOUNT, account("001B", renewal_on=None, hold_until=until))
    world.change(CONTACT, contact("003N", account=None, left_company=True))
    assert mailed(world) == []
    world.wait(days=2)
    assert mailed(world) == ["ann.003b@harbour.example"]


def test_a_pause_after_the_invitation_was_made_keeps_its_mail_back_and_a_departure_cancels_it(world):
    close(world, B="003B", N="003N")
    plan(world)
    until = world.now.date() + timedelta(days=1)

    def between(envelope):
        world.change(ACCOUNT, account("001B", renewal_on=None, hold_until=until))
        world.change(CONTACT, contact("003N", account=None, left_company=True))

    failing = FakeMailer([RelayUnavailable("421 later")] * 2, on_send=between)
    assert mailed(world, failing) == ["ann.003b@harbour.example"]
    world.wait(hours=2)
    assert mailed(world) == []
    assert states_of(world.storage) == ["ready", "cancelled"]
    world.wait(days=2)
    assert mailed(world) == ["ann.003b@harbour.example"]


def test_test_mode_reaches_the_contact_of_a_case_where_both_accounts_are_listed(world):
    everybody = ("*@harbour.example",)
    close(world, A="003A", B="003B", N="003N")
    one = Listed(recipients=everybody, accounts=("001A",))
    unlisted = ("block", "not in the test list")
    assert plan(world, mode=Mode.TEST, listed=one) == {
        ("500A", "sf/003A"): ASKED,
        ("500B", "sf/003B"): unlisted,
        ("500N", "sf/003N"): unlisted,
    }
    both = Listed(recipients=everybody, accounts=("001A", "001B"))
    assert plan(world, mode=Mode.TEST, listed=both) == {("500B", "sf/003B"): ASKED, ("500N", "sf/003N"): unlisted}


def test_a_deferred_case_that_passes_on_asks_its_new_contact_and_the_earlier_one_is_told_since_when(world, rows):
    world.change(ACCOUNT, account(renewal_on=None, hold_until=TODAY + timedelta(days=5)))
    close(world, X="003A")
    assert plan(world) == {("500X", "sf/003A"): HELD}
    world.wait(days=2)
    close(world, X="003B")
    world.wait(days=1)
    assert plan(world) == {("500X", "sf/003A"): PASSED_ON, ("500X", "sf/003B"): HELD}
    (reason, *_) = reasons(world)["sf/003A"]
    passed = Reason(rule="case passed on", value="sf/003B", threshold="its own contact", source="sf/500X")
    assert reason == replace(passed, on="2026-03-05")
    assert told(reason) == (
        "Not asked: the case is sf/003B's by now, and only its own contact is asked (sf/500X, 5 March 2026)."
    )
    world.wait(days=2)
    assert plan(world) == {("500X", "sf/003A"): PASSED_ON, ("500X", "sf/003B"): ASKED}
    assert_all_counted(world, rows, 2)


def test_a_case_that_passes_on_after_somebody_was_asked_about_it_asks_nobody_else(world, rows):
    close(world, X="003A")
    assert plan(world) == {("500X", "sf/003A"): ASKED}
    world.wait(days=1)
    close(world, X="003B")
    assert plan(world) == {}
    assert_all_counted(world, rows, 1)


def test_a_case_that_passes_on_between_decision_and_mail_is_mailed_to_nobody(world, rows):
    close(world, X="003A", Y="003B", Z="003N")
    plan(world)
    mailed(world, FakeMailer([RelayUnavailable("421 later")]))
    world.wait(hours=1)
    close(world, X="003B", Y=None)
    world.wait(hours=1)
    assert mailed(world) == ["ann.003n@harbour.example"]
    why = "the case is somebody else's by now"
    assert {(row["state"], row["error"]) for row in rows("message")} == {("cancelled", why), ("sent", None)}
    assert_all_counted(world, rows, 3)


def test_a_case_that_passes_on_before_its_invitation_is_made_makes_none_and_counts_as_no_ask(world, rows):
    close(world, X="003A", Y="003B")
    plan(world)
    close(world, X="003B")
    assert (mailed(world), len(rows("invitation"))) == (["ann.003b@harbour.example"], 1)
    with world.storage.snapshot() as unit:
        asks = unit.decisions.past_asks(track=Track.REAL, since=TODAY, today=world.now.date())
        outcomes = unit.decisions.outcomes(track=Track.REAL, today=world.now.date())
        people = [row["person_id"] for row in rows("decision")]
        told = [unit.explanations.decisions(each, today=world.now.date())[0].kept_back for each in people]
    assert [ask.address for ask in asks] == ["ann.003b@harbour.example"]
    assert {outcome: number for outcome, number in outcomes.items() if number} == {"sent": 1, "blocked": 1}
    assert told == ["the case is somebody else's by now", None]


def test_a_case_that_passes_on_to_another_contact_of_the_same_person_is_mailed_all_the_same(world):
    close(world, X="003A")
    plan(world)
    world.change(CONTACT, contact("003T", account="001B", address="ann.003A@harbour.example", name="Ann 003A"))
    close(world, X="003T")
    assert mailed(world) == ["ann.003a@harbour.example"]


def test_a_case_that_comes_back_to_its_first_contact_asks_that_one(world, rows):
    world.change(ACCOUNT, account(renewal_on=None, hold_until=TODAY + timedelta(days=5)))
    for each in ("003A", "003N", "003A"):
        close(world, X=each)
        plan(world)
        world.wait(days=1)
    assert plan(world) == {("500X", "sf/003A"): HELD, ("500X", "sf/003N"): PASSED_ON}
    world.wait(days=3)
    assert plan(world) == {("500X", "sf/003A"): ASKED, ("500X", "sf/003N"): PASSED_ON}
    assert_all_counted(world, rows, 2)


def test_a_case_that_names_nobody_when_it_falls_due_asks_whom_it_names_later(world, rows):
    close(world, X=None, Y="003A")
    world.change(ACCOUNT, account(renewal_on=None, hold_until=TODAY + timedelta(days=5)))
    assert plan(world) == {("500Y", "sf/003A"): HELD}
    world.wait(days=1)
    close(world, X="003B", Y=None)
    assert plan(world) == {("500X", "sf/003B"): HELD, ("500Y", "sf/003A"): PASSED_ON}
    assert [reason.value for reason in reasons(world)["sf/003A"] if reason.rule == "case passed on"] == ["nobody"]
    assert_all_counted(world, rows, 2)


def test_a_case_that_passes_on_to_another_contact_of_the_same_person_is_still_theirs(world, rows):
    world.change(ACCOUNT, account(renewal_on=None, hold_until=TODAY + timedelta(days=5)))
    world.change(CONTACT, contact("003T", account="001B", address="ann.003A@harbour.example", name="Ann 003A"))
    close(world, X="003A")
    plan(world)
    world.wait(days=1)
    close(world, X="003T")
    assert plan(world) == {("500X", "sf/003A"): HELD}
    world.wait(days=5)
    assert plan(world) == {("500X", "sf/003A"): ASKED}
    assert_all_counted(world, rows, 1)


def test_the_count_of_candidates_shows_a_lost_decision_about_a_case_that_passed_on(world, rows):
    world.change(ACCOUNT, account(renewal_on=None, hold_until=TODAY + timedelta(days=5)))
    for each in ("003A", "003B"):
        close(world, X=each)
        plan(world)
        world.wait(days=1)
    assert_all_counted(world, rows, 2)
    with world.storage.begin() as unit:
        lost = unit.connection.execute(text("SELECT max(id) FROM decision")).scalar_one()
        unit.connection.execute(text("DELETE FROM verdict WHERE decision_id = :lost"), {"lost": lost})
        unit.connection.execute(text("DELETE FROM decision WHERE id = :lost"), {"lost": lost})
        assert unit.occurrences.count_candidates() == 2
