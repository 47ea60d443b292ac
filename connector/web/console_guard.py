"""The console's door: it answers this machine's names only, and lets nobody else's pages in.

The console has no sign-in. A page elsewhere could point its own name at this machine (DNS rebinding) and read it from
somebody's browser: such a request carries that name in its Host header, and is refused. It could also make a browser
fetch from here what it cannot read, as an image, to keep this machine busy: browsers tell that, and it is refused too.
"""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from connector.domain.hosts import is_loopback
from connector.web.guard import SHARED, Door

MISDIRECTED = "The console answers to names of this machine only, such as 127.0.0.1 or localhost.\n"
FROM_ELSEWHERE = "A page of another site led here. Type or paste the address into the browser instead.\n"


def _refused(headers: Headers) -> ASGIApp | None:
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


CONSOLE = Door(
    log="closedloop.console",
    pages=frozenset({"", "accounts", "plan", "errors", "next", "static", "healthz"}),
    headers={
        **SHARED,
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self';"
            " frame-ancestors 'none'; base-uri 'none'"
        ),
        "Cross-Origin-Resource-Policy": "same-origin",
    },
    refused=_refused,
)
