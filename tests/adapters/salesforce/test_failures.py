"""Which error each answer of the org becomes, on invented bodies."""

import json
from pathlib import Path

import pytest

from adapters.salesforce.failures import (
    ExpiredSession,
    Postponed,
    RefusedWindow,
    StaleLocator,
    failure_of,
    row_refusal,
    row_verdict,
)
from connector.ports.errors import (
    CrmAuthError,
    CrmError,
    CrmMissingField,
    CrmRateLimited,
    CrmUnavailable,
    Verdict,
)

ERRORS = json.loads((Path(__file__).parent / "payloads" / "errors.json").read_text())
TABLE = {
    "expired session": ExpiredSession,
    "expired JWT": ExpiredSession,
    "day's limit": CrmRateLimited,
    "long calls": CrmRateLimited,
    "no right": CrmAuthError,
    "maintenance": CrmUnavailable,
    "slow query": CrmUnavailable,
    "hidden field": CrmMissingField,
    "hidden object": CrmMissingField,
    "unknown path": CrmMissingField,
    "stale locator": StaleLocator,
    "window": RefusedWindow,
    "retired version": CrmError,
    "bad query": CrmError,
}


def error_of(name: str, headers: dict[str, str] | None = None) -> CrmError:
    entry = ERRORS[name]
    return failure_of(entry["status"], json.dumps(entry["body"]).encode(), headers=headers or {}, crm="sf")


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_each_answer_becomes_its_error_and_tells_nobodys_address(name: str) -> None:
    error = error_of(name)
    assert type(error) is TABLE[name]
    assert "malouf" not in str(error)
    assert "SELECT" not in str(error)


def test_the_waits_of_the_limits_differ() -> None:
    day, calls = error_of("day's limit"), error_of("long calls", {"Retry-After": "7"})
    assert isinstance(day, CrmRateLimited)
    assert isinstance(calls, CrmRateLimited)
    assert (day.retry_after, calls.retry_after) == (3600.0, 7.0)
    assert getattr(error_of("long calls"), "retry_after", None) == 30.0


def test_a_hidden_field_is_named() -> None:
    assert "Contact.Shoe__c is missing or hidden" in str(error_of("hidden field"))


def test_an_html_page_is_judged_by_its_status() -> None:
    page = b"<html><body>Down for maintenance</body></html>"
    assert type(failure_of(503, page, headers={}, crm="sf")) is CrmUnavailable
    assert type(failure_of(503, page, headers={"Retry-After": "9"}, crm="sf")) is Postponed
    assert type(failure_of(404, page, headers={}, crm="sf")) is CrmMissingField


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("UNABLE_TO_LOCK_ROW", Verdict.RETRY),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Verdict.SKIP),
        ("INVALID_CROSS_REFERENCE_KEY", Verdict.SKIP),
        ("ENTITY_IS_DELETED", Verdict.SKIP),
    ],
)
def test_a_refused_row_has_its_verdict(code: str, verdict: Verdict) -> None:
    assert row_verdict(code) is verdict


def test_a_refused_row_is_told_by_code_and_fields_and_never_in_the_words_of_the_org() -> None:
    locked = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "locked by June Malouf", "fields": []}
    invalid = {
        "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "message": "June Malouf, +61 2 5550 1234, needs a birthday",
        "fields": ["Birthdate", "june.malouf@wattle.example", 7, "Phone"],
    }
    strange = {"statusCode": "June Malouf", "message": "june.malouf@wattle.example", "fields": "Phone"}
    assert row_refusal([locked, invalid, strange, invalid, {}]) == (
        "UNABLE_TO_LOCK_ROW: somebody else is changing the record; "
        "FIELD_CUSTOM_VALIDATION_EXCEPTION: a validation rule of the org refuses the record (Birthdate, Phone); "
        "UNKNOWN: the org refused the change"
    )


def test_of_many_fields_the_first_are_named() -> None:
    error = {"statusCode": "REQUIRED_FIELD_MISSING", "fields": [f"Field_{n}__c" for n in range(400)]}
    assert row_refusal([error]) == (
        "REQUIRED_FIELD_MISSING: a required field of the record is empty"
        " (Field_0__c, Field_1__c, Field_2__c, Field_3__c, Field_4__c)"
    )


def test_a_code_that_is_no_code_is_not_told() -> None:
    body = json.dumps([{"errorCode": "june.malouf@wattle.example", "message": "June Malouf"}]).encode()
    assert str(failure_of(400, body, headers={}, crm="sf")) == "sf: HTTP 400: the org refused the request"
