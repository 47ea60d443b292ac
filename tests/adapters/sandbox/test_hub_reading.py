"""Reading the portal: single records, lists, searches, owners and what the portal is."""

from __future__ import annotations

import pytest

from adapters.sandbox.wire import Call

HOUR = 3_600_000
START_MS = 1_767_592_800_000  # 2026-01-05T06:00:00Z


def test_details_tell_the_portal_and_the_token_tells_the_same(hub):
    details = hub.get("/account-info/2026-03/details")
    assert details == {
        "portalId": details["portalId"],
        "accountType": "STANDARD",
        "timeZone": "Pacific/Auckland",
        "companyCurrency": "EUR",
        "additionalCurrencies": [],
        "utcOffset": "+13:00",
        "utcOffsetMilliseconds": 46_800_000,
        "uiDomain": "app-eu1.hubspot.com",
        "dataHostingLocation": "eu1",
    }
    assert hub.get(f"/oauth/v1/access-tokens/{hub.token}")["hub_id"] == details["portalId"]
    assert hub.call("GET", "/oauth/v1/access-tokens/unknown").status == 404


@pytest.mark.parametrize(
    ("dated", "older"),
    [
        ("/crm/objects/2026-03/contacts", "/crm/v3/objects/contacts"),
        ("/crm/objects/2026-03/companies", "/crm/v3/objects/0-2"),
        ("/crm/objects/2026-03/deals", "/crm/v3/objects/DEAL"),
        ("/crm/owners/2026-03", "/crm/v3/owners/"),
        ("/crm/properties/2026-03/contacts", "/crm/v3/properties/contact"),
        ("/account-info/2026-03/details", "/account-info/v3/details"),
        ("/crm/pipelines/2026-03/deals", "/crm/v3/pipelines/deals"),
        ("/crm-object-schemas/2026-03/schemas", "/crm-object-schemas/v3/schemas"),
    ],
)
def test_dated_and_older_paths_answer_alike(hub, dated, older):
    first, second = hub.get(dated), hub.get(older)
    for answer in (first, second):
        answer.get("paging", {}).get("next", {}).pop("link", None)
    assert first == second


def test_one_record_has_the_base_shape_and_only_what_was_asked_for(hub):
    contact = hub.get("contacts", limit="1", properties="email,nobody_has_this,closedloop_score")["results"][0]
    portal = hub.get("/account-info/2026-03/details")["portalId"]
    created, modified = contact["createdAt"], contact["updatedAt"]
    assert contact == {
        "id": contact["id"],
        "properties": {
            "closedloop_score": None,
            "createdate": created,
            "email": contact["properties"]["email"],
            "hs_object_id": contact["id"],
            "lastmodifieddate": modified,
        },
        "createdAt": created,
        "updatedAt": modified,
        "archived": False,
        "url": f"https://app-eu1.hubspot.com/contacts/{portal}/record/0-1/{contact['id']}",
    }
    assert int(contact["id"]) > 2**31
    assert hub.get(f"contacts/{contact['id']}", properties="email,closedloop_score") == contact


def test_defaults_come_when_nothing_is_asked_for(hub):
    company = hub.get("companies", limit="1")["results"][0]
    assert sorted(company["properties"]) == ["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"]


def test_a_list_pages_through_everything_once_in_the_order_of_ids(hub):
    ids = hub.ids("contacts")
    assert (len(ids), ids) == (400, sorted(set(ids), key=int))


def test_the_last_page_of_a_list_has_no_paging_and_more_than_a_hundred_are_refused(hub):
    page = hub.get("companies", limit="60")
    assert (len(page["results"]), "paging" in page) == (60, False)
    assert len(hub.get("companies")["results"]) == 10
    for query in ({"limit": "101"}, {"limit": "51", "propertiesWithHistory": "email"}, {"limit": "0"}):
        answer = hub.call("GET", "companies", **query)
        assert (answer.status, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_inline_associations_name_the_primary_company_twice_and_are_missing_where_there_are_none(hub):
    contacts = hub.all("contacts", "associatedcompanyid", associations="companies")
    for one in contacts:
        company = one["properties"]["associatedcompanyid"]
        wanted = [{"id": company, "type": word} for word in ("contact_to_company", "contact_to_company_unlabeled")]
        assert one.get("associations") == ({"companies": {"results": wanted}} if company else None)
    assert 0 < sum("associations" not in one for one in contacts) < 20


def test_unknown_ids_types_and_routes_are_told_apart(hub):
    unknown = hub.call("GET", "contacts/5")
    assert (unknown.status, unknown.json()) == (
        404,
        {
            "status": "error",
            "message": "resource not found",
            "correlationId": unknown.headers["X-HubSpot-Correlation-Id"],
        },
    )
    text = hub.call("GET", "contacts/abc")
    assert (text.status, text.json()["category"], text.json()["context"]) == (404, "OBJECT_NOT_FOUND", {"id": ["abc"]})
    butterflies = hub.call("GET", "butterflies")
    assert (butterflies.status, butterflies.json()["message"], "category" in butterflies.json()) == (
        400,
        "Unable to infer object type from: butterflies",
        False,
    )
    nowhere = hub.call("GET", "/crm/v9/objects/contacts")
    assert (nowhere.status, nowhere.headers["Content-Type"]) == (404, "text/html;charset=utf-8")


def test_a_record_is_found_by_its_mail_address(hub):
    address = next(one["properties"]["email"] for one in hub.all("contacts", "email") if one["properties"]["email"])
    found = hub.get(f"contacts/{address.upper()}", idProperty="email")
    assert found["properties"]["email"] == address


def test_no_token_and_a_wrong_one_are_refused(hub):
    for header in ({}, {"authorization": "Bearer pat-eu1-wrong"}, {"authorization": "Basic eDp5"}):
        answer = hub.call("GET", "contacts", headers={"authorization": "", **header})
        assert (answer.status, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_ordinary_answers_tell_all_limits_and_searches_the_daily_ones_only(hub):
    ordinary = hub.call("GET", "contacts").headers
    searched = hub.call("POST", "contacts/search", json={}).headers
    names = {name for name in ordinary if name.startswith("X-HubSpot-RateLimit")}
    assert len(names) == 7
    assert {name for name in searched if name.startswith("X-HubSpot-RateLimit")} == {
        "X-HubSpot-RateLimit-Daily",
        "X-HubSpot-RateLimit-Daily-Remaining",
    }
    assert int(ordinary["X-HubSpot-RateLimit-Daily-Remaining"]) == 999_999
    assert int(searched["X-HubSpot-RateLimit-Daily-Remaining"]) == 999_998


def test_owners_come_in_two_lists_and_the_inactive_one_has_no_user_id(hub):
    live, gone = hub.get("/crm/owners/2026-03"), hub.get("/crm/owners/2026-03", archived="true")
    assert (len(live["results"]), len(gone["results"]), "paging" in live) == (12, 1, False)
    inactive = gone["results"][0]
    assert (inactive["userId"], inactive["userIdIncludingInactive"] is None, inactive["archived"]) == (
        None,
        False,
        True,
    )
    first = live["results"][0]
    assert hub.get(f"/crm/owners/2026-03/{first['id']}") == first
    assert hub.get(f"/crm/owners/2026-03/{first['userId']}", idProperty="userId") == first
    assert hub.get("/crm/owners/2026-03", email=first["email"])["results"] == [first]
    pages = hub.get("/crm/owners/2026-03", limit="10")
    rest = hub.get("/crm/owners/2026-03", limit="10", after=pages["paging"]["next"]["after"])
    assert [*pages["results"], *rest["results"]] == live["results"]


def test_owners_have_the_managers_that_they_have_in_the_org(hub):
    users = hub.all("users", "hs_email,hubspot_owner_id,manager_owner_id")
    mail = {one["properties"]["hubspot_owner_id"]: one["properties"]["hs_email"] for one in users}
    managers = {one["properties"]["hs_email"]: mail.get(one["properties"]["manager_owner_id"] or "") for one in users}
    rows = hub.house.state.rows("select u.Email, m.Email from User u left join User m on m.Id = u.ManagerId")
    assert managers == {email: manager for email, manager in rows if email in managers}
    assert sum(manager is None for manager in managers.values()) == 2, "the head of all, and who stands in"


def test_properties_are_listed_with_their_kinds_and_a_hidden_one_exists_nowhere(hub):
    found = {one["name"]: one for one in hub.get("/crm/properties/2026-03/contacts")["results"]}
    optout, owner = found["hs_email_optout"], found["hubspot_owner_id"]
    assert (optout["type"], optout["modificationMetadata"]["readOnlyValue"]) == ("bool", True)
    assert (owner["options"], owner["externalOptions"], owner["referencedObjectType"]) == ([], True, "OWNER")
    assert "createdAt" not in found["hs_object_id"]
    assert ("archived" in optout, hub.get("/crm/properties/2026-03/contacts/email")["archived"]) == (False, False)
    hub.fault("hide_field", object="contact", field="jobtitle")
    names = [one["name"] for one in hub.get("/crm/properties/2026-03/contacts")["results"]]
    assert "jobtitle" not in names
    assert "jobtitle" not in hub.get("contacts", limit="1", properties="jobtitle")["results"][0]["properties"]


def test_pipelines_tell_which_stages_close(hub):
    stages = {
        stage["id"]: stage["metadata"]
        for one in hub.get("/crm/pipelines/2026-03/deals")["results"]
        for stage in one["stages"]
    }
    assert stages["closedwon"] == {"isClosed": "true", "probability": "1.0"}
    assert {stage for stage, facts in stages.items() if facts["isClosed"] == "true"} == {
        "closedwon",
        "closedlost",
        "1103377303",
        "1103377304",
    }


def test_a_search_pages_by_offset_and_tells_the_total(hub):
    pages, after = [], 0
    while True:
        answer = hub.post("contacts/search", {"limit": 150, "after": str(after)})
        pages.append([one["id"] for one in answer["results"]])
        if "paging" not in answer:
            break
        assert answer["paging"] == {"next": {"after": str(after + 150)}}
        after += 150
    assert ([len(page) for page in pages], answer["total"]) == ([150, 150, 100], 400)
    assert sorted((one for page in pages for one in page), key=int) == hub.ids("contacts")


def test_keyset_reading_in_a_fixed_window_meets_every_changed_row_once(hub):
    window = ("lastmodifieddate", "BETWEEN", str(START_MS - 400 * 24 * HOUR), str(START_MS))
    found, last = [], "0"
    while True:
        answer = hub.search(
            "contacts",
            window,
            ("hs_object_id", "GT", last),
            sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            limit=50,
        )
        if not answer["results"]:
            break
        found += [one["id"] for one in answer["results"]]
        last = found[-1]
    wanted = [one["id"] for one in hub.all("contacts") if one["updatedAt"] >= "2024-12-01T06:00:00Z"]
    assert found == wanted
    assert 100 < len(found) < 400


def test_filters_compare_as_their_types_do(hub):
    companies = hub.all("companies", "name,tier,arr,renewal_date,type")
    values = {one["id"]: one["properties"] for one in companies}

    def matching(*filters):
        return sorted(one["id"] for one in hub.search("companies", *filters)["results"])

    def wanted(test):
        return sorted(record_id for record_id, one in values.items() if test(one))

    name = values[min(values)]["name"]
    assert matching(("name", "EQ", name.upper())) == wanted(lambda one: one["name"] == name)
    assert matching(("tier", "EQ", "a")) == []
    assert matching(("tier", "EQ", "A")) == wanted(lambda one: one["tier"] == "A") != []
    assert matching(("arr", "GT", "9000")) == wanted(lambda one: one["arr"] and float(one["arr"]) > 9000) != []
    assert matching(("renewal_date", "HAS_PROPERTY")) == wanted(lambda one: one["renewal_date"])
    assert matching(("renewal_date", "NOT_HAS_PROPERTY")) == wanted(lambda one: not one["renewal_date"])
    in_june = ("renewal_date", "BETWEEN", "2026-06-01", "2026-06-30")
    assert matching(in_june) == wanted(lambda one: (one["renewal_date"] or "")[:7] == "2026-06") != []
    word = name.split()[0]
    assert matching(("name", "CONTAINS_TOKEN", word)) == wanted(lambda one: word in one["name"].split())
    either = {"filterGroups": [{"filters": [{"propertyName": "tier", "operator": "IN", "values": ["A", "B"]}]}]}
    assert hub.post("companies/search", either)["total"] == len(wanted(lambda one: one["tier"] in "AB"))


def test_search_finds_the_contacts_of_a_company_by_association(hub):
    contacts = hub.all("contacts", "associatedcompanyid")
    company = contacts[0]["properties"]["associatedcompanyid"]
    wanted = [one["id"] for one in contacts if one["properties"]["associatedcompanyid"] == company]
    found = hub.search("contacts", ("associations.company", "EQ", company))["results"]
    assert sorted(one["id"] for one in found) == wanted


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"after": "10000"},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}]}] * 6},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}] * 7}]},
        {"filterGroups": [{"filters": [{"propertyName": "hs_lastmodifieddate", "operator": "GT", "value": "1"}]}]},
        {"query": "x" * 3_001},
        {"sorts": ["email", "lastname"]},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "LIKES", "value": "x"}]}]},
    ],
)
def test_a_search_beyond_what_the_portal_can_is_refused(hub, body):
    answer = hub.call("POST", "contacts/search", json=body)
    assert (answer.status, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_broken_json_is_refused_without_a_category(hub):
    headers = {"authorization": f"Bearer {hub.token}"}
    path = "/crm/objects/2026-03/contacts/search"
    broken = hub.house.answer(Call("POST", path=path, headers=headers, body=b'{"limit": '), "")
    assert (broken.status, broken.json()["message"][:18], "category" in broken.json()) == (
        400,
        "Invalid input JSON",
        False,
    )
