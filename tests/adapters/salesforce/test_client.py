"""How often the org is asked, and what becomes of its answers; over HTTP to a small server of the test."""

import traceback
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from adapters.salesforce.client import Patience, SalesforceClient
from adapters.salesforce.settings import SalesforceSettings
from adapters.salesforce.transport import TIMEOUT_SECONDS, open_session
from adapters.salesforce.writing import push_writes
from connector.domain.records import RecordKind
from connector.ports.crm import Receipt, Write
from connector.ports.errors import (
    CrmAuthError,
    CrmRateLimited,
    CrmUnavailable,
    Verdict,
)
from tests.adapters.salesforce.small_org import ORG, TOKEN, Org, client_of, failing

QUERY = "SELECT Id FROM Contact WHERE Email = 'iris.malouf@kauri.example'"


@pytest.mark.parametrize("name", ["expired session", "expired JWT"])
def test_an_expired_session_of_either_form_is_renewed_once(org: Org, name: str) -> None:
    org.answer = failing(name, times=1)
    assert client_of(org).query("SELECT Id FROM Account", page_size=200).records == []
    assert (org.tokens, len(org.asked)) == (2, 2)


def test_a_session_refused_twice_ends_in_an_auth_error(org: Org) -> None:
    org.answer = failing("expired session", times=99)
    with pytest.raises(CrmAuthError, match="has just given"):
        client_of(org).query("SELECT Id FROM Account", page_size=200)
    assert (org.tokens, len(org.asked)) == (2, 2)


def test_an_expired_fixed_token_is_not_tried_again(org: Org) -> None:
    org.answer = failing("expired session", times=99)
    with pytest.raises(CrmAuthError) as caught:
        client_of(org, flow="token", access_token=TOKEN).query("SELECT Id FROM Account", page_size=200)
    assert "put a new one into login" in str(caught.value)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert (org.tokens, len(org.asked)) == (0, 1)


def test_a_fixed_token_learns_its_org_by_a_query(org: Org) -> None:
    org.answer = lambda method, path: (200, {}, {"records": [{"Id": ORG[:15]}], "done": True})
    assert client_of(org, flow="token", access_token=TOKEN).organisation() == ORG


def test_a_wait_longer_than_our_patience_is_left_to_the_next_run(org: Org) -> None:
    org.answer = failing("maintenance", times=99, headers={"Retry-After": "600"})
    with pytest.raises(CrmUnavailable):
        client_of(org).query("SELECT Id FROM Account", page_size=200)
    assert len(org.asked) == 1


def test_what_is_unavailable_is_asked_as_often_as_patience_allows(org: Org) -> None:
    org.answer = failing("maintenance", times=99)
    with pytest.raises(CrmUnavailable) as caught:
        client_of(org).query(QUERY, page_size=200)
    assert len(org.asked) == 3
    assert "malouf" not in "".join(traceback.format_exception(caught.value))


def test_a_page_that_is_no_json_counts_as_unavailable(org: Org) -> None:
    org.answer = lambda method, path: (200, {"Content-Type": "text/html"}, b"<html>Please log in</html>")
    with pytest.raises(CrmUnavailable, match="not JSON"):
        client_of(org).query("SELECT Id FROM Account", page_size=200)


def test_a_sign_in_that_leads_off_this_machine_is_not_followed(org: Org) -> None:
    org.instance, url = "http://evil.example:8080", org.instance
    values = {"flow": "client_credentials", "url": url, "client_id": "an-id", "client_secret": "a-secret"}
    settings = SalesforceSettings.model_validate({"login": values})
    client = SalesforceClient(settings, crm="sf", pinned_org=None, patience=Patience(attempts=1))
    with pytest.raises(CrmUnavailable, match="InvalidURL"):
        client.query("SELECT Id FROM Account", page_size=200)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            400,
            {"error": "invalid_client_id", "error_description": "client identifier invalid"},
            "not known to this org",
        ),
        (400, {"error": "invalid_grant", "error_description": "no client credentials user enabled"}, "run-as user"),
        (401, {"error": "invalid_client"}, "client_secret is wrong"),
        (400, b"<html></html>", "check login"),
    ],
)
def test_a_refused_sign_in_says_what_to_do(org: Org, status: int, body: Any, expected: str) -> None:
    org.refusal = (status, {}, body)
    with pytest.raises(CrmAuthError, match=expected):
        client_of(org).organisation()


def test_rows_are_matched_by_position_and_a_lock_is_retried_later(org: Org) -> None:
    locked = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}
    answers = [{"success": False, "errors": [locked]}, {"id": "0035e00001AbCdFAAV", "success": True, "errors": []}]
    org.answer = lambda method, path: (200, {}, answers if method == "PATCH" else [None, None])
    writes = [
        Write(key="a", crm_id="0035e00001AbCdEAAV", values={"score": 1.0}),
        Write(key="b", crm_id="0035e00001AbCdFAAV", values={"score": 2.0}),
    ]
    assert push_writes(client_of(org), RecordKind.CONTACT, writes, max_batch=200) == [
        Receipt(
            key="a",
            crm_id="0035e00001AbCdEAAV",
            verdict=Verdict.RETRY,
            message="UNABLE_TO_LOCK_ROW: somebody else is changing the record",
        ),
        Receipt(key="b", crm_id="0035e00001AbCdFAAV"),
    ]


def test_a_record_named_twice_goes_into_two_calls(org: Org) -> None:
    org.answer = lambda method, path: (200, {}, [{"success": True, "errors": []}] if method == "PATCH" else [None])
    writes = [Write(key=key, crm_id="0035e00001AbCdEAAV", values={"score": 1.0}) for key in ("a", "b")]
    receipts = push_writes(client_of(org), RecordKind.CONTACT, writes, max_batch=200)
    assert [receipt.verdict for receipt in receipts] == [None, None]
    assert sum(asked.startswith("PATCH") for asked in org.asked) == 2


def test_a_limit_told_by_a_row_stops_the_push(org: Org) -> None:
    refused = {"statusCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded.", "fields": []}
    answers = [{"success": False, "errors": [refused]}]
    org.answer = lambda method, path: (200, {}, answers if method == "PATCH" else [None])
    with pytest.raises(CrmRateLimited):
        push_writes(
            client_of(org),
            RecordKind.CONTACT,
            [Write(key="a", crm_id="0035e00001AbCdEAAV", values={"score": 1.0})],
            max_batch=200,
        )


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8123", "https://kea.my.salesforce.com"])
def test_every_request_has_a_time_out(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def send(self: HTTPAdapter, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        seen.append((request.url, options["timeout"]))
        raise requests.exceptions.ConnectionError

    monkeypatch.setattr(HTTPAdapter, "send", send)
    url = origin.replace("http://", "https://") + "/services/data"
    with pytest.raises(requests.exceptions.ConnectionError):
        open_session(origin).get(url)
    assert seen == [(f"{origin}/services/data", TIMEOUT_SECONDS)]


def test_a_redirect_to_plain_http_is_not_followed() -> None:
    with pytest.raises(requests.exceptions.InvalidURL):
        open_session("https://kea.my.salesforce.com").get("http://kea.my.salesforce.com/")
