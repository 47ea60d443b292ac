"""What an answer of Salesforce that is not a success means to us: status and code -> error; texts of it stay out.

Salesforce's texts quote queries and values, so only codes and our own sentences go into an error.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from connector.ports.errors import (
    CrmAuthError,
    CrmError,
    CrmMissingField,
    CrmOwnerRefused,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
    Verdict,
)

LIMIT_PAUSE_SECONDS = 3600.0
"""REQUEST_LIMIT_EXCEEDED counts a rolling day: asking again soon only keeps the door shut."""
CONCURRENT_PAUSE_SECONDS = 30.0
"""The same code for too many calls above 20 seconds at once; these end by themselves."""
_PASSING = frozenset({"SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "UNABLE_TO_LOCK_ROW", "REQUEST_RUNNING_TOO_LONG"})
_NAME = re.compile(r"[A-Za-z0-9_.]{1,80}")
"""A code or the name of a field: it stands in an error only where it looks like one, as an answer may hold anything."""
FIELDS_SHOWN = 5
_OF_THE_FIELD = frozenset({"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"})
_COLUMN = re.compile(r"No such column '([A-Za-z0-9_.]{1,80})' on entity '([A-Za-z0-9_]{1,80})'")


class ExpiredSession(CrmAuthError):
    """The access token has expired."""


class StaleLocator(CrmError):
    """The place in a query's result is no longer known: read on from the last record."""


class RefusedWindow(CrmError):
    """The time window of a replication call is outside what the org remembers."""


class Postponed(CrmUnavailable):
    """The org is not available and said how many seconds to wait."""

    def __init__(self, message: str, *, seconds: float, crm: str) -> None:
        self.seconds = seconds
        super().__init__(message, crm=crm)


def first_error(body: bytes) -> tuple[str, str]:
    """Code and message of an error body; empty texts where it is no such body, for example an HTML page."""
    try:
        parsed: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    entry = parsed[0] if isinstance(parsed, list) and parsed else parsed
    if not isinstance(entry, dict):
        return "", ""
    return _named(entry.get("errorCode") or entry.get("error")), str(entry.get("message") or "")


def _named(value: Any) -> str:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """The Retry-After header in seconds; a date or nonsense counts as absent."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None


def failure_of(status: int, body: bytes, *, headers: Mapping[str, str], crm: str) -> CrmError:
    """The error that an answer of status 300 or more stands for."""
    code, message = first_error(body)
    shown = f"{crm}: HTTP {status} {code}".rstrip()
    wait = seconds_to_wait(headers)
    if status == 401:  # INVALID_SESSION_ID, or INVALID_AUTH_HEADER and INVALID_JWT_FORMAT for tokens that are JWTs
        return ExpiredSession(f"{shown}: the access token has expired or was revoked", crm=crm)
    if code == "REQUEST_LIMIT_EXCEEDED" or status == 429:
        usual = CONCURRENT_PAUSE_SECONDS if "Concurrent" in message else LIMIT_PAUSE_SECONDS
        return CrmRateLimited(f"{shown}: the org's request limit is used up", retry_after=wait or usual, crm=crm)
    if status >= 500 or status == 420 or code in _PASSING:
        said = f"{shown}: the org is not available"
        return CrmUnavailable(said, crm=crm) if wait is None else Postponed(said, seconds=wait, crm=crm)
    return _lasting(code, message, status=status, shown=shown, crm=crm)


def _lasting(code: str, message: str, *, status: int, shown: str, crm: str) -> CrmError:
    """Failures that the same request will meet again."""
    if code == "INVALID_QUERY_LOCATOR":
        return StaleLocator(f"{shown}: the result's place has expired", crm=crm)
    if code in ("INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT"):
        return RefusedWindow(f"{shown}: the org refuses this time window", crm=crm)
    if code == "INVALID_FIELD":
        found = _COLUMN.search(message)
        name = f"{found[2]}.{found[1]}" if found else "a field"
        return CrmMissingField(f"{shown}: {name} is missing or hidden; grant the integration user access", crm=crm)
    if code == "INVALID_TYPE" or status == 404:
        return CrmMissingField(f"{shown}: the object is missing or hidden; grant the integration user access", crm=crm)
    if status == 403:
        return CrmAuthError(f"{shown}: the integration user may not do this; check its permission set", crm=crm)
    if status == 410:
        return CrmError(f"{shown}: the org no longer serves this api_version; set a newer one", crm=crm)
    return CrmError(f"{shown}: the org refused the request", crm=crm)


def sign_in_failure(status: int, body: bytes, *, headers: Mapping[str, str], crm: str) -> CrmError:
    """The error that a refused token request stands for."""
    if status >= 500 or status == 429:
        return failure_of(status, body, headers=headers, crm=crm)
    code, _ = first_error(body)
    remedy = _SIGN_IN.get(_description(body)) or _SIGN_IN.get(code) or "check login in the settings"
    return CrmAuthError(f"{crm}: sign-in refused (HTTP {status} {code}".rstrip() + f"): {remedy}", crm=crm)


_SIGN_IN = {
    "no client credentials user enabled": "choose a run-as user in the client-credentials policy of the app",
    "invalid_client_id": "client_id is not known to this org",
    "invalid_client": "client_id or client_secret is wrong",
    "invalid_grant": "client_id or client_secret is wrong, or the app is not allowed for this user",
    "unsupported_grant_type": "switch the client-credentials flow on in the app",
}


def _description(body: bytes) -> str:
    """The longer text of a token error, compared and never shown."""
    try:
        parsed: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    return str(parsed.get("error_description") or "") if isinstance(parsed, dict) else ""


def row_verdict(code: str) -> Verdict:
    """What to do with one row that a collection call refused."""
    return Verdict.RETRY if code in _PASSING else Verdict.SKIP


def row_code(error: Mapping[str, Any]) -> str:
    """The code of one error of a row; UNKNOWN where there is none."""
    return _named(error.get("statusCode")) or "UNKNOWN"


def row_refusal(errors: Sequence[Mapping[str, Any]]) -> str:
    """Why a row was refused: each code with our own sentence and the fields it names, never the org's words."""
    return "; ".join(dict.fromkeys(_row_sentence(error) for error in errors))


def limit_of_row(code: str, *, crm: str) -> CrmRateLimited | None:
    """The error of a used up request limit, which a collection call may tell row by row."""
    if code != "REQUEST_LIMIT_EXCEEDED":
        return None
    said = f"{crm}: {code}: the org's request limit is used up"
    return CrmRateLimited(said, retry_after=LIMIT_PAUSE_SECONDS, crm=crm)


def row_failure(errors: Sequence[Mapping[str, Any]], *, crm: str, owner_field: str) -> CrmError:
    """The error that one refused row stands for where it is all that was asked for."""
    code, said = row_code(errors[0]), row_refusal(errors)
    limit = limit_of_row(code, crm=crm)
    if limit:
        return limit
    if row_verdict(code) is Verdict.RETRY:
        return CrmUnavailable(f"{crm}: {said}", crm=crm)
    if code in _OF_THE_FIELD:
        return CrmMissingField(f"{crm}: {said}", crm=crm)
    is_of_owner = code == "INACTIVE_OWNER_OR_USER" or owner_field in _fields(errors[0])
    return (CrmOwnerRefused if is_of_owner else CrmRejected)(said, crm=crm)


def _fields(error: Mapping[str, Any]) -> list[str]:
    told = error.get("fields")
    return [name for name in map(_named, told if isinstance(told, list) else ()) if name]


def _row_sentence(error: Mapping[str, Any]) -> str:
    code = row_code(error)
    fields = _fields(error)
    shown = f" ({', '.join(fields[:FIELDS_SHOWN])})" if fields else ""
    return f"{code}: {_ROW.get(code, 'the org refused the change')}{shown}"


_ROW = {
    "UNABLE_TO_LOCK_ROW": "somebody else is changing the record",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "a validation rule of the org refuses the record",
    "REQUIRED_FIELD_MISSING": "a required field of the record is empty",
    "INVALID_EMAIL_ADDRESS": "a mail address on the record is not valid",
    "DUPLICATES_DETECTED": "a duplicate rule of the org refuses the record",
    "INVALID_CROSS_REFERENCE_KEY": "the record is missing or hidden from the integration user",
    "MALFORMED_ID": "this is no record's id",
    "ENTITY_IS_DELETED": "the record is deleted",
    "INVALID_FIELD": "a field is missing or hidden from the integration user; check its permission set",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "the integration user may not change a field; check its permission set",
    "INSUFFICIENT_ACCESS_OR_READONLY": "the integration user may not change the record; check its permission set",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "the integration user may not use a record it refers to",
    "INACTIVE_OWNER_OR_USER": "the record's owner is no longer active",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "an automation of the org (trigger or flow) refuses the change",
    "STORAGE_LIMIT_EXCEEDED": "the org's storage is full",
}
