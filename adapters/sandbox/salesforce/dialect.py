"""The front of the org: common headers, sign-in, limits and faults, then the way to the part that answers."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from adapters.sandbox.breaking import comes_after, instead, spoiled
from adapters.sandbox.clock import Clock
from adapters.sandbox.faults import Counted, Faults
from adapters.sandbox.salesforce.auth import Sessions
from adapters.sandbox.salesforce.errors import Refusal, not_found
from adapters.sandbox.salesforce.resources import Request, Resources, kind_of
from adapters.sandbox.salesforce.versions import NEWEST, OLDEST, RETIRED_BELOW, listed
from adapters.sandbox.state import State
from adapters.sandbox.wire import Answer, Call, compact, packed, pretty

DAILY_REQUESTS = 112_000  # Enterprise with twelve licences: 100,000 + 12 x 1,000
_LONGEST_URI = 16_384
_PAGE = Answer(
    503,
    body=b"<html><head><title>Service unavailable</title></head><body><h1>Down for maintenance</h1></body></html>",
    headers={"Content-Type": "text/html"},
)


@dataclass(frozen=True, slots=True)
class Salesforce:
    """Answers every request below /services/."""

    state: State
    _: KW_ONLY
    clock: Clock
    faults: Faults
    sessions: Sessions
    resources: Resources

    def answer(self, call: Call, base: str) -> Answer:
        """The answer of the org reached at this base URL."""
        path = call.path.rstrip("/")
        kind = kind_of(call.method, path)
        self.state.count("salesforce.requests")
        self.state.count(f"salesforce.by_kind.{kind}")
        if call.uri_bytes > _LONGEST_URI or call.header_bytes + call.uri_bytes > _LONGEST_URI:
            status = 414 if call.uri_bytes > _LONGEST_URI else 431
            return Answer(status, body=b"<html><body>Bad Message</body></html>", headers={"Content-Type": "text/html"})
        line = f"{call.method} {path}".lower()  # so that a fault can be meant for writes alone
        fault = self.faults.failing(line, crm="salesforce")
        if fault is not None and not comes_after(fault):
            return self._failed(fault)
        answer = self._answer(call, path, base)
        if self.faults.loses_answer(line):
            return Answer(answer.status, cut=True)
        answer = packed(answer, accepted=call.headers.get("accept-encoding", ""))
        return answer if fault is None else spoiled(answer, fault)

    def _answer(self, call: Call, path: str, base: str) -> Answer:
        if path == "/services/oauth2/token":
            if call.method != "POST":
                return self._printed(call, 405, _wrong_method(call.method, "POST").body())
            return self._dated(self.sessions.sign_in(call, base))
        if path == "/services/oauth2/userinfo":
            return self._userinfo(call, base)
        if path == "/services/data" and call.method == "GET":
            return self._printed(call, 200, listed())
        try:
            return self._resource(call, path)
        except Refusal as refusal:
            return self._printed(call, refusal.status, refusal.body())

    def _userinfo(self, call: Call, base: str) -> Answer:
        try:
            self.sessions.check(call)
        except Refusal:
            return self._dated(
                Answer(403, body=b"Bad_OAuth_Token", headers={"Content-Type": "text/html;charset=UTF-8"})
            )
        return self._printed(call, 200, self.sessions.userinfo(base))

    def _resource(self, call: Call, path: str) -> Answer:
        parts = path.split("/")[3:]  # after /services/data
        if not path.startswith("/services/data/") or not parts:
            raise not_found()
        version = _version(parts[0])
        self.sessions.check(call)
        used = self._use()
        request = Request(call, parts=tuple(parts[1:]), version=version, used=used, allowed=DAILY_REQUESTS)
        status, payload, more = self.resources.answer(request)
        return self._printed(call, status, payload, {"Sforce-Limit-Info": f"api-usage={used}/{DAILY_REQUESTS}", **more})

    def _use(self) -> int:
        """Count the request against today's limit; raises REQUEST_LIMIT_EXCEEDED beyond it."""
        used = self.state.count(f"api usage {self.clock.now():%Y-%m-%d}")
        if used > DAILY_REQUESTS:
            raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        return used

    def _failed(self, fault: Counted) -> Answer:
        broken, status = instead(fault, page=_PAGE), fault.status
        if broken is not None:
            return broken
        if status == "limit":
            refusal = Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        elif int(status) == 503:
            said = fault.message or "Too many concurrent requests, try again later"
            refusal = Refusal(503, "SERVER_UNAVAILABLE", said)
        else:
            said = fault.message or "An unexpected error occurred. Please try again."
            refusal = Refusal(int(status), "UNKNOWN_EXCEPTION", said)
        return self._dated(Answer(refusal.status, body=compact(refusal.body()), headers=dict(_COMMON)))

    def _printed(self, call: Call, status: int, payload: Any, more: dict[str, str] | None = None) -> Answer:
        """The payload in the form the caller asked for; 204 and 304 carry none."""
        if payload is None:
            # The recorded 204s carried neither a type nor the limit.
            kept = {name: value for name, value in _COMMON.items() if name != "Content-Type"}
            return self._dated(Answer(status, headers=kept))
        body = pretty(payload) if call.headers.get("x-prettyprint") in ("1", "true") else compact(payload)
        return self._dated(Answer(status, body=body, headers={**_COMMON, **(more or {})}))

    def _dated(self, answer: Answer) -> Answer:
        headers = {**answer.headers, "Date": http_date(self.clock.now()), "Server": "sfdcedge"}
        return Answer(answer.status, body=answer.body, headers=headers, cut=answer.cut)


_COMMON = {
    "Content-Type": "application/json;charset=UTF-8",
    "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
    "Vary": "Accept-Encoding",
}


def http_date(instant: datetime) -> str:
    """The instant as an HTTP header prints it."""
    return format_datetime(instant, usegmt=True)


def _wrong_method(method: str, allowed: str) -> Refusal:
    return Refusal(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {allowed}")


def _version(text: str) -> str:
    """The version without its v; raises NOT_FOUND for none and GONE for a retired one."""
    number, _, rest = text[1:].partition(".")
    if not text.startswith("v") or rest != "0" or not number.isdigit() or int(number) > NEWEST:
        raise not_found()
    if int(number) < OLDEST:
        # unverified: the text and which of the retired versions still answer so.
        age = "retired" if int(number) >= RETIRED_BELOW else "unknown"
        raise Refusal(410, "GONE", f"The API version you requested is {age}: {text}")
    return text[1:]
