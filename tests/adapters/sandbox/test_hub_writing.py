"""Writing to the portal: single records, batches that go partly well, values, merges and properties."""

from __future__ import annotations

import pytest

SCORE = {"closedloop_score": 8.5, "closedloop_answered_on": "2026-01-05"}
GONE = "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."


def written(hub):
    return hub.get("/_sandbox/counts")["hubspot"]["rows_written"]


def shown(hub, kind, record_id, *names):
    properties = hub.get(f"{kind}/{record_id}", properties=",".join(names))["properties"]
    return {name: properties[name] for name in names}


def test_a_batch_update_writes_texts_and_counts_rows(hub):
    ids = hub.ids("contacts")[:3]
    answer = hub.post("contacts/batch/update", {"inputs": [{"id": one, "properties": SCORE} for one in reversed(ids)]})
    assert (answer["status"], [one["id"] for one in answer["results"]], "numErrors" in answer) == (
        "COMPLETE",
        ids,
        False,
    )
    wanted = {"closedloop_score": "8.5", "closedloop_answered_on": "2026-01-05"}
    assert [shown(hub, "contacts", one, *wanted) for one in ids] == [wanted] * 3
    assert (written(hub), answer["results"][0]["updatedAt"]) == (3, "2026-01-05T06:00:00Z")


def test_unknown_ids_in_a_batch_update_are_told_of_and_the_others_are_written(hub):
    known = hub.ids("contacts")[0]
    inputs = [{"id": known, "properties": SCORE}, {"id": "5", "properties": SCORE}]
    answer = hub.post("contacts/batch/update", {"inputs": inputs}, 207)
    assert ([one["id"] for one in answer["results"]], answer["numErrors"]) == ([known], 1)
    assert answer["errors"] == [
        {
            "status": "error",
            "message": GONE,
            "category": "OBJECT_NOT_FOUND",
            "context": {"ids": ["5"]},
        }
    ]


def test_a_bad_value_fails_a_whole_batch_unless_every_input_bears_a_trace_id(hub):
    first, second = hub.ids("contacts")[:2]
    inputs = [
        {"id": first, "properties": SCORE, "objectWriteTraceId": "a"},
        {"id": second, "properties": {"closedloop_answered_on": "soon"}, "objectWriteTraceId": "b"},
    ]
    untraced = [{name: value for name, value in one.items() if name != "objectWriteTraceId"} for one in inputs]
    refused = hub.post("contacts/batch/update", {"inputs": untraced}, 400)
    assert (refused["errors"][0]["code"], written(hub)) == ("INVALID_DATE", 0)
    answer = hub.post("contacts/batch/update", {"inputs": inputs}, 207)
    assert [(one["id"], one["objectWriteTraceId"]) for one in answer["results"]] == [(first, "a")]
    assert [one["context"] for one in answer["errors"]] == [{"objectWriteTraceId": ["b"]}]
    assert written(hub) == 1


def test_duplicate_ids_and_more_than_a_hundred_inputs_are_refused(hub):
    one = hub.ids("contacts")[0]
    twice = hub.post("contacts/batch/update", {"inputs": [{"id": one, "properties": SCORE}] * 2}, 400)
    assert (twice["message"], twice["context"]) == (
        f"Duplicate IDs found in batch input: [{one}]. IDs must be unique",
        {"ids": [one]},
    )
    many = [{"id": one, "properties": SCORE} for one in hub.ids("contacts")[:101]]
    assert hub.post("contacts/batch/update", {"inputs": many}, 400)["category"] == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"nobody_has_this": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_email_optout": "false"}, "READ_ONLY_VALUE"),
        ({"email": "no address"}, "INVALID_EMAIL"),
        ({"closedloop_score": "nine"}, "INVALID_LONG"),
        ({"closedloop_level": "executive"}, "INVALID_OPTION"),
        ({"closedloop_answered_on": "1767592800000"}, "INVALID_DATE"),
        ({"closedloop_left_company": "perhaps"}, "INVALID_OPTION"),
        ({"hubspot_owner_id": "1"}, "INVALID_OWNER_ID"),
    ],
)
def test_values_that_do_not_fit_are_refused_by_name_and_code(hub, properties, code):
    record_id = hub.ids("contacts")[0]
    answer = hub.call("PATCH", f"contacts/{record_id}", json={"properties": properties})
    body, (name,) = answer.json(), properties
    assert (answer.status, body["category"]) == (400, "VALIDATION_ERROR")
    assert [(one["code"], one["context"]) for one in body["errors"]] == [(code, {"propertyName": [name]})]
    assert body["message"].startswith('Property values were not valid: [{"isValid":false,')


def test_values_are_stored_in_one_form_and_an_empty_one_clears(hub):
    record_id = hub.ids("contacts")[0]
    midnight = {"closedloop_answered_on": "1767571200000", "closedloop_left_company": True, "closedloop_score": 7}
    changed = hub.call("PATCH", f"contacts/{record_id}", json={"properties": midnight}).json()
    assert {name: changed["properties"][name] for name in midnight} == {
        "closedloop_answered_on": "2026-01-05",
        "closedloop_left_company": "true",
        "closedloop_score": "7",
    }
    hub.call("PATCH", f"contacts/{record_id}", json={"properties": {"closedloop_score": "", "jobtitle": None}})
    after = shown(hub, "contacts", record_id, "closedloop_score", "jobtitle")
    assert (after["closedloop_score"], after["jobtitle"] is None) == (None, False)


def test_an_inactive_owner_takes_no_records(hub):
    inactive = hub.get("/crm/owners/2026-03", archived="true")["results"][0]["id"]
    answer = hub.call(
        "PATCH", f"contacts/{hub.ids('contacts')[0]}", json={"properties": {"hubspot_owner_id": inactive}}
    )
    assert answer.status == 400


def test_a_created_contact_is_a_lead_and_its_address_is_taken(hub):
    answer = hub.post("contacts", {"properties": {"email": "Neu.Person@Firma.example", "lastname": "Neu"}}, 201)
    values = answer["properties"]
    assert (values["email"], values["lifecyclestage"], values["hs_object_source"]) == (
        "neu.person@firma.example",
        "lead",
        "INTEGRATION",
    )
    again = hub.post("contacts", {"properties": {"email": "neu.person@firma.example"}}, 409)
    assert (again["message"], again["category"]) == (
        f"Contact already exists. Existing ID: {answer['id']}",
        "CONFLICT",
    )
    other = hub.ids("contacts")[0]
    taken = hub.call("PATCH", f"contacts/{other}", json={"properties": {"email": "neu.person@firma.example"}})
    assert (taken.status, taken.json()["message"].endswith(f" on {other}. {answer['id']} already has that value.")) == (
        400,
        True,
    )


def test_a_batch_create_tells_which_trace_failed_and_who_has_the_address(hub):
    address = next(one["properties"]["email"] for one in hub.all("contacts", "email") if one["properties"]["email"])
    owner = hub.get(f"contacts/{address}", idProperty="email")["id"]
    inputs = [
        {"properties": {"email": "neu@firma.example"}, "objectWriteTraceId": "1"},
        {"properties": {"email": address}, "objectWriteTraceId": "2"},
    ]
    answer = hub.post("contacts/batch/create", {"inputs": inputs}, 207)
    assert [one["objectWriteTraceId"] for one in answer["results"]] == ["1"]
    assert [one["context"] for one in answer["errors"]] == [{"objectWriteTraceId": ["2"], "existingId": [owner]}]
    untraced = [{"properties": one["properties"]} for one in inputs]
    assert hub.post("contacts/batch/create", {"inputs": untraced[1:]}, 409)["category"] == "CONFLICT"


def test_a_batch_read_leaves_out_what_is_missing_and_tells_of_it(hub):
    ids = hub.ids("companies")[:2]
    body = {"inputs": [{"id": ids[1]}, {"id": "77"}, {"id": ids[0]}], "properties": ["name"]}
    answer = hub.post("companies/batch/read", body, 207)
    assert ([one["id"] for one in answer["results"]], answer["errors"][0]["context"]) == (ids, {"ids": ["77"]})
    assert hub.post("companies/batch/read", {"inputs": [{"id": one} for one in ids]})["status"] == "COMPLETE"


def task(hub, key="k-1", **more):
    contact = hub.all("contacts", "associatedcompanyid")[0]
    spec = {"associationCategory": "HUBSPOT_DEFINED"}
    return {
        "properties": {
            "hs_timestamp": "2026-01-12T09:00:00Z",
            "hs_task_subject": "Call about the score of 2",
            "hs_task_body": "They wait for a part.<br/>Call.",
            "hs_task_status": "NOT_STARTED",
            "closedloop_key": key,
            **more,
        },
        "associations": [
            {"to": {"id": contact["id"]}, "types": [{**spec, "associationTypeId": 204}]},
            {"to": {"id": contact["properties"]["associatedcompanyid"]}, "types": [{**spec, "associationTypeId": 192}]},
        ],
    }


def test_a_task_hangs_on_its_contact_and_company_and_is_completed_there(hub):
    made = hub.post("tasks", task(hub), 201)
    portal = hub.get("/account-info/2026-03/details")["portalId"]
    assert made["url"] == f"https://app-eu1.hubspot.com/tasks/{portal}/view/all/task/{made['id']}"
    assert made["properties"]["hs_task_body"] == "They wait for a part.<br>Call."
    contact = hub.all("contacts", "associatedcompanyid")[0]
    for kind, other in (("contacts", contact["id"]), ("companies", contact["properties"]["associatedcompanyid"])):
        found = hub.get(f"/crm/objects/2026-03/{kind}/{other}/associations/tasks")["results"]
        assert [one["toObjectId"] for one in found] == [int(made["id"])]
    hub.fault("touch", object="tasks", id=made["id"], fields={"hs_task_status": "COMPLETED"})
    names = ("hs_task_status", "hs_task_is_completed", "hs_task_completion_date")
    assert list(shown(hub, "tasks", made["id"], *names).values()) == ["COMPLETED", "1", "2026-01-05T06:00:00Z"]
    changed = hub.search("tasks", ("hs_lastmodifieddate", "GTE", "2026-01-05T06:00:00Z"))["results"]
    assert [one["id"] for one in changed] == [made["id"]]


def test_a_task_is_made_once_by_its_key(hub):
    first = task(hub)
    given = {"idProperty": "closedloop_key", "id": "k-1", **first, "objectWriteTraceId": "t"}
    made = hub.post("tasks/batch/upsert", {"inputs": [given]})["results"][0]
    again = hub.post("tasks/batch/upsert", {"inputs": [given]})["results"][0]
    assert (made["new"], again["new"], again["id"], hub.ids("tasks")) == (True, False, made["id"], [made["id"]])
    assert hub.post("tasks", first, 400)["message"].endswith(f" {made['id']} already has that value.")


def test_a_task_needs_a_due_time_and_forgives_unknown_names(hub):
    wanted = task(hub, nobody_has_this="x")
    assert "nobody_has_this" not in hub.post("tasks", wanted, 201)["properties"]
    del wanted["properties"]["hs_timestamp"]
    assert hub.post("tasks", wanted, 400)["errors"][0]["context"] == {"propertyName": ["hs_timestamp"]}


def test_an_archived_record_is_in_the_bin_only(hub):
    contact = hub.ids("contacts")[0]
    assert hub.call("DELETE", f"contacts/{contact}").status == 204
    assert hub.call("DELETE", "contacts/5").status == 204
    assert hub.call("GET", f"contacts/{contact}").status == 404
    assert contact not in hub.ids("contacts")
    bin_ = hub.all("contacts", archived="True")
    assert [(one["id"], one["archived"], one["archivedAt"]) for one in bin_] == [
        (contact, True, "2026-01-05T06:00:00Z")
    ]
    assert hub.search("contacts", ("hs_object_id", "EQ", contact))["total"] == 0
    hub.turn("2026-04-06T06:00:00Z")
    assert contact not in hub.ids("contacts", archived="true")


def test_a_merge_makes_a_new_id_for_which_both_old_ones_stand(hub):
    contacts = hub.all("contacts", "associatedcompanyid,jobtitle")
    first, second = contacts[0]["id"], contacts[1]["id"]
    merged = hub.post("contacts/merge", {"primaryObjectId": first, "objectIdToMerge": second})
    new = merged["id"]
    assert new not in (first, second)
    assert merged["properties"]["hs_merged_object_ids"] == f"{first};{second}"
    assert [hub.get(f"contacts/{one}")["id"] for one in (first, second)] == [new, new]
    assert merged["properties"]["associatedcompanyid"] == contacts[0]["properties"]["associatedcompanyid"]
    assert set(hub.ids("contacts")) == {one["id"] for one in contacts} - {first, second} | {new}
    silent = hub.post("contacts/batch/update", {"inputs": [{"id": first, "properties": SCORE}]})
    assert (silent["results"], "errors" in silent) == ([], False)
    patched = hub.call("PATCH", f"contacts/{second}", json={"properties": SCORE}).json()
    assert (patched["id"], patched["properties"]["closedloop_score"]) == (new, "8.5")
    assert hub.ids("contacts", archived="true") == []
    assert hub.call("POST", "contacts/merge", json={"primaryObjectId": new, "objectIdToMerge": new}).status == 400


def test_an_erased_contact_is_gone_for_good(hub):
    contact = hub.ids("contacts")[0]
    hub.post("contacts/gdpr-delete", {"objectId": contact}, 204)
    assert (hub.call("GET", f"contacts/{contact}").status, hub.ids("contacts", archived="true")) == (404, [])


def test_a_property_group_and_its_properties_are_made_once(hub):
    group = {"name": "closedloop_extra", "label": "Closedloop extra"}
    wanted = {"name": "closedloop_band", "label": "Band", "groupName": "closedloop_extra"}
    kind = {"type": "enumeration", "fieldType": "select", "options": [{"label": "Good", "value": "good"}]}
    path = "/crm/properties/2026-03/contacts"
    assert hub.post(path, {**wanted, **kind}, 400)["category"] == "VALIDATION_ERROR"
    assert hub.post(f"{path}/groups", group, 201) == {**group, "displayOrder": -1, "archived": False}
    assert hub.call("POST", f"{path}/groups", json=group).status == 409
    made = hub.post(path, {**wanted, **kind}, 201)
    facts = (made["hubspotDefined"], made["displayOrder"], made["archived"], made["options"][0]["value"])
    assert facts == (False, -1, False, "good")
    assert hub.post(path, {**wanted, **kind}, 409)["category"] == "OBJECT_ALREADY_EXISTS"
    record_id = hub.ids("contacts")[0]
    changed = hub.call("PATCH", f"contacts/{record_id}", json={"properties": {"closedloop_band": "good"}})
    assert changed.json()["properties"]["closedloop_band"] == "good"
    assert hub.search("contacts", ("closedloop_band", "EQ", "good"))["total"] == 1
    assert hub.call("DELETE", f"{path}/closedloop_band").status == 204
    assert "closedloop_band" not in hub.get(f"contacts/{record_id}", properties="closedloop_band")["properties"]


def test_a_batch_of_properties_tells_which_exist_already(hub):
    new = {"name": "closedloop_new", "label": "New", "type": "string", "fieldType": "text", "groupName": "closedloop"}
    body = {"inputs": [new, {**new, "name": "closedloop_score"}]}
    answer = hub.post("/crm/properties/2026-03/companies/batch/create", body, 207)
    assert [one["name"] for one in answer["results"]] == ["closedloop_new"]
    assert [one["context"] for one in answer["errors"]] == [{"name": ["closedloop_score"]}]
