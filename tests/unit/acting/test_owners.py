"""Who gets an action, whoever is active and however managers point at each other."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.actions import OwnedBy, Place, choose_place, wishes
from connector.domain.owners import CHAIN_LIMIT, Owner, Wish, can_take, choose_owner

STAND_IN = "desk@kea.example"
PLACE = Place(
    crm="sf",
    account_id="001A",
    account_name="Harbour",
    account_owner="A",
    contact_id="003A",
    contact_name="Ann",
    contact_owner="C",
    was_asked=False,
)
IDS = "ACMNOPQRSTD"


def owners(*, inactive="", managers="", stand_in="D", **changes):
    """Owners by letter; `managers` are pairs of letters, below and above."""
    above = dict(zip(managers[::2], managers[1::2], strict=True))
    return {
        letter: Owner(
            crm_id=letter,
            address=STAND_IN.upper() if letter == stand_in else f"{letter}@kea.example",
            is_active=letter not in inactive,
            manager=above.get(letter),
        )
        for letter in IDS
    }


def chosen(by=OwnedBy.CONTACT, place=PLACE, refused="", stand_in=STAND_IN, **known):
    who = choose_owner(
        wishes(place, owned_by=by), owners=owners(**known), stand_in=stand_in, refused=frozenset(refused)
    )
    return who.owner_id, who.reason


def test_the_owner_that_the_rule_wants_comes_first():
    assert chosen() == ("C", "owner of the contact")
    assert chosen(by=OwnedBy.ACCOUNT) == ("A", "owner of the account")


def test_a_contact_s_counterpart_comes_before_both_owners_and_their_managers_before_the_owners_managers():
    place = replace(PLACE, counterpart="S")
    assert chosen(by=OwnedBy.COUNTERPART, place=place) == ("S", "counterpart of the contact")
    assert chosen(by=OwnedBy.COUNTERPART) == ("C", "owner of the contact")
    assert chosen(by=OwnedBy.COUNTERPART, place=place, inactive="S") == ("C", "owner of the contact")
    told = ("N", "manager of the contact's counterpart, who is not active")
    assert chosen(by=OwnedBy.COUNTERPART, place=place, inactive="SCA", managers="SNCM") == told


def test_the_other_owner_comes_before_any_manager():
    assert chosen(inactive="C", managers="CM") == ("A", "owner of the account")
    assert chosen(place=replace(PLACE, contact_owner=None)) == ("A", "owner of the account")


def test_the_nearest_active_manager_of_who_has_left_comes_next():
    assert chosen(inactive="CAM", managers="CMMN") == ("N", "manager of the contact's owner, who is not active")
    assert chosen(inactive="CA", managers="AM") == ("M", "manager of the account's owner, who is not active")


def test_managers_who_report_to_each_other_end_at_the_stand_in():
    assert chosen(inactive="CAM", managers="CMMC") == ("D", "stand-in: nobody else is active")
    assert chosen(inactive="CA", managers="CCAA") == ("D", "stand-in: nobody else is active")


def test_no_more_than_five_managers_are_looked_at():
    chain = "CM" + "MN" + "NO" + "OP" + "PQ" + "QR"
    assert chosen(inactive="CAMNOP", managers=chain)[0] == "Q"
    assert chosen(inactive="CAMNOPQ", managers=chain)[0] == "D"
    assert CHAIN_LIMIT == 5


def test_without_a_stand_in_it_goes_to_nobody():
    nobody = (None, "unassigned: no owner is active, and nobody has the stand-in's address")
    assert chosen(inactive="CAD") == nobody
    assert chosen(inactive="CA", stand_in=None) == nobody
    assert chosen(inactive="CA", stand_in="somebody@kea.example") == nobody


def test_an_owner_whom_the_crm_does_not_know_cannot_take_it_and_one_of_unknown_state_can():
    assert chosen(place=replace(PLACE, contact_owner="queue")) == ("A", "owner of the account")
    assert can_take(replace(owners()["A"], is_active=None))


def test_refused_owners_are_passed_over():
    assert chosen(refused="C")[0] == "A"
    assert chosen(refused="CAD")[0] is None


PEOPLE = st.dictionaries(
    st.sampled_from(IDS),
    st.tuples(st.sampled_from([True, False, None]), st.none() | st.sampled_from(IDS)),
    max_size=len(IDS),
)


@given(PEOPLE, st.none() | st.sampled_from(IDS), st.none() | st.sampled_from(IDS), st.sets(st.sampled_from(IDS)))
def test_whoever_gets_it_is_known_not_gone_and_not_refused(people, of_contact, of_account, refused):
    known = {
        crm_id: Owner(crm_id=crm_id, address=f"{crm_id}@kea.example", is_active=is_active, manager=manager)
        for crm_id, (is_active, manager) in people.items()
    }
    asked = [Wish(label="contact", owner_id=of_contact), Wish(label="account", owner_id=of_account)]
    got = choose_owner(asked, owners=known, stand_in="d@kea.example", refused=frozenset(refused))
    able = {crm_id for crm_id in known if can_take(known[crm_id])} - refused
    assert got.owner_id is None or got.owner_id in able
    if {of_contact, of_account, "D"} & able:
        assert got.owner_id is not None


def test_a_task_lives_at_home_then_where_the_contact_was_asked_then_where_they_are_known():
    home, asked = replace(PLACE, crm="hub"), replace(PLACE, was_asked=True)
    empty = replace(PLACE, contact_id=None)
    assert choose_place([PLACE, asked, home], home="hub") == home
    assert choose_place([PLACE, asked, home], home=None) == asked
    assert choose_place([empty, PLACE], home="elsewhere") == PLACE
    assert choose_place([], home="hub") is None
