"""Which error each answer of HubSpot becomes, on invented bodies."""

import json
from pathlib import Path

import pytest

from adapters.hubspot.failures import MissingScope, Postponed, RefusedBatch, Throttled, failure_of, row_verdict
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
    "bad token": CrmAuthError,
    "expired token": CrmAuthError,
    "missing scope": MissingScope,
    "missing scope, other form": MissingScope,
    "search limit": Throttled,
    "burst limit": Throttled,
    "daily limit": CrmRateLimited,
    "limit as 500": Throttled,
    "locked": Postponed,
    "moving": Postponed,
    "down": CrmUnavailable,
    "edge": Postponed,
    "unknown path": CrmMissingField,
    "missing property": CrmMissingField,
    "bad value": RefusedBatch,
    "taken value": RefusedBatch,
    "too long": CrmError,
    "no category": RefusedBatch,
}


def error_of(name: str, headers: dict[str, str] | None = None) -> CrmError:
    entry = ERRORS[name]
    return failure_of(entry["status"], json.dumps(entry["body"]).encode(), headers=headers or {}, crm="hub")


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_each_answer_becomes_its_error_and_tells_nobodys_address(name: str) -> None:
    error = error_of(name)
    assert type(error) is TABLE[name]
    assert "malouf" not in str(error)
    assert ("0198a5b1-0d1c-7f3e-9d57-1f6f8b1f1c11" in str(error)) is (name != "no category")


def test_the_waits_of_the_limits_differ() -> None:
    errors = [error_of(name) for name in ("search limit", "burst limit", "daily limit", "limit as 500")]
    assert [getattr(error, "retry_after", None) for error in errors] == [1.0, 10.0, 3600.0, 10.0]
    assert getattr(error_of("burst limit", {"Retry-After": "7"}), "retry_after", None) == 7.0


@pytest.mark.parametrize(
    ("name", "headers", "seconds"),
    [
        ("locked", {}, 2.0),
        ("moving", {"Retry-After": "86400"}, 86400.0),
        ("edge", {}, 3600.0),
        ("down", {"Retry-After": "9"}, 9.0),
    ],
)
def test_a_failure_that_passes_names_its_wait(name: str, headers: dict[str, str], seconds: float) -> None:
    error = error_of(name, headers)
    assert isinstance(error, Postponed)
    assert error.seconds == seconds


def test_scopes_and_properties_are_named() -> None:
    assert "lacks a scope crm.objects.contacts.read;" in str(error_of("missing scope"))
    assert "lacks a scope crm.objects.deals.read;" in str(error_of("missing scope, other form"))
    assert "closedloop_score is missing, hidden or read-only" in str(error_of("missing property"))


def test_a_refused_row_is_told_by_code_and_property_and_never_by_hubspots_words() -> None:
    error = error_of("bad value")
    assert isinstance(error, RefusedBatch)
    assert error.said == "INVALID_INTEGER: a value is not what its property takes (closedloop_score)"


@pytest.mark.parametrize("body", [b"<html><body>Down</body></html>", b"", b"[]", b'"text"', b'{"errors": [1, "x"]}'])
def test_a_body_of_any_form_is_judged_by_its_status(body: bytes) -> None:
    judged = [type(failure_of(status, body, headers={}, crm="hub")) for status in (302, 401, 403, 404, 429, 503)]
    assert judged == [CrmUnavailable, CrmAuthError, MissingScope, CrmMissingField, Throttled, CrmUnavailable]


@pytest.mark.parametrize(
    ("category", "verdict"),
    [
        ("OBJECT_NOT_FOUND", Verdict.SKIP),
        ("VALIDATION_ERROR", Verdict.SKIP),
        ("CONFLICT", Verdict.SKIP),
        ("UNKNOWN", Verdict.SKIP),
        ("RATE_LIMITS", Verdict.RETRY),
    ],
)
def test_a_refused_row_has_its_verdict(category: str, verdict: Verdict) -> None:
    assert row_verdict(category) is verdict
