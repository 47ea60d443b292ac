"""The generated world: the same for a seed, of the promised sizes and shapes, and alive."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, timedelta

import pytest

from adapters.sandbox.house import build
from adapters.sandbox.salesforce.catalogue import OBJECTS
from adapters.sandbox.salesforce.ids import check_characters, long_id, make_id
from adapters.sandbox.world.generate import OtherWorld, parse_start
from adapters.sandbox.world.names import COMPANY_NAMES, company_name
from adapters.sandbox.world.population import Plan


def digest(house):
    rows = {name: house.state.rows(f'select * from "{obj.name}" order by Id') for name, obj in OBJECTS.items()}
    portal = [house.state.rows(f"select * from {name} order by 1, 2, 3") for name in ("hub_record", "hub_link")]
    return hashlib.sha256(repr((rows, portal)).encode()).hexdigest()


def depths(house):
    parents = dict(house.state.rows("select Id, ParentId from Account"))

    def depth(record_id):
        return 1 if parents[record_id] is None else 1 + depth(parents[record_id])

    return Counter(depth(record_id) for record_id in parents)


def test_the_same_seed_gives_the_same_world_and_another_seed_another(make_house):
    first, again, other = digest(make_house(1)), digest(make_house(1)), digest(make_house(2))
    assert (first == again, first == other) == (True, False)


def test_the_same_seed_lives_the_same_half_year_however_the_clock_is_turned(make_house):
    one, other = make_house(), make_house()
    one.turning.turn(parse_start("2026-03-01T06:00:00Z"))
    for day in ("2026-01-05T13:00:00Z", "2026-01-19T06:30:00Z", "2026-02-20T00:00:00Z", "2026-03-01T06:00:00Z"):
        other.turning.turn(parse_start(day))
    assert digest(one) == digest(other)


def test_the_world_has_the_promised_sizes(org):
    rows = org.get("/_sandbox/")["rows"]
    people = {"Account": 80, "Contact": 600, "Opportunity": 100, "User": 14}
    assert rows == {**people, "Case": 107, "Contract": 37, "Organization": 1, "Task": 0}
    assert org.get("/_sandbox/")["portal_rows"] == {
        "contacts": 400,
        "companies": 60,
        "deals": 80,
        "tickets": 88,
        "tasks": 0,
        "notes": 0,
        "users": 13,
    }


def test_account_trees_are_four_levels_deep_at_most(make_house):
    assert sorted(depths(make_house())) == [1, 2, 3, 4]
    assert sorted(depths(make_house(7, accounts=300, contacts=300))) == [1, 2, 3, 4]


def test_every_account_has_a_contact_and_a_name_of_its_own(make_house):
    house = make_house()
    assert house.state.value("select count(distinct AccountId) from Contact") == 80
    assert house.state.value("select count(distinct Name) from Account") == 80
    assert len({company_name(3, number) for number in range(COMPANY_NAMES)}) == COMPANY_NAMES


def test_half_of_the_renewals_come_due_in_any_half_year(make_house):
    house = make_house(3, accounts=400, contacts=400)
    customers = house.state.value("select count(*) from Account where Type = 'Customer'")
    found = house.state.rows("select Renewal_Date__c from Account where Type = 'Customer'")
    renewals = [date.fromisoformat(row[0]) for row in found if row[0]]
    assert 0.55 < len(renewals) / customers < 0.65
    for begin in (0, 60, 121, 182):
        # A renewal rolls forward by a year, so the day it comes due is a day of a circle.
        days = [((one - timedelta(days=120)) - house.plan.start.date()).days % 365 for one in renewals]
        due = sum((day - begin) % 365 < 182 for day in days)
        assert 0.4 < due / len(renewals) < 0.6


def test_some_partners_renew_and_no_prospect_does(org):
    renewing = "SELECT count() FROM Account WHERE Renewal_Date__c != null AND Type = "
    assert (org.soql(renewing + "'Partner'")["totalSize"], org.soql(renewing + "'Prospect'")["totalSize"]) == (7, 0)


def test_contacts_have_the_flaws_of_real_ones(make_house):
    house = make_house(1, accounts=500, contacts=5000)
    share = {
        "opted out": house.state.value("select avg(HasOptedOutOfEmail) from Contact"),
        "bounced": house.state.value("select avg(IsEmailBounced) from Contact"),
        "no address": house.state.value("select avg(Email is null) from Contact"),
        "shared": house.state.value("select avg(Email is not null and Email not like '%.%@%') from Contact"),
        "second record": 1
        - house.state.value("select count(distinct Email) * 1.0 / count(Email) from Contact where Email like '%.%@%'"),
        "no level": house.state.value("select avg(Feedback_Level__c is null) from Contact"),
    }
    wanted = {
        "opted out": 0.04,
        "bounced": 0.02,
        "no address": 0.02,
        "shared": 0.02,
        "second record": 0.02,
        "no level": 0.1,
    }
    assert {name: round(value, 2) for name, value in share.items()} == pytest.approx(wanted, abs=0.011)


def test_every_address_ends_in_example(make_house):
    house = make_house()
    addresses = [row[0] for row in house.state.rows("select Email from Contact union select Email from User") if row[0]]
    assert [one for one in addresses if not one.endswith(".example")] == []
    assert [one for one in addresses if not one.isascii()] == []


def test_ids_carry_the_right_check_characters():
    # Computed by hand: 001D0 -> bit 3, 00000 -> none, IRFma -> bits 0, 1 and 2.
    assert check_characters("001D000000IRFma") == "IAH"
    assert long_id("001D000000IRFma") == "001D000000IRFmaIAH"


def test_ids_of_one_object_sort_as_they_were_made():
    made = [make_id("003", number, pod="Ab") for number in (1, 61, 62, 63, 3843, 3844, 250_000)]
    assert made == sorted(made)


def test_an_inactive_owner_still_owns_records(org):
    assert org.soql("SELECT count() FROM User WHERE IsActive = false")["totalSize"] == 1
    assert org.soql("SELECT count() FROM Account WHERE Owner.IsActive = false")["totalSize"] > 3
    assert org.soql("SELECT count() FROM Contact WHERE Owner.IsActive = false")["totalSize"] > 20
    assert org.soql("SELECT count() FROM User WHERE IsActive = false AND ManagerId != null")["totalSize"] == 1


def test_half_a_year_brings_changes_of_every_kind(org):
    before = org.soql("SELECT count() FROM Opportunity WHERE IsWon = true")["totalSize"]
    assert org.turn("2026-07-05T06:00:00Z").status == 200
    assert org.soql("SELECT count() FROM Opportunity WHERE IsWon = true")["totalSize"] > before
    assert org.soql("SELECT count() FROM Contact WHERE IsDeleted = true", "queryAll")["totalSize"] > 5
    assert org.soql("SELECT count() FROM Contact WHERE MasterRecordId != null", "queryAll")["totalSize"] > 0
    assert org.soql("SELECT count() FROM Contact WHERE CreatedDate > 2026-01-05T06:00:00Z")["totalSize"] > 5
    assert org.soql("SELECT count() FROM Account WHERE Renewal_Date__c < 2026-07-04")["totalSize"] == 0
    assert org.soql("SELECT count() FROM Account WHERE SystemModstamp > 2026-01-05T06:00:00Z")["totalSize"] > 5


def test_no_stamp_is_later_than_the_clock(org):
    org.turn("2026-04-05T06:00:00Z")
    for name in ("Account", "Contact", "Opportunity"):
        assert (
            org.soql(f"SELECT count() FROM {name} WHERE SystemModstamp > 2026-04-05T06:00:00Z", "queryAll")["totalSize"]
            == 0
        )


def test_the_clock_never_goes_back(org):
    assert org.turn("2026-01-06T06:00:00Z").json() == {"now": "2026-01-06T06:00:00Z"}
    assert org.turn("2026-01-06T05:59:59Z").status == 409
    assert org.get("/_sandbox/clock") == {"now": "2026-01-06T06:00:00Z"}


def test_a_clock_without_zone_is_refused(org):
    assert org.turn("2026-01-06T06:00:00").status == 400


def test_a_kept_world_goes_on_where_it_was_and_refuses_another_plan(tmp_path):
    plan = Plan(1, accounts=10, contacts=20, start=parse_start("2026-01-05T06:00:00Z"))
    first = build(tmp_path, plan)
    first.turning.turn(parse_start("2026-02-05T06:00:00Z"))
    before = digest(first)
    first.close()
    again = build(tmp_path, plan)
    assert (digest(again), again.clock.now()) == (before, parse_start("2026-02-05T06:00:00Z"))
    again.close()
    with pytest.raises(OtherWorld):
        build(tmp_path, Plan(2, accounts=10, contacts=20, start=plan.start))


def test_a_few_customers_without_a_renewal_and_a_contract_have_bought_more_than_once(org):
    bought = org.house.state.rows(
        "select (select count(*) from Opportunity o where o.AccountId = a.Id and o.IsWon = 1) from Account a"
        " where Type = 'Customer' and Renewal_Date__c is null and IsDeleted = 0"
        " and not exists (select 1 from Contract c where c.AccountId = a.Id)"
    )
    assert sum(number >= 2 for (number,) in bought) >= 3
    assert any(number < 2 for (number,) in bought)
