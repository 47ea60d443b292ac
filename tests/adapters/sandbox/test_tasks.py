"""Tasks in the org: what they hang on, and how they are made once by their key; and the fields that reps fill in."""

from __future__ import annotations

import pytest

KEY = "sobjects/Task/Closedloop_Key__c"


def people(org):
    return org.one("SELECT Id, AccountId, OwnerId FROM Contact WHERE Owner.IsActive = true ORDER BY Id LIMIT 1")


def values(org, **more):
    person = people(org)
    return {
        "WhoId": person["Id"],
        "WhatId": person["AccountId"],
        "OwnerId": person["OwnerId"],
        "Subject": "Call about the score of 2",
        "Description": "They wait for a part.",
        "ActivityDate": "2026-01-12",
        **more,
    }


def test_a_task_is_made_open_and_found_by_what_it_hangs_on(org):
    person = people(org)
    made = org.call("POST", "sobjects/Task", json=values(org))
    assert made.status == 201
    task = org.one(
        "SELECT Id, Status, Priority, IsClosed, AccountId, Who.Name, What.Name, Owner.IsActive FROM Task"
        f" WHERE WhoId = '{person['Id']}'"
    )
    name = org.one(f"SELECT Name FROM Account WHERE Id = '{person['AccountId']}'")["Name"]
    assert (task["Id"], task["Id"][:3], task["Status"], task["Priority"], task["IsClosed"], task["AccountId"]) == (
        made.json()["id"],
        "00T",
        "Not Started",
        "Normal",
        False,
        person["AccountId"],
    )
    assert (task["What"]["Name"], task["Owner"]["IsActive"]) == (name, True)


def test_a_task_may_be_about_an_opportunity_and_belongs_to_its_account(org):
    deal = org.one("SELECT Id, AccountId FROM Opportunity ORDER BY Id LIMIT 1")
    made = org.call("POST", "sobjects/Task", json=values(org, WhatId=deal["Id"])).json()
    assert org.one(f"SELECT AccountId FROM Task WHERE Id = '{made['id']}'") == {"AccountId": deal["AccountId"]}
    user = org.one("SELECT Id FROM User LIMIT 1")["Id"]
    refused = org.call("POST", "sobjects/Task", json=values(org, WhatId=user))
    assert refused.json()[0]["errorCode"] == "INVALID_CROSS_REFERENCE_KEY"


def test_completing_a_task_closes_it_and_shows_in_the_replication_calls(org):
    made = org.call("POST", "sobjects/Task", json=values(org)).json()["id"]
    org.turn("2026-01-06T06:00:00Z")
    org.fault("touch", object="Task", id=made, fields={"Status": "Completed"})
    assert org.one(f"SELECT IsClosed FROM Task WHERE Id = '{made}'") == {"IsClosed": True}
    org.turn("2026-01-06T06:02:00Z")
    window = {"start": "2026-01-06T05:59:00Z", "end": "2026-01-06T06:02:00Z"}
    assert org.get("sobjects/Task/updated/", **window)["ids"] == [made]
    org.fault("delete", object="Task", ids=[made])
    org.turn("2026-01-06T06:04:00Z")
    window = {"start": "2026-01-06T05:59:00Z", "end": "2026-01-06T06:04:00Z"}
    assert [one["id"] for one in org.get("sobjects/Task/deleted/", **window)["deletedRecords"]] == [made]


def test_an_upsert_makes_a_task_once(org):
    first = org.call("PATCH", f"{KEY}/k-1", json=values(org))
    record_id = first.json()["id"]
    assert (first.status, first.json(), first.headers["Location"]) == (
        201,
        {"id": record_id, "success": True, "errors": [], "created": True},
        f"/services/data/v68.0/sobjects/Task/{record_id}",
    )
    again = org.call("PATCH", f"{KEY}/k-1", json={"Subject": "Call again"})
    assert (again.status, again.json()["created"], again.json()["id"]) == (200, False, record_id)
    assert org.get(f"{KEY}/k-1", fields="Subject")["Subject"] == "Call again"
    assert org.soql("SELECT count() FROM Task")["totalSize"] == 1
    counts = org.get("/_sandbox/counts")["salesforce"]["by_kind"]
    assert (counts["record_upsert"], counts["record_read"]) == (2, 1)


def test_keys_are_unique_and_case_counts(org):
    first = org.call("PATCH", f"{KEY}/k-1", json=values(org)).json()["id"]
    refused = org.call("POST", "sobjects/Task", json=values(org, Closedloop_Key__c="k-1"))
    assert (refused.status, refused.json()[0]["errorCode"], refused.json()[0]["message"]) == (
        400,
        "DUPLICATE_VALUE",
        f"duplicate value found: Closedloop_Key__c duplicates value on record with id: {first[:15]}",
    )
    assert org.call("PATCH", f"{KEY}/K-1", json=values(org)).json()["created"] is True


def test_what_an_upsert_refuses(org):
    unknown = org.call("PATCH", "sobjects/Task/Subject/x", json=values(org))
    assert (unknown.status, unknown.json()[0]["message"]) == (
        404,
        "Provided external ID field does not exist or is not accessible: Subject",
    )
    assert org.call("PATCH", f"{KEY}/k-9", json=values(org), updateOnly="true").status == 404
    assert org.call("PATCH", f"{KEY}/k-9", json=values(org, Closedloop_Key__c="k-9")).status == 400
    assert org.call("GET", f"{KEY}/k-9").status == 404
    assert org.soql("SELECT count() FROM Task")["totalSize"] == 0


def test_several_rows_with_one_mail_address_are_listed(org):
    twin = org.house.state.value(
        "select Email from Contact where Email like '%.%@%' group by Email having count(*) > 1"
    )
    answer = org.call("GET", f"sobjects/Contact/Email/{twin}")
    assert (answer.status, len(answer.json())) == (300, 2)


def test_a_collection_upsert_answers_row_by_row_and_tells_which_are_new(org):
    org.call("PATCH", f"{KEY}/k-1", json=values(org))
    row = {"attributes": {"type": "Task"}, **values(org)}
    rows = [{**row, "Closedloop_Key__c": key} for key in ("k-1", "k-2")] + [row]
    answers = org.call(
        "PATCH", "composite/sobjects/Task/Closedloop_Key__c", json={"records": rows, "allOrNone": False}
    ).json()
    assert [(one["success"], one.get("created")) for one in answers] == [(True, False), (True, True), (False, None)]
    assert answers[2]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"


def test_an_inactive_user_gets_no_task(org):
    inactive = org.one("SELECT Id FROM User WHERE IsActive = false")["Id"]
    refused = org.call("POST", "sobjects/Task", json=values(org, OwnerId=inactive))
    assert refused.json()[0]["errorCode"] == "INACTIVE_OWNER_OR_USER"


def test_tasks_go_with_their_account_and_move_with_a_merge(org):
    person = people(org)
    other = org.one(f"SELECT Id FROM Contact WHERE Id != '{person['Id']}' ORDER BY Id LIMIT 1")["Id"]
    task = org.call("POST", "sobjects/Task", json=values(org)).json()["id"]
    org.fault("merge", object="Contact", ids=[other, person["Id"]])
    assert org.one(f"SELECT WhoId FROM Task WHERE Id = '{task}'") == {"WhoId": other}
    org.fault("delete", object="Account", ids=[person["AccountId"]])
    assert org.soql("SELECT count() FROM Task WHERE IsDeleted = true", "queryAll")["totalSize"] == 1


def test_the_key_is_described_as_a_unique_external_id_and_what_as_polymorphic(org):
    fields = {one["name"]: one for one in org.get("sobjects/Task/describe")["fields"]}
    key, what = fields["Closedloop_Key__c"], fields["WhatId"]
    assert (key["externalId"], key["unique"], key["idLookup"]) == (True, True, True)
    assert (what["referenceTo"], what["polymorphicForeignKey"], what["relationshipName"]) == (
        ["Account", "Opportunity"],
        True,
        "What",
    )


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (
            "Account",
            {
                "Closedloop_Score__c": 7.5,
                "Closedloop_Score_On__c": "2026-01-05",
                "Closedloop_Voices__c": 12.0,
                "Closedloop_Open_Actions__c": 0.0,
                "Closedloop_Hold_Until__c": "2026-03-01",
                "Closedloop_Hold_Reason__c": "Legal case",
            },
        ),
        (
            "Contact",
            {
                "Closedloop_Score__c": 7.5,
                "Closedloop_Answered_On__c": "2026-01-05",
                "Closedloop_Hold_Until__c": "2026-03-01",
                "Closedloop_Hold_Reason__c": "On leave",
                "Closedloop_Level__c": "Executive",
                "Closedloop_Left_Company__c": True,
            },
        ),
    ],
)
def test_the_fields_of_the_loop_are_there_on_accounts_and_contacts(org, name, fields):
    record_id = org.one(f"SELECT Id FROM {name} ORDER BY Id LIMIT 1")["Id"]
    assert org.call("PATCH", f"sobjects/{name}/{record_id}", json=fields).status == 204
    assert org.one(f"SELECT {', '.join(fields)} FROM {name} WHERE Id = '{record_id}'") == fields
