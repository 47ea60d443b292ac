"""Signing in, tokens that die, and faults that can be switched."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

import pytest

from adapters.sandbox.salesforce.auth import credentials
from adapters.sandbox.wire import Call

EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def sign_in(org, *, basic=None, **form):
    headers = {}
    if basic:
        headers["authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
    call = Call("POST", path="/services/oauth2/token", headers=headers, body=urlencode(form).encode())
    return org.house.answer(call, "http://127.0.0.1:1")


def test_client_credentials_are_taken_from_the_header_or_the_body(org):
    known = credentials(org.house.plan)
    by_header = sign_in(org, basic=(known.client_id, known.client_secret), grant_type="client_credentials")
    by_body = sign_in(
        org, grant_type="client_credentials", client_id=known.client_id, client_secret=known.client_secret
    )
    for answer in (by_header, by_body):
        token = answer.json()
        assert list(token) == [
            "access_token",
            "signature",
            "scope",
            "instance_url",
            "id",
            "token_type",
            "issued_at",
            "api_instance_url",
        ]
        org_id, user = org.house.plan.id("Organization", 0), org.house.plan.integration_user
        assert (token["instance_url"], token["id"]) == (
            "http://127.0.0.1:1",
            f"https://login.salesforce.com/id/{org_id}/{user}",
        )
        org.token = token["access_token"]
        assert org.call("GET", "limits").status == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (
            {"grant_type": "password"},
            {"error": "unsupported_grant_type", "error_description": "grant type not supported"},
        ),
        (
            {"grant_type": "client_credentials", "client_id": "x"},
            {"error": "invalid_client_id", "error_description": "client identifier invalid"},
        ),
    ],
)
def test_wrong_credentials_are_refused(org, form, error):
    answer = sign_in(org, **form)
    assert (answer.status, answer.json()) == (400, error)


def test_a_wrong_secret_is_refused(org):
    known = credentials(org.house.plan)
    answer = sign_in(org, basic=(known.client_id, "wrong"), grant_type="client_credentials")
    assert (answer.status, answer.json()["error"]) == (400, "invalid_client")


def test_a_missing_unknown_or_malformed_token_is_refused(org):
    header = [{"message": "INVALID_HEADER_TYPE", "errorCode": "INVALID_AUTH_HEADER"}]
    cases = {"Bearer unknown": EXPIRED, "": EXPIRED, "Basic eDp5": header, "Bearer": header}
    answers = {text: org.call("GET", "limits", headers={"authorization": text}) for text in cases}
    assert {text: answer.json() for text, answer in answers.items()} == cases
    assert {answer.status for answer in answers.values()} == {401}


def test_user_info_tells_the_org_and_refuses_a_bad_token_in_text(org):
    info = org.get("/services/oauth2/userinfo")
    assert (info["organization_id"], info["user_id"]) == (
        org.house.plan.id("Organization", 0),
        org.house.plan.integration_user,
    )
    answer = org.call("GET", "/services/oauth2/userinfo", headers={"authorization": "Bearer no"})
    assert (answer.status, answer.body) == (403, b"Bad_OAuth_Token")


def test_the_versions_are_listed_without_a_token(org):
    versions = org.call("GET", "/services/data/", headers={"authorization": ""}).json()
    assert versions[0] == {"label": "Summer '14", "url": "/services/data/v31.0", "version": "31.0"}
    assert versions[-1] == {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}
    assert len(versions) == 38


def test_all_tokens_can_expire_and_come_back(org):
    org.fault("expire_tokens")
    assert org.call("GET", "limits").json() == EXPIRED
    org.call("DELETE", "/_sandbox/faults")
    assert org.call("GET", "limits").status == 200


def test_a_token_can_die_in_the_middle_of_paging(org):
    org.fault("small_pages", size=200)
    org.fault("expire_after", requests=2)
    first = org.soql("SELECT Id FROM Contact")
    second = org.get(first["nextRecordsUrl"])
    assert second["done"] is False
    assert org.get(second["nextRecordsUrl"]) == EXPIRED


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (503, (503, "SERVER_UNAVAILABLE")),
        (500, (500, "UNKNOWN_EXCEPTION")),
        ("limit", (403, "REQUEST_LIMIT_EXCEEDED")),
    ],
)
def test_the_next_requests_can_be_made_to_fail(org, status, expected):
    org.fault("fail_next", count=2, status=status, path_contains="LIMITS")
    assert org.call("GET", "sobjects").status == 200
    for _ in range(2):
        answer = org.call("GET", "limits")
        assert (answer.status, answer.json()[0]["errorCode"]) == expected
    assert org.call("GET", "limits").status == 200


def test_a_failure_can_be_a_page_nothing_or_a_reset_line(org):
    for values in ({"status": "html"}, {"status": "html", "code": 200}, {"status": "empty"}, {"status": "reset"}):
        org.fault("fail_next", **values)
    down, page, empty, reset = (org.call("GET", "limits") for _ in range(4))
    assert (down.status, page.status, page.headers["Content-Type"], page.body[:6]) == (503, 200, "text/html", b"<html>")
    assert (empty.status, empty.body, reset.cut, reset.reset) == (200, b"", True, True)


def test_an_answer_to_work_that_is_done_can_break_off(org):
    for number, values in enumerate(({"status": "cut"}, {"status": "reset", "when": "middle"}, {"status": "half"})):
        org.fault("fail_next", path_contains="/sobjects/contact", **values)
        answer = org.call("POST", "sobjects/Contact", json={"LastName": f"Halfanswer{number}"})
        assert (answer.status, answer.cut) == (201, False)
        assert org.soql(f"SELECT count() FROM Contact WHERE LastName = 'Halfanswer{number}'")["totalSize"] == 1
    org.fault("fail_next", path_contains="/oauth2/token", status="empty")
    assert sign_in(org).body == b""


def test_an_answer_can_be_lost_after_the_work_is_done(org):
    org.fault("answer_lost", path_contains="/sobjects/contact")
    answer = org.call("POST", "sobjects/Contact", json={"LastName": "Lostanswer"})
    assert (answer.cut, answer.body) == (True, b"")
    assert org.soql("SELECT count() FROM Contact WHERE LastName = 'Lostanswer'")["totalSize"] == 1


def test_a_record_can_refuse_every_change_until_the_faults_are_off(org):
    record_id = org.ids("SELECT Id FROM Contact LIMIT 1")[0]
    org.fault("reject_record", object="Contact", id=record_id, statusCode="UNABLE_TO_LOCK_ROW", message="locked")
    path = f"sobjects/Contact/{record_id}"
    error = [{"message": "locked", "errorCode": "UNABLE_TO_LOCK_ROW", "fields": []}]
    assert org.call("PATCH", path, json={"Title": "x"}).json() == error
    org.call("DELETE", "/_sandbox/faults")
    assert org.call("PATCH", path, json={"Title": "x"}).status == 204


def test_a_uri_that_is_too_long_is_refused_in_html(org):
    call = Call("GET", path="/services/data/v68.0/query", uri_bytes=16_385, headers={})
    assert org.house.answer(call, "").status == 414
    call = Call("GET", path="/services/data/v68.0/query", uri_bytes=16_000, header_bytes=400, headers={})
    assert org.house.answer(call, "").status == 431


def test_the_daily_limit_is_counted_by_the_sandboxes_day(org):
    org.house.state.count("api usage 2026-01-05", 112_000)
    text = "TotalRequests Limit exceeded."
    answer = org.call("GET", "limits")
    assert (answer.status, answer.json()) == (403, [{"message": text, "errorCode": "REQUEST_LIMIT_EXCEEDED"}])
    org.turn("2026-01-06T06:00:00Z")
    assert org.call("GET", "limits").status == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"name": "nonsense"},
        {"name": "small_pages"},
        {"name": "touch", "object": "Contact", "id": "003000000000000AAA"},
        {"name": "touch", "object": "Lead", "id": "x"},
        {"name": "smtp_drop", "when": "later"},
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_a_reason(org, fault):
    answer = org.call("POST", "/_sandbox/faults", json=fault)
    assert (answer.status, list(answer.json())) == (400, ["error"])


def test_a_record_is_shown_as_its_page_shows_it(org):
    record_id = org.ids("SELECT Id FROM Contact LIMIT 1")[0]
    org.call("PATCH", f"sobjects/Contact/{record_id}", json={"Closedloop_Score__c": 9})
    page = org.get(f"/_sandbox/records/contact/{record_id}")
    account = org.one(f"SELECT Account.Name, Owner.Name FROM Contact WHERE Id = '{record_id}'")
    shown = page["shown"]
    assert (shown["Account"], shown["Owner"], shown["Closedloop Score"]) == (
        account["Account"]["Name"],
        account["Owner"]["Name"],
        9.0,
    )
    assert org.get("/_sandbox/records/Contact", Closedloop_Score__c="9.0", limit="5") == [page["values"]]
    assert org.call("GET", "/_sandbox/records/Contact/003000000000000AAA").status == 404
    assert org.call("GET", "/_sandbox/nothing").status == 404
