"""How the portal says no: status, category and the fields of its error body, each of which may be missing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any


class Refusal(Exception):
    """A request, or one input of a batch, is refused."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        category: str | None = None,
        context: dict[str, list[str]] | None = None,
        errors: Sequence[dict[str, Any]] = (),
        sub_category: str | None = None,
        more: dict[str, Any] | None = None,
        existing: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.category = status, message, category
        self.context, self.errors, self.sub_category, self.more = context, list(errors), sub_category, more or {}
        self.existing = existing  # told in batch answers only

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The body of a refused request."""
        return {"status": "error", "message": self.message, "correlationId": correlation_id, **self._rest()}

    def entry(self, context: dict[str, list[str]] | None = None) -> dict[str, Any]:
        """The entry for one input in a batch answer that went partly well."""
        whole = {**(self.context or {}), **(context or {})}
        rest = {**self._rest(), "context": whole} if whole else self._rest()
        return {"status": "error", "message": self.message, **rest}

    def _rest(self) -> dict[str, Any]:
        named = {
            "category": self.category,
            "subCategory": self.sub_category,
            "context": self.context,
            "errors": self.errors or None,
        }
        return {**{name: value for name, value in named.items() if value is not None}, **self.more}


@dataclass(frozen=True, slots=True)
class BadValue:
    """One property value that cannot be stored, and why."""

    name: str
    _: KW_ONLY
    code: str
    message: str


def invalid(message: str, **more: Any) -> Refusal:
    """A 400 of the general kind."""
    return Refusal(400, message, category="VALIDATION_ERROR", **more)


def invalid_values(found: Sequence[BadValue]) -> Refusal:
    """A 400 that names every bad value, in its text and in its entries."""
    listed = [
        {
            "isValid": False,
            "message": one.message,
            "error": one.code,
            "name": one.name,
            "localizedErrorMessage": one.message,
        }
        for one in found
    ]
    entries = [{"message": one.message, "code": one.code, "context": {"propertyName": [one.name]}} for one in found]
    text = json.dumps(listed, separators=(",", ":"), ensure_ascii=False)
    return invalid(f"Property values were not valid: {text}", errors=entries)


def not_found() -> Refusal:
    """A 404 for a record nobody has."""
    return Refusal(404, "resource not found")


def missing_many(legacy: str, ids: Sequence[str]) -> Refusal:
    """What a batch says about the ids nobody has."""
    text = f"Could not get some {legacy} objects, they may be deleted or not exist. Check that ids are valid."
    return Refusal(404, text, category="OBJECT_NOT_FOUND", context={"ids": list(ids)})


def missing_scope(scope: str) -> Refusal:
    """A 403 for a token that may not see a kind of record."""
    text = "One or more of the following scopes are required."
    return Refusal(403, text, category="MISSING_SCOPES", context={"requiredGranularScopes": [scope]})


def bad_credentials() -> Refusal:
    """A 401 for no token or an unknown one."""
    text = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details"
        " at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return Refusal(401, text, category="INVALID_AUTHENTICATION")
