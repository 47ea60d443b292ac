"""Wraps the public app: headers that keep a page private and harmless, and an access log without links."""

import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}

_log = structlog.get_logger("closedloop.public")


class Guard:
    """ASGI middleware; the log names the first part of a path only, for the rest of it is somebody's link."""

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
            await self._app(scope, receive, guarded)
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            _log.info("page_served", method=scope["method"], page=_page(scope["path"]), status=status, ms=milliseconds)


def _page(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return f"/{first}" if first in {"a", "u", "healthz", "static"} else "other"
