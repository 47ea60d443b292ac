"""The way out of the sandbox: plain HTTP requests to loopback addresses and nowhere else."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

_REDIRECTS = 5


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
    """A client that follows redirects as a browser does: after a POST it reads the next page by GET."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(timeout=15, trust_env=False, follow_redirects=False)

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
        try:
            response = self._client.request(method, url, headers=headers, content=content)
        except httpx.HTTPError as error:
            raise Unreachable(type(error).__name__) from error
        if response.status_code >= 500:
            raise ServerFailed(f"status {response.status_code}")
        return response

    def close(self) -> None:
        """Close all connections."""
        self._client.close()
