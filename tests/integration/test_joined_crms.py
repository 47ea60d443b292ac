"""People and facts that are one over two CRMs, through the jobs: asked once, with the facts that count."""

from dataclasses import replace
from datetime import date

import pytest

from connector.domain.programs import RelationshipRule
from connector.domain.records import RecordKind
from jobs import ask
from jobs.stages import run_stage
from tests.builders import before_renewal, condition, make_policy, make_program
from tests.integration.test_two_crms import ASKED, TWICE
from tests.joined import NO_SEAT, assert_census, both, occurrences, person, said, tie, twin
from tests.worlds import CAPABILITIES, account, contact

__all__ = ["both"]


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
