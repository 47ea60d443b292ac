"""Wraps the console: answers this machine's names only, lets nobody else's pages in, and logs no address and no name.

The console has no sign-in. A page elsewhere could point its own name at this machine (DNS rebinding) and read it from
somebody's browser: such a request carries that name in its Host header, and is refused.
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

        is_ours = is_loopback(host_name(Headers(scope=scope).get("host", "")))
        app = self._app if is_ours else PlainTextResponse(MISDIRECTED, status_code=421)
        try:
            await app(scope, receive, guarded)
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            _log.info("page_served", method=scope["method"], page=_page(scope["path"]), status=status, ms=milliseconds)


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
