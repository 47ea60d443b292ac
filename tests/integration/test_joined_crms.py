"""Accounts and contacts that are one over two CRMs, through the jobs: asked once, with the facts that count."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from connector.domain.occurrences import HAS_ITS_OWN
from connector.domain.programs import RelationshipRule
from connector.domain.records import RecordKind
from connector.ports.crm import Page, Removal
from connector.ports.wiring import SameAs
from connector.usecases.status import status
from jobs import ask
from jobs.stages import run_stage
from tests.builders import before_renewal, condition, make_policy, make_program
from tests.integration.test_two_crms import ASKED, TWICE, Both
from tests.worlds import CAPABILITIES, SOURCES, World, account, contact, make_page

NO_SEAT = ("block", "no seat")
BOTH_KINDS = SOURCES | {"account.same_as": "Firm.twin of sf", "contact.same_as": "Card.twin of sf"}


def org_id(text: str) -> str | None:
    """The org's ids begin with 00."""
    return text.strip() if text.strip().startswith("00") else None


def tie(both: Both, *, home: str | None = None, **hub: Any) -> None:
    """Wire the portal's records to the org's, and one of the two as home."""
    both.wired = {name: {"is_home": name == home} for name in both.worlds}
    both.wired["hub"] |= {"same_as": SameAs(crm="sf", read_id=org_id), "sources": BOTH_KINDS, **hub}


def twin(crm_id: str = "51", of: str | None = "001A", **facts: Any) -> dict[str, Any]:
    """The portal's account that names an account of the org."""
    return account(crm_id, same_as=of, **facts)


def person(crm_id: str = "52", at: str = "51", **facts: Any) -> dict[str, Any]:
    """A contact of the portal."""
    return contact(crm_id, account=at, **facts)


def said(both: Both) -> dict[str, Any]:
    """What `closedloop status` says."""
    ports = both.ports
    return status(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)


def occurrences(rows) -> list[tuple[str, int, str]]:
    return sorted((row["anchor_key"], row["ordinal"], row["state"]) for row in rows("occurrence"))


def assert_census(both: Both, rows) -> None:
    with both.storage.snapshot() as unit:
        assert unit.occurrences.count_candidates() == len(rows("decision"))


def merge_accounts(world: World, loser: str, *, into: str) -> None:
    """From now on a pull of this CRM shows that an account was merged into another, which has its contact now."""

    def pull(kind: RecordKind, since: str | None) -> Iterator[Page]:
        records = {RecordKind.ACCOUNT: [account(into)], RecordKind.CONTACT: [contact(account=into)]}.get(kind, [])
        removed = [Removal(crm_id=loser, merged_into=into)] if kind is RecordKind.ACCOUNT else []
        yield make_page(kind, records, at=world.now, removed=removed, is_last=True)

    world.pull = pull


@pytest.fixture
def both(storage):
    both = Both(storage=storage, worlds={"sf": World(storage, org_id="00D1"), "hub": World(storage, org_id="4711")})
    tie(both)
    both.show("sf", accounts=[account()], contacts=[contact()])
    both.show("hub", accounts=[twin()], contacts=[person()])
    return both


def renew(both: Both, *, sf: date | None, hub: date | None) -> None:
    """Both CRMs show the account with these renewal dates."""
    both.show("sf", accounts=[account(renewal_on=sf)], contacts=[contact()])
    both.show("hub", accounts=[twin(renewal_on=hub)], contacts=[person()])
    run_stage("sync", both.ports)


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


@pytest.mark.parametrize("given", ["not an id", "  ", None, "001Z"])
def test_an_id_that_is_malformed_or_leads_nowhere_joins_nothing(both, rows, given):
    both.show("hub", accounts=[twin(of=given)], contacts=[person()])
    run_stage("sync", both.ports)
    both.decided()
    assert [key for key, _, _ in occurrences(rows)] == ["hub/51", "sf/001A"]
    assert {row["crm_id"]: row["same_as"] for row in rows("account")}["51"] in (None, "001Z")


@pytest.mark.parametrize("where", ["sf", "hub"])
@pytest.mark.parametrize("word", ["opted_out", "bounced"])
def test_an_opt_out_or_a_bounce_of_either_joined_contact_holds_for_the_person(both, word, where):
    both.show("sf", accounts=[account()], contacts=[contact(**{word: where == "sf"})])
    both.show("hub", accounts=[twin(of=None)], contacts=[person(same_as="003A", **{word: where == "hub"})])
    run_stage("sync", both.ports)
    blocked = ("block", word.replace("_", " "))
    assert both.decided() == {"hub/52": blocked, "sf/003A": blocked}


def test_an_ask_counts_for_spacing_over_joined_contacts_of_different_addresses(both, rows):
    both.show("hub", accounts=[twin(of=None)], contacts=[person(same_as="003A")])
    run_stage("sync", both.ports)
    assert both.decided() == {"hub/52": ASKED, "sf/003A": TWICE}


def test_people_who_are_joined_while_they_wait_are_asked_once(both, rows):
    """Both were asked 80 days ago as two persons, both wait, and turn out to be one."""
    both.policy = make_policy(programs=[make_program(milestones=(before_renewal(expires_days=30, new_after_days=30),))])
    both.show("hub", accounts=[twin(of=None)], contacts=[person()])
    run_stage("sync", both.ports)
    both.decided()
    ask.run(both.ports)
    both.wait(days=80)
    both.show("sf", accounts=[account(renewal_on=date(2026, 9, 18))], contacts=[contact()])
    both.show("hub", accounts=[twin(of=None, renewal_on=date(2026, 9, 18))], contacts=[person()])
    run_stage("sync", both.ports)
    waiting = ("defer", "spacing after relationship")
    assert both.decided() == {"hub/52": waiting, "sf/003A": waiting}
    both.show("hub", accounts=[twin(of=None, renewal_on=date(2026, 9, 18))], contacts=[person(same_as="003A")])
    run_stage("sync", both.ports)
    both.wait(days=10)
    assert sorted(each[0] for each in both.decided().values()) == ["ask", "block"]
    assert_census(both, rows)


SIX = {
    "in the org alone": ((None, None), {"sf/003A"}),
    "in the portal alone": ((None, None), {"hub/52"}),
    "joined, no home": ((None, "003A"), {"sf/003A"}),
    "joined, the org is home": (("sf", "003A"), {"sf/003A"}),
    "joined, the portal is home": (("hub", "003A"), {"hub/52"}),
    "joined by account alone": ((None, None), {"sf/003A", "hub/52"}),
}


@pytest.mark.parametrize("case", SIX)
def test_which_contact_stands_for_a_person_on_a_joined_account(both, rows, case):
    (home, same_as), expected = SIX[case]
    tie(both, home=home)
    both.show("sf", accounts=[account()], contacts=[] if "portal alone" in case else [contact()])
    both.show("hub", accounts=[twin()], contacts=[] if "org alone" in case else [person(same_as=same_as)])
    run_stage("sync", both.ports)
    assert both.decided() == dict.fromkeys(expected, ASKED)
    assert_census(both, rows)


def test_a_contact_that_mail_can_reach_stands_before_one_at_home_without_an_address(both):
    tie(both, home="sf")
    both.show("sf", accounts=[account()], contacts=[contact(address=None)])
    both.show("hub", accounts=[twin()], contacts=[person(same_as="003A")])
    run_stage("sync", both.ports)
    assert both.decided() == {"hub/52": ASKED}


@pytest.mark.parametrize(
    ("home", "sf", "hub", "expected"),
    [
        ("sf", "user", None, {"sf/003A": ASKED}),
        ("sf", None, "user", {"sf/003A": ASKED}),
        ("hub", "executive", "user", {"hub/52": ASKED}),
        ("sf", "executive", "user", {"sf/003A": NO_SEAT}),
    ],
)
def test_a_persons_facts_are_homes_else_the_others(both, home, sf, hub, expected):
    tie(both, home=home)
    both.policy = make_policy(programs=[make_program(who=condition("contact.level = 'user'"))])
    both.show("sf", accounts=[account()], contacts=[contact(level=sf)])
    both.show("hub", accounts=[twin()], contacts=[person(level=hub, same_as="003A")])
    run_stage("sync", both.ports)
    assert both.decided() == expected


def test_relationship_and_conditions_read_the_facts_of_both_crms(both, rows):
    both.policy = make_policy(
        programs=[make_program(milestones=(before_renewal(where=condition("account.tier = 'gold'")),))],
        relationships=(
            RelationshipRule(type="ongoing", when=condition("account.kind = 'Customer'")),
            RelationshipRule(type="transactional", when=None),
        ),
    )
    both.show("sf", accounts=[account(kind="Customer", renewal_on=None)], contacts=[contact()])
    both.show("hub", accounts=[twin(kind="Prospect", tier="gold")], contacts=[person()])
    run_stage("sync", both.ports)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}


def test_values_are_read_in_our_words_and_those_that_no_map_names_as_they_are(both, rows):
    tie(both, values={"account.kind": {"CUSTOMER": "Customer"}})
    accounts = [twin(kind="CUSTOMER"), account("53", kind="Reseller"), account("54", kind=None)]
    both.show("hub", accounts=accounts)
    run_stage("sync", both.ports)
    kinds = {row["crm_id"]: row["facts"]["kind"] for row in rows("account") if row["crm"] == "hub"}
    assert kinds == {"51": "Customer", "53": "Reseller", "54": None}


def test_nothing_is_planned_for_joined_connections_until_all_of_them_are_loaded(both):
    both.broken.add("hub")
    with pytest.raises(Exception, match="the line is dead"):
        run_stage("sync", both.ports)
    assert both.decided() == {}
    both.broken.clear()
    run_stage("sync", both.ports)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}


def test_a_crm_is_loaded_when_the_kinds_that_its_adapter_reads_are(both, rows):
    reads = frozenset({RecordKind.ACCOUNT, RecordKind.CONTACT})
    tie(both, capabilities=replace(CAPABILITIES, reads=reads))
    run_stage("sync", both.ports)
    assert {row["kind"] for row in rows("cursor") if row["crm"] == "hub"} == {"account", "contact"}
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}


def test_status_lists_groups_and_circles_by_their_keys(both):
    both.show("sf", accounts=[account(parent="001B"), account("001B")], contacts=[contact()])
    both.show("hub", accounts=[twin(), twin("53", of="001B", parent="51"), twin("54")], contacts=[])
    run_stage("sync", both.ports)
    told = said(both)
    assert told["groups"] == {
        "account": {"count": 1, "shown": [["sf/001A", "hub/51", "hub/54"]]},
        "contact": {"count": 0, "shown": []},
    }
    assert told["cycles"] == [("sf/001A", "sf/001B")]
