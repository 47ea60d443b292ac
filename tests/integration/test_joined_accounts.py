"""Accounts that are one over two CRMs, through the jobs: due once, on the date that counts, joined, split or merged."""

from datetime import date

import pytest
from sqlalchemy import text

from connector.domain.occurrences import HAS_ITS_OWN
from jobs.stages import run_stage
from tests.builders import before_renewal, make_policy, make_program
from tests.integration.test_two_crms import ASKED
from tests.joined import assert_census, both, merge_accounts, occurrences, person, renew, tie, twin
from tests.worlds import account, contact

__all__ = ["both"]


@pytest.mark.parametrize(("home", "anchor"), [(None, "sf/001A"), ("sf", "sf/001A"), ("hub", "hub/51")])
def test_a_joined_account_falls_due_once_and_the_people_of_both_crms_are_its_own(both, rows, home, anchor):
    tie(both, home=home)
    run_stage("sync", both.ports)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}
    assert occurrences(rows) == [(anchor, 1, "asked")]
    assert_census(both, rows)


@pytest.mark.parametrize("home", [None, "sf", "hub"])
@pytest.mark.parametrize("knows", ["sf", "hub"])
def test_a_date_that_one_crm_alone_knows_counts_for_both(both, rows, knows, home):
    tie(both, home=home)
    dates = {name: date(2026, 6, 30) if name == knows else None for name in both.worlds}
    renew(both, **dates)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}
    assert len(rows("occurrence")) == 1


@pytest.mark.parametrize(("home", "counts"), [(None, "sf"), ("sf", "sf"), ("hub", "hub")])
def test_of_two_dates_that_of_the_first_record_counts(both, home, counts):
    tie(both, home=home)
    days = {name: date(2026, 6, 30) if name == counts else date(2026, 12, 31) for name in both.worlds}
    renew(both, **days)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}


def test_a_date_that_the_first_record_changes_is_followed_and_one_that_does_not_count_is_not(both, rows):
    renew(both, sf=date(2026, 7, 10), hub=date(2026, 6, 30))
    assert both.decided() == {}
    both.wait(days=1)
    renew(both, sf=date(2026, 7, 10), hub=date(2026, 6, 20))
    assert (both.decided(), rows("occurrence")) == ({}, [])
    both.wait(days=9)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}


def test_accounts_that_are_joined_after_both_were_asked_are_not_asked_again(both, rows):
    both.show("hub", accounts=[twin(of=None)], contacts=[person()])
    run_stage("sync", both.ports)
    asked = both.decided()
    assert asked == {"hub/52": ASKED, "sf/003A": ASKED}
    both.wait(hours=1)
    both.show("hub", accounts=[twin()], contacts=[person()])
    run_stage("sync", both.ports)
    assert both.decided() == asked
    assert occurrences(rows) == [("hub/51", 1, "asked"), ("sf/001A", 1, "asked")]
    assert_census(both, rows)


def test_an_open_occurrence_of_an_account_that_is_joined_to_one_that_was_asked_is_cancelled(both, rows):
    waits = [person(address="ann.003A@harbour.example")]
    both.show("hub", accounts=[twin(of=None, renewal_on=date(2026, 7, 2))], contacts=waits)
    both.policy = make_policy(programs=[make_program(milestones=(before_renewal(expires_days=100),))])
    run_stage("sync", both.ports)
    both.decided()
    both.wait(days=2)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ("defer", "spacing after relationship")}
    assert occurrences(rows) == [("hub/51", 1, "open"), ("sf/001A", 1, "asked")]
    both.show("hub", accounts=[twin(renewal_on=date(2026, 7, 2))], contacts=waits)
    run_stage("sync", both.ports)
    both.wait(days=98)
    assert both.decided()["hub/52"] == ("defer", "spacing after relationship")
    assert [(row["state"], row["reason"]) for row in rows("occurrence")] == [
        ("asked", None),
        ("cancelled", HAS_ITS_OWN),
    ]
    assert_census(both, rows)


def test_the_next_renewal_of_a_joined_account_opens_one_more_with_a_number_of_its_own(both, rows):
    both.show("hub", accounts=[twin(of=None)], contacts=[person()])
    run_stage("sync", both.ports)
    both.decided()
    both.wait(days=364)
    tie(both, home="hub")
    renew(both, sf=date(2027, 6, 30), hub=date(2027, 6, 30))
    both.decided()
    both.wait(days=1)
    both.decided()
    assert occurrences(rows) == [("hub/51", 1, "asked"), ("hub/51", 2, "asked"), ("sf/001A", 1, "asked")]
    assert_census(both, rows)


@pytest.mark.parametrize(("before", "after"), [("sf", "hub"), ("hub", "sf"), (None, "hub")])
def test_another_home_leads_to_no_second_occurrence(both, rows, before, after):
    tie(both, home=before)
    run_stage("sync", both.ports)
    both.decided()
    tie(both, home=after)
    run_stage("sync", both.ports)
    both.decided()
    assert len(rows("occurrence")) == 1
    both.wait(days=1)
    both.decided()
    assert len(rows("occurrence")) == 1
    assert_census(both, rows)


def test_without_home_the_records_of_the_other_crm_are_written_again(both, rows):
    tie(both, home="sf")
    both.show("sf", accounts=[account()], contacts=[contact()])
    both.show("hub", accounts=[twin()], contacts=[person(same_as="003A")])
    run_stage("sync", both.ports)
    known = {(row["kind"], row["record_id"]) for row in rows("dirty")}
    with both.storage.begin() as unit:
        unit.connection.execute(text("DELETE FROM dirty"))
        unit.commit()
    run_stage("sync", both.ports)
    assert rows("dirty") == []
    tie(both)
    run_stage("sync", both.ports)
    assert ({(row["kind"], row["record_id"]) for row in rows("dirty")}, len(known)) == (known, 4)


def test_a_merge_of_the_first_record_leads_to_no_second_occurrence(both, rows):
    run_stage("sync", both.ports)
    both.decided()
    both.wait(hours=1)
    merge_accounts(both.worlds["sf"], "001A", into="001B")
    run_stage("sync", both.ports)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}
    assert occurrences(rows) == [("sf/001A", 1, "asked")]
    assert_census(both, rows)


def test_accounts_that_are_split_fall_due_apart_from_the_next_renewal_on(both, rows):
    run_stage("sync", both.ports)
    both.decided()
    both.wait(days=200)
    both.show("sf", accounts=[account(renewal_on=date(2027, 6, 30))], contacts=[contact()])
    both.show("hub", accounts=[twin(of=None, renewal_on=date(2027, 6, 30))], contacts=[person()])
    run_stage("sync", both.ports)
    both.decided()
    both.wait(days=165)
    both.decided()
    assert occurrences(rows) == [("hub/51", 1, "asked"), ("sf/001A", 1, "asked"), ("sf/001A", 2, "asked")]
    assert_census(both, rows)


def test_a_target_that_is_not_synced_yet_is_joined_when_it_comes(both, rows):
    both.joined.remove("sf")
    run_stage("sync", both.ports)
    both.joined.append("sf")
    run_stage("sync", both.ports)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}
    assert len(rows("occurrence")) == 1
