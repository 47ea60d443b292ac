"""Associations of the portal: primary companies, parents, and what properties show of them."""

from __future__ import annotations

CONTACTS_TO_COMPANIES = "/crm/associations/2026-03/contacts/companies"


def company_of(hub, contact):
    return hub.get(f"contacts/{contact}", properties="associatedcompanyid")["properties"]["associatedcompanyid"]


def targets(hub, a, record_id, b):
    found = hub.get(f"/crm/objects/2026-03/{a}/{record_id}/associations/{b}")["results"]
    return {str(one["toObjectId"]): sorted(kind["typeId"] for kind in one["associationTypes"]) for one in found}


def test_a_batch_read_tells_targets_as_numbers_and_having_none_is_no_failure(hub):
    contacts = hub.all("contacts", "associatedcompanyid")
    at_home = next(one for one in contacts if one["properties"]["associatedcompanyid"])
    alone = next(one["id"] for one in contacts if not one["properties"]["associatedcompanyid"])
    company = int(at_home["properties"]["associatedcompanyid"])
    body = {"inputs": [{"id": at_home["id"]}, {"id": alone}]}
    answer = hub.post(f"{CONTACTS_TO_COMPANIES}/batch/read", body, 207)
    kinds = [
        {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"},
        {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None},
    ]
    assert answer["results"] == [
        {"from": {"id": at_home["id"]}, "to": [{"toObjectId": company, "associationTypes": kinds}]}
    ]
    assert answer["errors"] == [
        {
            "status": "error",
            "message": f"No company is associated with contact {alone}.",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
            "context": {"fromObjectId": [alone], "fromObjectType": ["contact"], "toObjectType": ["company"]},
        }
    ]
    assert hub.get(f"/crm/v4/objects/contacts/{alone}/associations/companies") == {"results": []}


def test_every_parent_property_has_its_association_and_the_trees_have_no_cycle(hub):
    companies = hub.all("companies", "hs_parent_company_id,hs_num_child_companies")
    parents = {one["id"]: one["properties"]["hs_parent_company_id"] for one in companies}
    children = {one["id"]: int(one["properties"]["hs_num_child_companies"] or 0) for one in companies}
    assert 10 < sum(parent is not None for parent in parents.values()) < 50
    for record_id, parent in parents.items():
        up = [other for other, kinds in targets(hub, "companies", record_id, "companies").items() if 14 in kinds]
        assert up == ([parent] if parent else [])
        assert children[record_id] == sum(one == record_id for one in parents.values())
        steps, here = 0, parent
        while here is not None:
            steps, here = steps + 1, parents[here]
            assert steps < 4


def test_setting_a_primary_company_moves_the_word_and_the_property(hub):
    contact = hub.ids("contacts")[0]
    old = company_of(hub, contact)
    new = next(one for one in hub.ids("companies") if one != old)
    body = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    made = hub.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/companies/{new}", json=body)
    assert (made.status, made.json()) == (
        201,
        {
            "fromObjectTypeId": "0-1",
            "fromObjectId": int(contact),
            "toObjectTypeId": "0-2",
            "toObjectId": int(new),
            "labels": ["Primary"],
        },
    )
    assert targets(hub, "contacts", contact, "companies") == {old: [279], new: [1, 279]}
    assert targets(hub, "companies", new, "contacts")[contact] == [2, 280]
    assert company_of(hub, contact) == new


def test_a_parent_is_set_by_association_and_by_nothing_else(hub):
    companies = hub.all("companies", "hs_parent_company_id")
    child = next(one["id"] for one in companies if not one["properties"]["hs_parent_company_id"])
    parent = companies[-1]["id"]
    refused = hub.call("PATCH", f"companies/{child}", json={"properties": {"hs_parent_company_id": parent}})
    assert refused.json()["errors"][0]["code"] == "READ_ONLY_VALUE"
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 14}]
    body = {"inputs": [{"from": {"id": child}, "to": {"id": parent}, "types": spec}]}
    made = hub.post("/crm/associations/2026-03/companies/companies/batch/create", body, 201)
    assert made["results"][0]["labels"] == ["Parent Company"]
    shown = hub.get(f"companies/{child}", properties="hs_parent_company_id")["properties"]
    assert shown["hs_parent_company_id"] == parent
    same = {"inputs": [{"from": {"id": child}, "to": {"id": child}, "types": spec}]}
    failed = hub.post("/crm/associations/2026-03/companies/companies/batch/create", same, 207)
    assert failed["errors"][0]["message"] == f"Object {child} cannot be associated to itself ({child})"


def test_an_association_is_taken_away_and_made_by_default_again(hub):
    contact = hub.ids("contacts")[0]
    company = company_of(hub, contact)
    path = f"/crm/objects/2026-03/contacts/{contact}/associations"
    assert hub.call("DELETE", f"{path}/companies/{company}").status == 204
    assert (targets(hub, "contacts", contact, "companies"), company_of(hub, contact)) == ({}, None)
    answer = hub.call("PUT", f"{path}/default/companies/{company}").json()
    assert [(one["from"]["id"], one["associationSpec"]["associationTypeId"]) for one in answer["results"]] == [
        (contact, 279),
        (company, 280),
    ]
    # The first company somebody is associated with becomes the primary one.
    assert targets(hub, "contacts", contact, "companies") == {company: [1, 279]}
    body = {"inputs": [{"from": {"id": contact}, "to": [{"id": company}]}]}
    assert hub.call("POST", f"{CONTACTS_TO_COMPANIES}/batch/archive", json=body).status == 204
    assert company_of(hub, contact) is None


def test_archiving_a_company_hides_it_from_its_people_until_it_comes_back(hub):
    contact = hub.ids("contacts")[0]
    company = company_of(hub, contact)
    hub.fault("delete", object="companies", ids=[company])
    assert (company_of(hub, contact), targets(hub, "contacts", contact, "companies")) == (None, {})
    hub.fault("undelete", object="companies", ids=[company])
    assert (company_of(hub, contact), targets(hub, "contacts", contact, "companies")) == (company, {company: [1, 279]})


def test_labels_tell_the_types_between_two_kinds(hub):
    assert hub.get("/crm/v4/associations/contacts/companies/labels")["results"] == [
        {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"},
        {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None},
    ]
    bad = hub.call("PUT", f"/crm/v4/objects/contacts/{hub.ids('contacts')[0]}/associations/companies/5", json=[])
    assert (bad.status, bad.json()["subCategory"]) == (400, "crm.associations.INVALID_IDENTIFIER")


def test_more_than_a_thousand_inputs_are_refused(hub):
    body = {"inputs": [{"id": str(number)} for number in range(1, 1_002)]}
    assert hub.call("POST", f"{CONTACTS_TO_COMPANIES}/batch/read", json=body).status == 400
