"""Wraps the console: answers this machine's names only, lets nobody else's pages in, and logs no address and no name.

The console has no sign-in. A page elsewhere could point its own name at this machine (DNS rebinding) and read it from
somebody's browser: such a request carries that name in its Host header, and is refused. It could also make a browser
fetch from here what it cannot read, as an image, to keep this machine busy: browsers tell that, and it is refused too.
"""

import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.domain.hosts import is_loopback

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
MISDIRECTED = "The console answers to names of this machine only, such as 127.0.0.1 or localhost.\n"
FROM_ELSEWHERE = "A page of another site led here. Type or paste the address into the browser instead.\n"
PAGES = frozenset({"", "accounts", "plan", "errors", "next", "static", "healthz"})

_log = structlog.get_logger("closedloop.console")


class ConsoleGuard:
    """ASGI middleware; the log names the first part of a path only, for the rest of it is what somebody looked at."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await (_refusal(Headers(scope=scope)) or self._app)(scope, receive, guarded)
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            _log.info("page_served", method=scope["method"], page=_page(scope["path"]), status=status, ms=milliseconds)


def _refusal(headers: Headers) -> ASGIApp | None:
    """What a request gets that must not reach the console, by what the browser says of it; else None.

    A typed address, a bookmark and programs other than browsers say `none` or nothing, and our own pages `same-origin`.
    `same-site` is another port of this machine, whose processes could ask us themselves.
    """
    if not is_loopback(host_name(headers.get("host", ""))):
        return PlainTextResponse(MISDIRECTED, status_code=421)
    if headers.get("sec-fetch-site") == "cross-site":
        return PlainTextResponse(FROM_ELSEWHERE, status_code=403)
    return None


def host_name(header: str) -> str:
    """The name in a Host header, without its port and an IPv6 address's brackets; empty where it is no such name."""
    if header.startswith("["):
        name, closed, port = header[1:].partition("]")
        return name if closed and (not port or port[1:].isdecimal()) else ""
    name, _, port = header.partition(":")
    return name if not port or port.isdecimal() else ""


def _page(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else "?"
    return f"/{first}" if first in PAGES else "other"
