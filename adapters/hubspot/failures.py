"""What an answer of HubSpot that is no success means to us: status and body -> error; texts of it stay out.

HubSpot's texts quote values and queries, so only categories, property names and our own sentences go into an error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from connector.ports.errors import CrmAuthError, CrmError, CrmMissingField, CrmRateLimited, CrmUnavailable, Verdict

DAY_PAUSE_SECONDS = 3600.0
"""After the day's limit where nobody knows when the portal's midnight is."""
_SECOND, _TEN_SECONDS = 1.0, 10.0
_LOCKED_SECONDS = 2.0
_NOT_SOON_SECONDS = 3600.0
_PASSING = frozenset({408, 425, 500, 502, 503, 504, 521, 523, 524})
_NOT_SOON = frozenset({522, 525, 526})
"""Answers of the edge that HubSpot asks not to repeat at once."""
_OF_THE_PROPERTY = frozenset({"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"})
_CODE = re.compile(r"[A-Z][A-Z_]{0,59}")
_NAME = re.compile(r"[a-z0-9._-]{1,100}")
_CORRELATION = re.compile(r"[0-9a-fA-F-]{8,60}")


class MissingScope(CrmAuthError):
    """The token lacks a scope."""


class Postponed(CrmUnavailable):
    """HubSpot is not available and said how many seconds to wait."""

    def __init__(self, message: str, *, seconds: float, crm: str) -> None:
        self.seconds = seconds
        super().__init__(message, crm=crm)


class Throttled(CrmRateLimited):
    """Too many requests within seconds; `seconds` later it may go on."""

    def __init__(self, message: str, *, seconds: float, crm: str) -> None:
        self.seconds = seconds
        super().__init__(message, retry_after=seconds, crm=crm)


class RefusedBatch(CrmError):
    """HubSpot refused a whole request for what some row of it holds; `said` is our sentence about it."""

    def __init__(self, message: str, *, said: str, crm: str, properties: tuple[str, ...] = ()) -> None:
        self.said, self.properties = said, properties
        super().__init__(message, crm=crm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """The parts of an error body that are there; HubSpot promises none of them, and an HTML page has none."""

    category: str = ""
    message: str = ""
    correlation_id: str = ""
    policy: str = ""
    codes: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


def complaint_of(body: bytes) -> Complaint:
    """What an error body says, in whatever form it came."""
    try:
        parsed: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Complaint()
    return read_complaint(parsed) if isinstance(parsed, dict) else Complaint()


def read_complaint(parsed: Mapping[str, Any]) -> Complaint:
    """What an error object says: of a whole answer, or of one row of a batch."""
    errors = [entry for entry in parsed.get("errors") or () if isinstance(entry, dict)]
    contexts = [entry["context"] for entry in (parsed, *errors) if isinstance(entry.get("context"), dict)]
    return Complaint(
        category=_fit(parsed.get("category"), _CODE),
        message=str(parsed.get("message") or ""),
        correlation_id=_fit(parsed.get("correlationId"), _CORRELATION),
        policy=_fit(parsed.get("policyName"), _CODE),
        codes=tuple(code for entry in errors if (code := _fit(entry.get("code"), _CODE))),
        properties=_names(contexts, "propertyName"),
        scopes=_names(contexts, "requiredGranularScopes"),
    )


def failure_of(status: int, body: bytes, *, headers: Mapping[str, str], crm: str) -> CrmError:
    """The error that an answer outside of 200 to 299 stands for."""
    found = complaint_of(body)
    shown = _shown(status, found, crm=crm)
    if status == 429 or found.category == "RATE_LIMITS" or (status >= 400 and found.policy):
        return _limit(found, shown=shown, wait=_seconds_to_wait(headers), crm=crm)
    if status == 401:
        return CrmAuthError(f"{shown}: the access token is not valid; put a new one into login", crm=crm)
    if status == 403:
        named = f" {', '.join(found.scopes)}" if found.scopes else ""
        return MissingScope(f"{shown}: the access token lacks a scope{named}; grant it to the app or key", crm=crm)
    passing = _passing(status, shown=shown, wait=_seconds_to_wait(headers), crm=crm)
    return passing or _lasting(status, found, shown=shown, crm=crm)


def _passing(status: int, *, shown: str, wait: float | None, crm: str) -> CrmError | None:
    """Failures that a later request may not meet."""
    said = f"{shown}: HubSpot is not available"
    if status == 423:
        return Postponed(f"{shown}: another request holds the records", seconds=wait or _LOCKED_SECONDS, crm=crm)
    if status == 477 or status in _NOT_SOON:
        return Postponed(said, seconds=wait or _NOT_SOON_SECONDS, crm=crm)
    if status in _PASSING or status >= 500 or 300 <= status < 400:
        return CrmUnavailable(said, crm=crm) if wait is None else Postponed(said, seconds=wait, crm=crm)
    return None


def _lasting(status: int, found: Complaint, *, shown: str, crm: str) -> CrmError:
    """Failures that the same request will meet again."""
    if status == 404:
        return CrmMissingField(f"{shown}: the object is missing, or HubSpot no longer serves this path", crm=crm)
    if status == 400 and _OF_THE_PROPERTY & set(found.codes):
        named = ", ".join(found.properties) or "a property"
        return CrmMissingField(f"{shown}: {named} is missing, hidden or read-only", crm=crm)
    if status in (400, 409):
        said, properties = refusal(found), found.properties
        return RefusedBatch(f"{shown}: HubSpot refused the request", said=said, crm=crm, properties=properties)
    return CrmError(f"{shown}: HubSpot refused the request", crm=crm)


def _limit(found: Complaint, *, shown: str, wait: float | None, crm: str) -> CrmError:
    """Which limit it was: by policy first, by words where there is none, and the longer wait where none is told."""
    words = found.message.lower()
    if found.policy == "DAILY" or "daily" in words:
        told = f"{shown}: the day's requests of the portal are used up"
        return CrmRateLimited(told, retry_after=wait or DAY_PAUSE_SECONDS, crm=crm)
    usual = _SECOND if "secondly limit" in words and "ten_secondly" not in words else _TEN_SECONDS
    return Throttled(f"{shown}: too many requests at once", seconds=wait or usual, crm=crm)


def refusal(found: Complaint) -> str:
    """Why a row was refused: the code, our own sentence and the properties it names, never the portal's words."""
    code = next(iter(found.codes), "") or found.category or "UNKNOWN"
    named = f" ({', '.join(found.properties)})" if found.properties else ""
    return f"{code}: {_ROW.get(code, 'the portal refuses the change')}{named}"


_ROW = {
    "VALIDATION_ERROR": "a rule of the portal refuses the record",
    "OBJECT_NOT_FOUND": "the record is missing or hidden from the access token",
    "INVALID_INTEGER": "a value is not what its property takes",
    "INVALID_OWNER_ID": "the owner is unknown or deactivated",
    "INVALID_OPTION": "a value is not among its property's options",
    "CONFLICT": "the record stands against another one",
}


def row_verdict(category: str) -> Verdict:
    """What to do with one row that a batch call refused."""
    return Verdict.RETRY if category in ("RATE_LIMITS", "INTERNAL_ERROR", "LOCKED") else Verdict.SKIP


def _shown(status: int, found: Complaint, *, crm: str) -> str:
    """The start of every error text; HubSpot's support asks for the correlation id."""
    start = f"{crm}: HTTP {status} {found.category}".rstrip()
    return f"{start} (correlation id {found.correlation_id})" if found.correlation_id else start


def _seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """The Retry-After header in seconds; a date or nonsense counts as absent."""
    text = headers.get("Retry-After") or ""
    return float(text) if text.isdigit() else None


def _names(contexts: list[dict[str, Any]], key: str) -> tuple[str, ...]:
    found = (name for context in contexts for name in context.get(key) or () if isinstance(context.get(key), list))
    return tuple(dict.fromkeys(text for name in found if (text := _fit(name, _NAME))))


def _fit(value: Any, form: re.Pattern[str]) -> str:
    """A text that has the form of a name; anything else could be somebody's data."""
    return value if isinstance(value, str) and form.fullmatch(value) else ""
