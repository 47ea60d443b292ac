"""The portal's world: what it shares with the org, what only it has, and how it lives."""

from __future__ import annotations

import pytest

NAMES = "name,domain,salesforceaccountid,hs_parent_company_id,renewal_date,type"
PEOPLE = "email,firstname,lastname,jobtitle,salesforcecontactid,associatedcompanyid,hs_email_optout,feedback_level"


def values(hub, kind, names):
    return [{"id": one["id"], **one["properties"]} for one in hub.all(kind, names)]


def test_companies_are_linked_alike_without_link_or_the_portals_own(hub):
    companies = values(hub, "companies", NAMES)
    org = dict(hub.house.state.rows("select Name, Id from Account"))
    linked = [one for one in companies if one["salesforceaccountid"]]
    alike = [one for one in companies if one["name"] in org and not one["salesforceaccountid"]]
    own = [one for one in companies if one["name"] not in org]
    assert all(org[one["name"]] == one["salesforceaccountid"] for one in linked)
    assert (len(linked) + len(alike) + len(own), len(linked) >= 15, len(alike) >= 3, len(own)) == (60, True, True, 27)
    assert len({one["name"] for one in companies}) == len({one["domain"] for one in companies}) == 60


def test_some_partners_renew_and_no_prospect_does(hub):
    renewing = [one["type"] for one in values(hub, "companies", NAMES) if one["renewal_date"]]
    assert (renewing.count("PARTNER") > 3, renewing.count("PROSPECT")) == (True, 0)


def test_people_are_linked_alike_without_link_or_the_portals_own(hub):
    people = values(hub, "contacts", PEOPLE)
    org = {(row[1] or "").lower(): row[0] for row in hub.house.state.rows("select Id, Email from Contact")}
    linked = [one for one in people if one["salesforcecontactid"]]
    alike = [one for one in people if not one["salesforcecontactid"] and one["email"] in org]
    rows = dict(hub.house.state.rows("select Id, lower(Email) from Contact"))
    other = [one["email"] for one in linked if rows[one["salesforcecontactid"]] != one["email"]]
    assert (3 <= len(other) <= 25, [one for one in other if one in org]) == (True, [])
    assert (40 < len(linked) < 200, 20 < len(alike) < 150, len(people) - len(linked) - len(alike) > 100) == (True,) * 3
    addresses = [one["email"] for one in people if one["email"]]
    assert len(addresses) == len(set(addresses))
    assert [one for one in addresses if not one.endswith(".example") or not one.isascii()] == []


def test_the_flaws_of_real_contacts_are_there(make_hub):
    hub = make_hub(1, hub_companies=200, hub_contacts=4_000)
    state = hub.house.state

    def share(condition):
        return state.value(f"select avg({condition}) from hub_record where kind = 'contacts'")

    found = {
        "opted out": share("json_extract(props, '$.hs_email_optout') is not null"),
        "bounced": share("json_extract(props, '$.hs_email_hard_bounce_reason_enum') is not null"),
        "no address": share("json_extract(props, '$.email') is null"),
        "no company": share("json_extract(props, '$.associatedcompanyid') is null"),
        "no level": share("json_extract(props, '$.feedback_level') is null"),
    }
    wanted = {"opted out": 0.04, "bounced": 0.02, "no address": 0.02, "no company": 0.03, "no level": 0.1}
    assert found == pytest.approx(wanted, abs=0.013)
    shared = state.value("select count(*) from hub_record group by kind, modified order by count(*) desc limit 1")
    assert shared > 10


def test_every_company_has_somebody_and_every_deal_a_company(hub):
    people = values(hub, "contacts", "associatedcompanyid")
    companies = set(hub.ids("companies"))
    assert {one["associatedcompanyid"] for one in people} - {None} == companies
    deals = values(hub, "deals", "hs_primary_associated_company,dealstage,hs_is_closed,closedate,pipeline")
    assert (len(deals), {one["hs_primary_associated_company"] for one in deals} <= companies) == (80, True)
    assert {one["pipeline"] for one in deals} == {"default", "761040501"}
    for one in deals[:10]:
        found = hub.get(f"/crm/objects/2026-03/deals/{one['id']}/associations/companies")["results"]
        assert [str(target["toObjectId"]) for target in found] == [one["hs_primary_associated_company"]]


def test_half_a_year_brings_changes_of_every_kind(hub):
    before = {one["id"]: one for one in values(hub, "deals", "dealstage,hs_is_closed_won")}
    people = {one["id"]: one for one in values(hub, "contacts", PEOPLE)}
    hub.turn("2026-07-05T06:00:00Z")
    deals = {one["id"]: one for one in values(hub, "deals", "dealstage,hs_is_closed_won")}
    after = {one["id"]: one for one in values(hub, "contacts", PEOPLE + ",hs_merged_object_ids")}
    won = [one for one in deals if deals[one]["hs_is_closed_won"] == "true" and one in before]
    assert sum(before[one]["hs_is_closed_won"] == "false" for one in won) > 3
    assert len(deals) > 90
    both = people.keys() & after.keys()
    assert sum(people[one]["jobtitle"] != after[one]["jobtitle"] for one in both) > 5
    assert sum(people[one]["hs_email_optout"] != after[one]["hs_email_optout"] for one in both) > 0
    assert len(after.keys() - people.keys()) > 5
    gone = {one["id"]: one["archivedAt"] for one in hub.all("contacts", archived="true")}
    assert len(gone) > 2
    assert min(gone.values()) >= "2026-04-06T06:00:00Z"
    assert hub.search("companies", ("renewal_date", "LT", "2026-07-04"))["total"] == 0
    assert hub.search("contacts", ("lastmodifieddate", "GT", "2026-07-05T06:00:00Z"))["total"] == 0


def test_somebody_who_is_there_twice_is_merged_in_time(make_hub):
    hub = make_hub(2, hub_companies=60, hub_contacts=1_000)
    hub.turn("2026-06-05T06:00:00Z")
    merged = [one for one in values(hub, "contacts", "hs_merged_object_ids") if one["hs_merged_object_ids"]]
    assert len(merged) > 1
    for one in merged:
        old = one["hs_merged_object_ids"].split(";")
        assert {hub.get(f"contacts/{record_id}")["id"] for record_id in old} == {one["id"]}


def test_a_portal_may_be_empty(make_hub):
    hub = make_hub(1, hub_companies=0, hub_contacts=0)
    hub.turn("2026-02-05T06:00:00Z")
    assert (hub.ids("contacts"), hub.ids("companies"), hub.search("deals")["total"]) == ([], [], 0)
