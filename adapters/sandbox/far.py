"""The way out of the sandbox: plain HTTP requests to loopback addresses and nowhere else."""

from __future__ import annotations

import ipaddress
import time
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

_REDIRECTS = 5
_PAUSE = 0.1  # seconds of real time between two tries


class Unreachable(Exception):
    """Nobody answered: worth another try later."""


class ServerFailed(Unreachable):
    """Somebody answered, but with a failure of the server."""


class NotLoopback(Exception):
    """The address leads out of this machine and is never requested."""


def is_loopback(url: str) -> bool:
    """Whether the URL leads to this machine by plain http."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "http" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


class Far:
    """A client that follows redirects as a browser does: after a POST it reads the next page by GET.

    Where nobody answers it tries again for `patience` seconds of real time, as somebody who reloads a page.
    """

    def __init__(self, client: httpx.Client | None = None, *, patience: float = 0.0) -> None:
        self._client = client or httpx.Client(timeout=15, trust_env=False, follow_redirects=False)
        self._patience = patience

    def request(self, method: str, url: str, *, form: list[tuple[str, str]] | None = None, who: str) -> httpx.Response:
        """The final page; raises Unreachable or NotLoopback."""
        for _ in range(_REDIRECTS):
            response = self._once(method, url, form, who)
            target = response.headers.get("location")
            if not response.is_redirect or not target:
                return response
            url = urljoin(url, target)
            if response.status_code in (301, 302, 303) and method != "HEAD":
                method, form = "GET", None
        raise Unreachable("too many redirects")

    def _once(self, method: str, url: str, form: list[tuple[str, str]] | None, who: str) -> httpx.Response:
        if not is_loopback(url):
            raise NotLoopback(url)
        headers = {"User-Agent": who}
        content = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            content = urlencode(form).encode()
        response = self._answer(method, url, headers, content)
        if response.status_code >= 500:
            raise ServerFailed(f"status {response.status_code}")
        return response

    def _answer(self, method: str, url: str, headers: dict[str, str], content: bytes | None) -> httpx.Response:
        end = time.monotonic() + self._patience
        while True:
            try:
                return self._client.request(method, url, headers=headers, content=content)
            except httpx.HTTPError as error:
                if time.monotonic() >= end:
                    raise Unreachable(type(error).__name__) from error
            time.sleep(_PAUSE)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()
