"""Wraps an app: headers that keep its pages private, who is let in, and an access log that names no link."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SHARED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Headers that every page of ours has."""
UNKEPT = {"Cache-Control": "no-store"}
"""For every answer that says nothing else about being kept."""


def nobody_is_refused(_headers: Headers) -> ASGIApp | None:
    """Everybody may ask."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What differs between our apps: the log's name, first parts of paths it may name, headers, and who is refused.

    `refused` answers a request that must not reach the app, by its headers; None lets it in.
    """

    log: str
    pages: frozenset[str]
    headers: Mapping[str, str]
    refused: Callable[[Headers], ASGIApp | None] = nobody_is_refused


class Guard:
    """ASGI middleware; the log names the first part of a path only, for the rest tells who looked at what."""

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self._app, self._door = app, door
        self._log = structlog.get_logger(door.log)

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
                headers.update(self._door.headers)
                for name, value in UNKEPT.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await (self._door.refused(Headers(scope=scope)) or self._app)(scope, receive, guarded)
        finally:
            took = round((time.monotonic() - started) * 1000)
            page = self._page(scope["path"])
            self._log.info("page_served", method=scope["method"], page=page, status=status, ms=took)

    def _page(self, path: str) -> str:
        first = path.split("/", 2)[1] if path.startswith("/") else "?"
        return f"/{first}" if first in self._door.pages else "other"
