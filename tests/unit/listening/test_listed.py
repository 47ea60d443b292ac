"""The test list: which addresses and accounts are on it."""

import pytest

from connector.domain.listed import Listed
from connector.domain.programs import Mode
from tests.builders import make_policy, make_program

LISTED = Listed(recipients=("*@kea.example", "a.*+b@tui.example"), accounts=("Kea Test GmbH", "001A"))


@pytest.mark.parametrize("address", ["ann@kea.example", " ANN@Kea.Example ", "a.x+b@tui.example", "a.+b@tui.example"])
def test_an_address_is_listed_in_any_case(address):
    assert LISTED.has_recipient(address)


@pytest.mark.parametrize(
    "address",
    [None, "", "ann@kea.example.test", "ax+b@tui.example", "*@tui.example", "kea.example"],
)
def test_other_addresses_are_not_listed(address):
    assert not LISTED.has_recipient(address)


@pytest.mark.parametrize(
    ("name", "crm_id", "is_listed"),
    [
        (" kea test gmbh", "1", True),
        ("KEA TEST GMBH", "1", True),
        ("Kea Test GmbH & Co", "1", False),
        ("Kea", "001A", True),
        ("001a", "1", True),
        (None, "001a", False),
        (None, "001A", True),
    ],
)
def test_an_account_is_listed_by_its_whole_name_in_any_case_or_by_its_exact_id(name, crm_id, is_listed):
    assert LISTED.has_account(name=name, crm_id=crm_id) is is_listed


@pytest.mark.parametrize(
    ("house", "own", "effective"),
    [
        ("live", "live", "live"),
        ("live", "test", "test"),
        ("test", "live", "test"),
        ("test", "shadow", "shadow"),
        ("shadow", "live", "shadow"),
    ],
)
def test_a_program_goes_as_far_as_the_lower_of_its_own_mode_and_the_house_s(house, own, effective):
    program = make_program(mode=Mode(own))
    policy = make_policy(mode=Mode(house), programs=[program])
    assert policy.mode_of(program) is Mode(effective)
    assert policy.programs_in(Mode(effective)) == ("ongoing",)
