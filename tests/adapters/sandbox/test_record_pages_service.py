"""Record pages of accounts and contacts: cases and tickets, and contracts where the CRM has them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.adapters.sandbox.conftest import Hub, Org
from tests.adapters.sandbox.test_record_pages import page, record


@pytest.fixture
def told(make_house):
    return Org(make_house(stories=True))


def section(found, heading, until):
    """The words that stand under a heading."""
    return found.words[found.words.index(heading) + 1 : found.words.index(until)]


def test_an_account_of_the_org_shows_its_cases_open_ones_first_and_its_contracts(told):
    account = told.house.state.value(
        'select s.AccountId from "Case" s join Contract c on c.AccountId = s.AccountId'
        ' where s.IsClosed and exists (select 1 from "Case" o where o.AccountId = s.AccountId and not o.IsClosed)'
        " limit 1"
    )
    names = "CaseNumber, Subject, IsClosed, CreatedDate, ClosedDate, Contact.Name"
    cases = told.soql(f"SELECT {names} FROM Case WHERE AccountId = '{account}'")["records"]
    found = page(told, f"/_sandbox/records/salesforce/Account/{account}")
    shown = section(found, "Cases", "Contracts")
    assert [one for one in shown if one.startswith("no. ")] == [
        f"no. {one['CaseNumber']}"
        for one in sorted(
            sorted(cases, key=lambda one: one["CreatedDate"], reverse=True), key=lambda one: one["IsClosed"]
        )
    ]
    closed = next(one for one in cases if one["IsClosed"])
    assert f"Closed on {day_there(closed['ClosedDate'])}" in shown
    assert {f"with {one['Contact']['Name']}" for one in cases if one["Contact"]} <= set(shown)
    contracts = told.soql(f"SELECT ContractNumber, EndDate FROM Contract WHERE AccountId = '{account}'")["records"]
    told_of = section(found, "Contracts", "Details")
    assert {one["ContractNumber"] for one in contracts} <= set(told_of)
    assert {one.rpartition(" to ")[2] for one in told_of if " to " in one} == {one["EndDate"] for one in contracts}


def test_a_company_of_the_portal_shows_its_tickets_by_the_names_of_their_stages_and_no_contracts(told):
    hub = Hub(told.house)
    company, ticket = told.house.state.row(
        "select c.id, t.id from hub_record t join hub_link l on l.a = t.id join hub_record c on c.id = l.b"
        " where t.kind = 'tickets' and c.kind = 'companies' and c.archived = 0"
        " and json_extract(t.props, '$.hs_pipeline_stage') = '1259930103' limit 1"
    )
    found = page(told, f"/_sandbox/records/hubspot/companies/{company}")
    shown = section(found, "Tickets", "Notes")
    values = hub.get(f"tickets/{ticket}", properties="closed_date,subject")["properties"]
    assert {f"no. {ticket}", values["subject"], f"Sent back on {day_there(values['closed_date'])}"} <= set(shown)
    assert "Contracts" not in found.words


def test_a_contact_shows_its_own_cases_and_whoever_has_none_says_so(told):
    number, contact = told.house.state.row(
        'select CaseNumber, ContactId from "Case" where ContactId is not null and IsDeleted = 0 limit 1'
    )
    found = page(told, f"/_sandbox/records/salesforce/Contact/{contact}")
    assert f"no. {number}" in section(found, "Cases", "Details")
    _, path = record(told, "silent")
    assert section(page(told, path), "Cases", "Contracts") == ["No cases."]


def day_there(stamp):
    """The day on which a rep saw that moment."""
    return datetime.fromisoformat(stamp).astimezone(ZoneInfo("Pacific/Auckland")).date().isoformat()
