"""Control pages on what the loop left in the CRMs: the rep's account, tasks, doubles, a snapshot; parent cycles."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.adapters.sandbox.conftest import Hub, Org


def people(org, number):
    query = "SELECT Id, AccountId, OwnerId, Name FROM Contact WHERE Owner.IsActive = true ORDER BY Id LIMIT"
    return org.soql(f"{query} {number}")["records"]


def make_task(org, person, *, subject="Call", marker="", **more):
    values = {
        "WhoId": person["Id"],
        "WhatId": person["AccountId"],
        "OwnerId": person["OwnerId"],
        "Subject": subject,
        "Description": f"They wait.\n{marker}",
        "ActivityDate": "2026-01-12",
        **more,
    }
    return org.call("POST", "sobjects/Task", json=values).json()["id"]


def make_portal_task(hub, contact, *, subject="Call", marker="", **more):
    values = contact["properties"]
    ends = ((contact["id"], 204), (values["associatedcompanyid"], 192))
    sides = [{"to": {"id": one}, "types": [{"associationTypeId": number}]} for one, number in ends]
    made = {
        "hs_task_subject": subject,
        "hs_task_body": f"<p>They wait.</p><p>{marker}</p>",
        "hs_task_status": "NOT_STARTED",
        "hs_timestamp": "2026-01-12T08:00:00Z",
        "hubspot_owner_id": values["hubspot_owner_id"],
        **more,
    }
    return hub.post("tasks", {"properties": made, "associations": sides}, 201)["id"]


def portal_people(hub, number):
    owners = {one["id"] for one in hub.get("/crm/owners/2026-03", limit="100")["results"]}
    found = hub.all("contacts", "associatedcompanyid,hubspot_owner_id,firstname,lastname")
    known = [one for one in found if one["properties"]["hubspot_owner_id"] in owners]
    return [one for one in known if one["properties"]["associatedcompanyid"]][:number]


def day_there(stamp):
    """The day on which a rep saw that moment."""
    return stamp and datetime.fromisoformat(stamp).astimezone(ZoneInfo("Pacific/Auckland")).date().isoformat()


def test_the_rep_page_shows_the_accounts_fields_and_its_tasks_with_comments(org):
    person = people(org, 1)[0]
    fields = {"Closedloop_Score__c": 4, "Closedloop_Score_On__c": "2026-01-05", "Closedloop_Voices__c": 1}
    org.fault("touch", object="Contact", id=person["Id"], fields={"Closedloop_Score__c": 4})
    org.fault("touch", object="Account", id=person["AccountId"], fields={**fields, "Closedloop_Open_Actions__c": 0})
    for number in range(12):
        make_task(org, person, subject=f"Call {number:02}")
    org.turn("2026-03-05T06:00:00Z")
    page = org.get("/_sandbox/rep")
    account = org.one(f"SELECT Name FROM Account WHERE Id = '{person['AccountId']}'")["Name"]
    shown = {"score": 4.0, "score_on": "2026-01-05", "voices": 1.0, "open_actions": 0.0}
    assert (page["crm"], page["account"], page["fields"]) == ("salesforce", account, shown)
    live = org.soql("SELECT Subject, IsClosed, CompletedDateTime, Description FROM Task")["records"]
    by_subject = {one["subject"]: one for one in page["tasks"]}
    assert by_subject.keys() == {one["Subject"] for one in live}
    for one in live:
        told = by_subject[one["Subject"]]
        assert (told["is_done"], told["done_on"]) == (one["IsClosed"], day_there(one["CompletedDateTime"]))
        assert [line for line in (told["comment"] or "").splitlines() if line not in one["Description"]] == []
        assert (told["contact"], told["due_on"], bool(told["owner"])) == (person["Name"], "2026-01-12", True)
    assert any(one["comment"] for one in page["tasks"])
    assert [one["is_done"] for one in page["tasks"]] == sorted(one["is_done"] for one in page["tasks"])


def test_the_rep_page_shows_the_same_of_the_portal(hub):
    person = portal_people(hub, 1)[0]
    company = person["properties"]["associatedcompanyid"]
    hub.fault("touch", object="contacts", id=person["id"], fields={"closedloop_score": 4})
    own = {"closedloop_score": 4, "closedloop_score_on": "2026-01-05", "closedloop_voices": 1}
    hub.fault("touch", object="companies", id=company, fields={**own, "closedloop_open_actions": 2})
    for number in range(12):
        make_portal_task(hub, person, subject=f"Call {number:02}")
    hub.turn("2026-03-05T06:00:00Z")
    page = hub.get("/_sandbox/rep", crm="hubspot")
    assert page["fields"] == {"score": 4.0, "score_on": "2026-01-05", "voices": 1.0, "open_actions": 2.0}
    names = " ".join(person["properties"][one] for one in ("firstname", "lastname"))
    assert {(one["contact"], one["due_on"], bool(one["owner"])) for one in page["tasks"]} == {
        (names, "2026-01-12", True)
    }
    done = [one for one in page["tasks"] if one["is_done"]]
    assert (len(done) > 4, {bool(one["done_on"]) for one in done}, any(one["comment"] for one in done)) == (
        True,
        {True},
        True,
    )


def test_tasks_of_both_crms_are_listed(hub, org):
    org.house = hub.house
    made = make_task(org, people(org, 1)[0])
    made_there = make_portal_task(hub, portal_people(hub, 1)[0])
    assert [one["Id"] for one in org.get("/_sandbox/records/Task")] == [made]
    assert [one["id"] for one in hub.get("/_sandbox/records/tasks", crm="hubspot")] == [made_there]


def test_doubles_share_a_marker_or_subject_parents_and_day(hub, org):
    org.house = hub.house
    first, second = people(org, 2)
    marked = make_task(org, first, marker="closedloop:k1-7-1")
    again = make_task(org, second, subject="Another", marker="closedloop:k1-7-1")
    make_task(org, first, subject="Another", marker="closedloop:k1-8-1")
    assert org.get("/_sandbox/doubles") == [
        {
            "crm": "salesforce",
            "because": "marker",
            "marker": "closedloop:k1-7-1",
            "subject": "Call",
            "parents": [first["Id"], first["AccountId"]],
            "ids": [marked, again],
            "made_on": ["2026-01-05", "2026-01-05"],
        }
    ]
    org.fault("delete", object="Task", ids=[again])
    assert [one["because"] for one in org.get("/_sandbox/doubles")] == ["marker"]
    contact = portal_people(hub, 1)[0]
    ids = [make_portal_task(hub, contact, marker=f"closedloop:k1-{number}-1") for number in (21, 22)]
    found = [one for one in org.get("/_sandbox/doubles") if one["crm"] == "hubspot"]
    assert [(one["because"], one["ids"], len(one["parents"])) for one in found] == [("subject and parents", ids, 2)]


def test_the_same_call_on_another_day_is_no_double_unless_a_marker_is_missing(org):
    person = people(org, 1)[0]
    make_task(org, person, marker="closedloop:k1-7-1")
    org.turn("2026-01-05T06:10:00Z")
    assert org.get("/_sandbox/doubles") == []
    org.turn("2026-01-06T06:00:00Z")
    make_task(org, person, marker="closedloop:k1-9-1")
    assert org.get("/_sandbox/doubles") == []
    make_task(org, person)
    assert [len(one["ids"]) for one in org.get("/_sandbox/doubles")] == [3]


def loop(org, hub, *, backwards=False):
    """What a feedback loop leaves in both CRMs, in one order or the other."""
    org.house = hub.house
    steps = [
        *[lambda one=one: make_task(org, one, marker=f"closedloop:{id(one)}") for one in people(org, 6)],
        *[lambda one=one: make_portal_task(hub, one, marker=f"closedloop:{id(one)}") for one in portal_people(hub, 6)],
    ]
    for step in reversed(steps) if backwards else steps:
        step()
    score = {"Closedloop_Score__c": 7, "Closedloop_Answered_On__c": "2026-01-05"}
    person = people(org, 1)[0]
    org.fault("touch", object="Contact", id=person["Id"], fields=score)
    org.fault("touch", object="Account", id=person["AccountId"], fields={"Closedloop_Open_Actions__c": 0})
    hub.turn("2026-02-05T06:00:00Z")
    return person


def test_snapshots_of_the_same_work_in_another_order_are_the_same_text(make_org, make_hub):
    texts = []
    for backwards in (False, True):
        org, hub = make_org(accounts=1, contacts=1), make_hub()
        person = loop(org, hub, backwards=backwards)
        texts.append([org.call("GET", "/_sandbox/snapshot", crm=crm).body for crm in ("salesforce", "hubspot")])
    assert texts[0] == texts[1]
    org_side, hub_side = (org.get("/_sandbox/snapshot", crm=crm) for crm in ("salesforce", "hubspot"))
    assert org_side["records"]["Contact"][person["Id"]]["Closedloop_Score__c"] == 7.0
    assert org_side["records"]["Account"][person["AccountId"]]["Closedloop_Open_Actions__c"] == 0.0
    assert (len(org_side["tasks"]), len(hub_side["tasks"]), set(hub_side["records"])) == (
        6,
        6,
        {"companies", "contacts"},
    )
    assert {"closedloop:*" in one["body"] for one in org_side["tasks"] + hub_side["tasks"]} == {True}
    assert sorted(org_side["tasks"][0]) == ["body", "due_on", "is_deleted", "owner", "parents", "status", "subject"]


def test_a_snapshot_changes_with_what_stands_in_the_crm(hub):
    before = hub.call("GET", "/_sandbox/snapshot", crm="hubspot").body
    contact = hub.ids("contacts")[0]
    hub.fault("touch", object="contacts", id=contact, fields={"jobtitle": "Changed"})
    assert hub.call("GET", "/_sandbox/snapshot", crm="hubspot").body == before
    hub.fault("touch", object="contacts", id=contact, fields={"closedloop_score": 3})
    assert hub.get("/_sandbox/snapshot", crm="hubspot")["records"]["contacts"] == {contact: {"closedloop_score": "3"}}


@pytest.mark.parametrize("page", ["rep", "snapshot"])
def test_a_crm_that_is_not_there_is_refused(org, page):
    assert org.call("GET", f"/_sandbox/{page}", crm="another").status == 400


def test_two_accounts_can_be_each_others_parent(org):
    first, second = org.ids("SELECT Id FROM Account ORDER BY Id LIMIT 2")
    assert org.fault("cycle")["touched"] == 2
    parents = {one["Id"]: one["ParentId"] for one in org.soql("SELECT Id, ParentId FROM Account LIMIT 9")["records"]}
    assert (parents[first], parents[second]) == (second, first)
    third, fourth = org.ids("SELECT Id FROM Account ORDER BY Id LIMIT 2 OFFSET 40")
    org.fault("cycle", ids=[third, fourth])
    changed = org.ids("SELECT Id FROM Account WHERE SystemModstamp >= 2026-01-05T06:00:00Z ORDER BY Id")
    assert changed == [first, second, third, fourth]
    assert org.call("POST", "/_sandbox/faults", json={"name": "cycle", "ids": [third]}).status == 400


def test_two_companies_can_be_each_others_parent(hub):
    first, second = hub.ids("companies")[:2]
    assert hub.fault("cycle")["touched"] == 2

    def parent(company):
        return hub.get(f"companies/{company}", properties="hs_parent_company_id")["properties"]["hs_parent_company_id"]

    assert (parent(first), parent(second)) == (second, first)
    third, fourth = hub.ids("companies")[20:22]
    hub.fault("cycle", ids=[third, fourth])
    assert (parent(third), parent(fourth)) == (fourth, third)
    body = {"name": "cycle", "crm": "hubspot", "ids": [third, third]}
    assert hub.call("POST", "/_sandbox/faults", json=body).status == 400


def test_the_rep_page_shows_the_account_that_is_asked_for(make_house):
    house = make_house(stories=True)
    told = {record["crm"]: record["id"] for record in house.record_pages.stories()[0]["records"]}
    org, hub = Org(house), Hub(house)
    seen = [org.get("/_sandbox/rep", account=told["salesforce"])]
    seen.append(hub.get("/_sandbox/rep", crm="hubspot", account=told["hubspot"]))
    assert [(page["account"], len(page["contacts"])) for page in seen] == [("Harakeke Dairy", 7)] * 2
    assert org.get("/_sandbox/rep", account="001000000000000AAA")["account"] is None
    assert hub.get("/_sandbox/rep", crm="hubspot", account="12")["account"] is None
