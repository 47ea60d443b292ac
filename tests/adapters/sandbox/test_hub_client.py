"""The portal spoken to by the vendor's own client library: over HTTP, raw and through its models."""

from __future__ import annotations

import json

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import BatchInputSimplePublicObjectBatchInput, PublicObjectSearchRequest
from hubspot.crm.objects import ApiClient, Configuration


@pytest.fixture(scope="module")
def told(start_sandbox):
    return start_sandbox(accounts=10, contacts=40)


@pytest.fixture(scope="module")
def portal(told):
    return told.ready["hubspot"]


@pytest.fixture
def call(portal):
    configuration = Configuration()
    configuration.host, configuration.access_token = portal["url"], portal["access_token"]
    client = ApiClient(configuration)

    def send(method, path, body=None, query=()):
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        answer = client.call_api(
            path,
            method,
            query_params=list(query),
            header_params=headers,
            body=body,
            auth_settings=["oauth2"],
            _preload_content=False,
            _request_timeout=(3, 30),
        )
        return answer.status, json.loads(answer.data)

    return send


@pytest.fixture(scope="module")
def library(portal):
    client = HubSpot(access_token=portal["access_token"])
    client.config["host"] = portal["url"]
    return client


def test_raw_calls_reach_dated_paths_and_see_what_goes_partly_well(call):
    query = [("limit", 100), ("archived", False), ("properties", "email"), ("properties", "jobtitle")]
    status, page = call("GET", "/crm/objects/2026-03/contacts", query=query)
    first = page["results"][0]
    assert (status, len(page["results"]), {"email", "jobtitle"} <= first["properties"].keys()) == (200, 100, True)
    inputs = [{"id": first["id"], "properties": {"closedloop_score": "9"}}, {"id": "5", "properties": {}}]
    status, batch = call("POST", "/crm/objects/2026-03/contacts/batch/update", {"inputs": inputs})
    assert (status, [one["id"] for one in batch["results"]], batch["numErrors"]) == (207, [first["id"]], 1)


def test_the_library_pages_and_models_what_the_portal_answers(library):
    contacts = library.crm.contacts.get_all(properties=["email", "closedloop_score"])
    companies = library.crm.companies.get_all()
    assert (len({one.id for one in contacts}), len(companies)) == (400, 60)
    assert (contacts[0].archived, contacts[0].created_at.tzinfo is None) == (False, False)
    owners = library.crm.owners.owners_api.get_page(limit=100, archived=False)
    assert len(owners.results) == 12


def test_the_library_searches_and_writes(library):
    group = {"filters": [{"propertyName": "hs_email_optout", "operator": "EQ", "value": "true"}]}
    wanted = PublicObjectSearchRequest(filter_groups=[group], properties=["hs_email_optout"], limit=100)
    found = library.crm.contacts.search_api.do_search(public_object_search_request=wanted)
    assert (found.total, {one.properties["hs_email_optout"] for one in found.results}) == (len(found.results), {"true"})
    inputs = [{"id": one.id, "properties": {"closedloop_hold_reason": "x"}} for one in found.results[:2]]
    batch = BatchInputSimplePublicObjectBatchInput(inputs=inputs)
    done = library.crm.contacts.batch_api.update(batch_input_simple_public_object_batch_input=batch)
    assert [one.properties["closedloop_hold_reason"] for one in done.results] == ["x", "x"]


def test_the_library_reads_associations_and_finds_by_a_quoted_address(library, call):
    contact = next(one for one in library.crm.contacts.get_all(properties=["email"]) if one.properties["email"])
    mail = contact.properties["email"]
    found = library.crm.contacts.basic_api.get_by_id(mail, id_property="email")
    assert found.id == contact.id
    page = library.crm.associations.v4.basic_api.get_page("contacts", contact.id, "companies")
    assert {kind.type_id for one in page.results for kind in one.association_types} == {1, 279}


def test_a_wrong_token_is_told_as_such(portal):
    client = HubSpot(access_token="pat-eu1-wrong")
    client.config["host"] = portal["url"]
    with pytest.raises(Exception, match="INVALID_AUTHENTICATION"):
        client.crm.owners.owners_api.get_page()
