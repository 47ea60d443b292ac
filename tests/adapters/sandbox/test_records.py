"""Describe, single rows, collections and the replication calls."""

from __future__ import annotations

import pytest

NOT_FOUND = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]


@pytest.fixture
def contacts(org):
    return org.ids("SELECT Id FROM Contact ORDER BY Id LIMIT 10")


def row(record_id, **fields):
    return {"attributes": {"type": "Contact"}, "Id": record_id, **fields}


def patch(org, *rows, **more):
    return org.call("PATCH", "composite/sobjects", json={"records": list(rows), **more}).json()


def test_describe_lists_every_key_of_an_object_and_its_fields(org):
    described = org.get("sobjects/contact/describe")
    score = next(one for one in described["fields"] if one["name"] == "Closedloop_Score__c")
    assert (len(described), len(org.get("sobjects")["sobjects"][0]), len(score)) == (45, 28, 57)
    told = {name: score[name] for name in ("type", "precision", "scale", "custom", "updateable", "nillable")}
    assert told == {"type": "double", "precision": 4, "scale": 1, "custom": True, "updateable": True, "nillable": True}


def test_a_hidden_field_looks_like_one_that_does_not_exist(org, contacts):
    before = [one["name"] for one in org.get("sobjects/Contact/describe")["fields"]]
    org.fault("hide_field", object="Contact", field="HasOptedOutOfEmail")
    after = [one["name"] for one in org.get("sobjects/Contact/describe")["fields"]]
    assert [name for name in before if name not in after] == ["HasOptedOutOfEmail"]
    assert "HasOptedOutOfEmail" not in org.get(f"sobjects/Contact/{contacts[0]}")
    assert org.soql("SELECT HasOptedOutOfEmail FROM Contact")[0]["errorCode"] == "INVALID_FIELD"
    answer = patch(org, row(contacts[0], HasOptedOutOfEmail=True))
    text = "No such column 'HasOptedOutOfEmail' on sobject of type Contact"
    assert answer == [{"success": False, "errors": [{"statusCode": "INVALID_FIELD", "message": text, "fields": []}]}]


def test_describe_is_not_sent_again_until_the_schema_changes(org):
    stamp = org.call("GET", "sobjects/Contact/describe").headers["Last-Modified"]
    again = org.call("GET", "sobjects/Contact/describe", headers={"if-modified-since": stamp})
    assert (again.status, again.body) == (304, b"")
    org.turn("2026-01-06T06:00:00Z")
    org.fault("hide_field", object="Contact", field="Title")
    assert org.call("GET", "sobjects/Contact/describe", headers={"if-modified-since": stamp}).status == 200


def test_a_row_is_read_with_all_or_with_named_fields(org, contacts):
    full = org.get(f"sobjects/Contact/{contacts[0][:15]}/")
    assert list(full)[:2] == ["attributes", "Id"]
    named = org.get(f"sobjects/Contact/{contacts[0]}", fields="lastname,FirstName")
    assert named == {key: full[key] for key in ("attributes", "LastName", "FirstName", "Id")}


def test_what_cannot_be_read_is_refused_as_the_org_does(org, contacts):
    org.call("DELETE", f"sobjects/Contact/{contacts[0]}")
    deleted = [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}]
    external = [
        {"errorCode": "NOT_FOUND", "message": "Provided external ID field does not exist or is not accessible: zz"}
    ]
    cases = {
        f"sobjects/Contact/{contacts[0]}": deleted,
        f"sobjects/Account/{contacts[1]}": NOT_FOUND,
        "sobjects/Contact/003000000000000AAA": NOT_FOUND,
        "sobjects/Contact/zz": external,
        "sobjects/Nothing/describe": NOT_FOUND,
        "nothing": NOT_FOUND,
        "/services/data/v69.0/limits": NOT_FOUND,
        "/services/elsewhere": NOT_FOUND,
    }
    answers = {path: org.call("GET", path) for path in cases}
    assert {path: answer.json() for path, answer in answers.items()} == cases
    assert {answer.status for answer in answers.values()} == {404}


def test_a_retired_version_is_gone_and_a_wrong_method_is_told(org):
    assert org.call("GET", "/services/data/v30.0/limits").status == 410
    answer = org.call("DELETE", "limits")
    text = "HTTP Method 'DELETE' not allowed. Allowed are GET"
    assert (answer.status, answer.json()) == (405, [{"message": text, "errorCode": "METHOD_NOT_ALLOWED"}])


def test_a_row_is_created_changed_and_deleted(org):
    account = org.ids("SELECT Id FROM Account LIMIT 1")[0]
    made = org.call(
        "POST", "sobjects/Contact", json={"FirstName": "Orla", "LastName": "Vexley", "AccountId": account[:15]}
    )
    record_id = made.json()["id"]
    assert (made.status, made.json()) == (201, {"id": record_id, "success": True, "errors": []})
    assert made.headers["Location"] == f"/services/data/v68.0/sobjects/Contact/{record_id}"
    changed = org.call(
        "PATCH", f"sobjects/Contact/{record_id}", json={"LastName": "Inkpen", "Closedloop_Score__c": 8.25}
    )
    assert (changed.status, changed.body, "Content-Type" in changed.headers) == (204, b"", False)
    found = org.one(f"SELECT Name, AccountId, Closedloop_Score__c FROM Contact WHERE Id = '{record_id}'")
    assert found == {"Name": "Orla Inkpen", "AccountId": account, "Closedloop_Score__c": 8.2}
    assert org.call("DELETE", f"sobjects/Contact/{record_id}").status == 204
    assert org.call("DELETE", f"sobjects/Contact/{record_id}").status == 404


@pytest.mark.parametrize(
    ("fields", "code", "message", "named"),
    [
        (
            {"Closedloop_Score__c": 1000},
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Closedloop Score: value outside of valid range on numeric field: 1000",
            ["Closedloop_Score__c"],
        ),
        (
            {"FirstName": "x" * 41},
            "STRING_TOO_LONG",
            f"First Name: data value too large: {'x' * 41} (max length=40)",
            ["FirstName"],
        ),
        ({"Email": "no address"}, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: no address", ["Email"]),
        (
            {"Feedback_Level__c": "Boss"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Feedback Level: bad value for restricted picklist field: Boss",
            ["Feedback_Level__c"],
        ),
        ({"Nope__c": 1}, "INVALID_FIELD", "No such column 'Nope__c' on sobject of type Contact", []),
        (
            {"AccountId": "001000000000000AAA"},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            ["AccountId"],
        ),
        ({"LastName": None}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
    ],
)
def test_a_value_the_org_would_not_take_fails_its_row_only(org, contacts, fields, code, message, named):
    answer = patch(
        org,
        row(contacts[0], Title="First"),
        row(contacts[1], Title="Second", **fields),
        row(contacts[2], Title="Third"),
    )
    good = [{"id": one, "success": True, "errors": []} for one in contacts]
    assert answer == [
        good[0],
        {"success": False, "errors": [{"statusCode": code, "message": message, "fields": named}]},
        good[2],
    ]
    titles = {one: org.get(f"sobjects/Contact/{one}")["Title"] for one in contacts[:3]}
    assert (titles[contacts[0]], titles[contacts[1]] == "Second", titles[contacts[2]]) == ("First", False, "Third")


@pytest.mark.parametrize("value", ["2026-02-30", "05.01.2026", 20260105, "2026-01-05T00:00:00Z"])
def test_a_malformed_date_cannot_be_read(org, contacts, value):
    answer = org.call("PATCH", f"sobjects/Contact/{contacts[0]}", json={"Closedloop_Answered_On__c": value})
    assert (answer.status, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_a_read_only_field_is_named(org, contacts):
    text = (
        "Unable to create/update fields: Name. Please check the security settings of this field and verify that it is"
        " read/write for your profile or permission set."
    )
    answer = org.call("PATCH", f"sobjects/Contact/{contacts[0]}", json={"Name": "New Name"})
    error = [{"message": text, "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE", "fields": ["Name"]}]
    assert (answer.status, answer.json()) == (400, error)


def test_all_or_none_takes_everything_back(org, contacts):
    written = org.get("/_sandbox/counts")["salesforce"]["rows_written"]
    answer = patch(org, row(contacts[0], Title="First"), row(contacts[1], Email="bad"), allOrNone=True)
    codes = [one["errors"][0]["statusCode"] for one in answer]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_EMAIL_ADDRESS"]
    assert org.get(f"sobjects/Contact/{contacts[0]}")["Title"] != "First"
    assert org.get("/_sandbox/counts")["salesforce"]["rows_written"] == written


def test_ids_that_lead_nowhere_fail_their_rows(org, contacts):
    org.call("DELETE", f"sobjects/Contact/{contacts[0]}")
    answer = patch(org, row(contacts[0]), row("003000000000000AAA"), row(None), row("zz"))
    codes = [one["errors"][0]["statusCode"] for one in answer]
    assert codes == ["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MISSING_ARGUMENT", "MALFORMED_ID"]
    assert ["id" in one for one in answer] == [False] * 4


def test_a_collection_takes_two_hundred_rows_and_needs_the_type_first(org, contacts):
    many = org.call("PATCH", "composite/sobjects", json={"records": [row(contacts[0])] * 201})
    assert (many.status, many.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")
    late = org.call(
        "PATCH", "composite/sobjects", json={"records": [{"Id": contacts[0], "attributes": {"type": "Contact"}}]}
    )
    assert (late.status, late.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


def test_collections_create_delete_and_read_in_the_order_of_the_request(org, contacts):
    made = org.call(
        "POST",
        "composite/sobjects",
        json={
            "records": [
                {"attributes": {"type": "Contact"}, "LastName": "Jessop"},
                {"attributes": {"type": "Account"}, "Name": "Quinadane Optics"},
                {"attributes": {"type": "Contact"}},
            ]
        },
    ).json()
    assert [one["success"] for one in made] == [True, True, False]
    ids = [contacts[1], made[0]["id"], "003000000000000AAA"]
    read = org.call("POST", "composite/sobjects/Contact", json={"ids": ids, "fields": ["LastName"]}).json()
    assert [None if one is None else one["Id"] for one in read] == [contacts[1], made[0]["id"], None]
    gone = org.call("DELETE", "composite/sobjects", ids=f"{made[0]['id']},{made[1]['id']}", allOrNone="false").json()
    assert [one["success"] for one in gone] == [True, True]


def test_users_are_read_only(org):
    user = org.ids("SELECT Id FROM User LIMIT 1")[0]
    answer = org.call("PATCH", f"sobjects/User/{user}", json={"Title": "x"})
    assert (answer.status, answer.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


def test_a_write_is_stamped_with_the_sandboxes_time_and_counted(org, contacts):
    org.turn("2026-01-06T09:30:15Z")
    patch(org, row(contacts[0], Title="First"), row(contacts[1], Email="bad"))
    record = org.get(f"sobjects/Contact/{contacts[0]}")
    stamps = [record[name] for name in ("SystemModstamp", "LastModifiedDate", "LastModifiedById")]
    assert stamps == ["2026-01-06T09:30:15.000+0000"] * 2 + [org.house.plan.integration_user]
    counts = org.get("/_sandbox/counts")["salesforce"]
    assert (counts["rows_written"], counts["by_kind"]["collections_write"]) == (1, 1)


def test_deleting_an_account_takes_its_contacts_and_frees_its_children(org):
    parent = org.one("SELECT ParentId FROM Account WHERE ParentId != null LIMIT 1")["ParentId"]
    children = org.ids(f"SELECT Id FROM Account WHERE ParentId = '{parent}'")
    org.call("DELETE", f"sobjects/Account/{parent}")
    assert org.soql(f"SELECT count() FROM Contact WHERE AccountId = '{parent}'")["totalSize"] == 0
    assert {org.get(f"sobjects/Account/{one}")["ParentId"] for one in children} == {None}


def updated(org, start, end):
    return org.get("sobjects/Contact/updated/", start=start, end=end)


def test_updated_tells_ids_and_up_to_when_it_is_complete(org, contacts):
    org.turn("2026-01-05T07:00:00Z")
    org.fault("touch", object="Contact", id=contacts[3], fields={"Title": "x"})
    org.turn("2026-01-05T07:10:00Z")
    answer = updated(org, "2026-01-05T06:59:59Z", "2026-01-05T07:10:00Z")
    assert answer == {"ids": [contacts[3]], "latestDateCovered": "2026-01-05T07:10:00.000+0000"}


def test_updated_cuts_the_seconds_of_its_window(org, contacts):
    org.turn("2026-01-05T07:00:30Z")
    org.fault("touch", object="Contact", id=contacts[3], fields={"Title": "x"})
    org.turn("2026-01-05T07:05:00Z")
    assert updated(org, "2026-01-05T07:00:59Z", "2026-01-05T07:05:00Z")["ids"] == [contacts[3]]
    short = updated(org, "2026-01-05T06:59:00Z", "2026-01-05T07:00:59Z")
    assert short == {"ids": [], "latestDateCovered": "2026-01-05T07:00:00.000+0000"}


def test_nothing_is_covered_beyond_now(org):
    assert (
        updated(org, "2026-01-05T05:00:00Z", "2026-01-09T00:00:00+00:00")["latestDateCovered"]
        == "2026-01-05T06:00:00.000+0000"
    )


def test_a_late_commit_holds_the_covered_date_back_until_it_is_seen(org, contacts):
    org.turn("2026-01-05T08:00:00Z")
    org.fault("late_commit", object="Contact", id=contacts[0], seconds=600, fields={"Title": "Late"})
    window = ("2026-01-05T07:00:00Z", "2026-01-05T08:00:00Z")
    before = updated(org, *window)
    assert (contacts[0] in before["ids"], before["latestDateCovered"]) == (False, "2026-01-05T07:50:00.000+0000")
    org.turn("2026-01-05T08:01:00Z")
    after = updated(org, *window)
    assert (contacts[0] in after["ids"], after["latestDateCovered"]) == (True, "2026-01-05T08:00:00.000+0000")
    record = org.one(f"SELECT Title, SystemModstamp FROM Contact WHERE Id = '{contacts[0]}'")
    assert record == {"Title": "Late", "SystemModstamp": "2026-01-05T07:50:00.000+0000"}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-05T06:00:00Z", "2026-01-05T06:00:59Z"),
        ("2025-12-05T05:59:00Z", "2026-01-05T06:00:00Z"),
        ("2026-01-04T06:00:00", "2026-01-05T06:00:00Z"),
        ("yesterday", "2026-01-05T06:00:00Z"),
    ],
)
def test_an_impossible_window_is_refused(org, start, end):
    answer = org.call("GET", "sobjects/Contact/deleted", start=start, end=end)
    assert (answer.status, answer.json()[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")


def test_deleted_tells_what_was_deleted_until_it_is_restored(org, contacts):
    org.turn("2026-01-05T07:00:00Z")
    org.fault("delete", object="Contact", ids=[contacts[0]])
    org.fault("merge", object="Contact", ids=[contacts[1], contacts[2]])
    org.turn("2026-01-05T07:10:00Z")
    window = {"start": "2026-01-05T06:59:00Z", "end": "2026-01-05T07:05:00Z"}
    answer = org.get("sobjects/Contact/deleted/", **window)
    assert answer["deletedRecords"] == [
        {"deletedDate": "2026-01-05T07:00:00.000+0000", "id": one} for one in (contacts[0], contacts[2])
    ]
    assert answer["earliestDateAvailable"] == "2025-12-21T07:10:00.000+0000"
    loser = org.soql(f"SELECT MasterRecordId FROM Contact WHERE Id = '{contacts[2]}'", "queryAll")["records"][0]
    assert loser["MasterRecordId"] == contacts[1]
    org.fault("undelete", object="Contact", ids=[contacts[0]])
    again = org.get("sobjects/Contact/deleted/", **window)["deletedRecords"]
    assert [one["id"] for one in again] == [contacts[2]]
    assert org.one(f"SELECT IsDeleted, SystemModstamp FROM Contact WHERE Id = '{contacts[0]}'") == {
        "IsDeleted": False,
        "SystemModstamp": "2026-01-05T07:10:00.000+0000",
    }
