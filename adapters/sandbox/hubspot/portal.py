"""The front of the portal: common headers, sign-in, limits and faults, then the way to the part that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from email.utils import format_datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from adapters.sandbox.breaking import comes_after, instead, spoiled
from adapters.sandbox.clock import Clock
from adapters.sandbox.faults import Counted, Faults
from adapters.sandbox.hubspot.account import Account
from adapters.sandbox.hubspot.errors import Refusal, invalid
from adapters.sandbox.hubspot.limits import Limits, burst_limit, daily_limit, search_limit
from adapters.sandbox.hubspot.resources import Resources, WrongRoute, kind_of
from adapters.sandbox.state import State
from adapters.sandbox.wire import Answer, Call, compact, packed

ROOTS = ("/crm/", "/crm-object-schemas/", "/account-info/", "/oauth/")
_DOWN = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_NO_ROUTE = b"<html><head><title>Error 404 Not Found</title></head><body><h2>HTTP ERROR 404</h2></body></html>"
_HTML = {"Content-Type": "text/html;charset=utf-8"}
_JSON = {"Content-Type": "application/json;charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Portal:
    """Answers every request below the portal's root paths."""

    state: State
    _: KW_ONLY
    clock: Clock
    faults: Faults
    account: Account
    limits: Limits
    resources: Resources

    def answer(self, call: Call) -> Answer:
        """The answer of the portal."""
        kind, line = kind_of(call.method, call.path), f"{call.method} {call.path}".lower()
        number = self.state.count("hubspot.requests")
        self.state.count(f"hubspot.by_kind.{kind}")
        correlation = self._correlation(number)
        fault = self.faults.failing(line, crm="hubspot")
        if fault is not None and not comes_after(fault):
            return self._failed(fault, correlation)
        answer = self._answer(call, correlation, search=kind == "search")
        if self.faults.loses_answer(line, crm="hubspot"):
            return Answer(answer.status, cut=True)
        answer = packed(answer, accepted=call.headers.get("accept-encoding", ""))
        return answer if fault is None else spoiled(answer, fault)

    def _answer(self, call: Call, correlation: str, *, search: bool) -> Answer:
        limits: dict[str, str] = {}
        try:
            self.account.check(call)
            limits = self.limits.headers(self.clock.now().date(), search=search)
            self.limits.check(search=search)
            status, payload = self._resource(call)
        except Refusal as refusal:
            return self._printed(refusal.status, refusal.body(correlation), correlation, limits)
        except WrongRoute:
            return Answer(404, body=_NO_ROUTE, headers=_HTML)
        return self._printed(status, payload, correlation, limits)

    def _resource(self, call: Call) -> tuple[int, Any]:
        try:
            return self.resources.answer(call)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            # unverified: how the portal answers a body of an unexpected shape.
            raise invalid(f"Invalid input: {type(error).__name__}") from error

    def _failed(self, fault: Counted, correlation: str) -> Answer:
        wait = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        broken, status = instead(fault, page=Answer(502, body=_DOWN, headers=_HTML)), fault.status
        if broken is not None:
            return replace(broken, headers={**broken.headers, **wait})
        make = _FAILURES.get(str(status))
        refusal = make() if make is not None else _failed(int(status), said=fault.message or "internal error")
        return self._printed(refusal.status, refusal.body(correlation), correlation, wait)

    def _printed(self, status: int, payload: Any, correlation: str, more: dict[str, str]) -> Answer:
        headers = {
            **more,
            "X-HubSpot-Correlation-Id": correlation,
            "Date": format_datetime(self.clock.now(), usegmt=True),
        }
        if payload is None:
            return Answer(status, headers=headers)
        return Answer(status, body=compact(payload), headers={**_JSON, **headers})

    def _correlation(self, number: int) -> str:
        """An id of version 7: the milliseconds of now, then a hash of the request's number."""
        millis = int(self.clock.now().timestamp() * 1000)
        rest = int.from_bytes(blake2b(str(number).encode(), digest_size=10).digest())
        high = (millis << 16) | 0x7000 | (rest >> 68)
        low = (0b10 << 62) | (rest & ((1 << 62) - 1))
        return str(UUID(int=(high << 64) | low))


def _failed(status: int, *, said: str) -> Refusal:
    if status == 401:
        return Refusal(401, _EXPIRED, category="EXPIRED_AUTHENTICATION")
    if status == 403:
        context = {"requiredGranularScopes": ["crm.objects.contacts.read"]}
        text = "One or more of the following scopes are required."
        return Refusal(403, text, category="MISSING_SCOPES", context=context)
    if status == 423:
        return Refusal(423, "This resource is locked, try again later", category="LOCKED")  # unverified: the text
    return Refusal(status, said)  # unverified: the text where none is given


def _limit_as_500() -> Refusal:
    return Refusal(500, "internal error", category="RATE_LIMITS")


_EXPIRED = "The OAuth token used to make this call expired 12 second(s) ago."
_FAILURES: dict[str, Callable[[], Refusal]] = {
    "limit": daily_limit,
    "daily": daily_limit,
    "burst": burst_limit,
    "search_limit": search_limit,
    "500_rate": _limit_as_500,
}
