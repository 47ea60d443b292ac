"""The HTTP session below simple-salesforce: a time-out on each request, and plain http to this machine only."""

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from adapters.salesforce.settings import is_loopback

TIMEOUT_SECONDS = (10.0, 120.0)
"""To connect, and between two bytes: Salesforce gives up on a query after 120 seconds by itself."""


class _Timed(HTTPAdapter):
    """simple-salesforce passes no time-out anywhere, so the session brings its own."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        options["timeout"] = options.get("timeout") or TIMEOUT_SECONDS
        return super().send(request, *args, **options)


class _Loopback(_Timed):
    """simple-salesforce builds https:// URLs only; here they become http, and nothing leaves this machine."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        if not is_loopback(parts.hostname or ""):
            raise requests.exceptions.InvalidURL("a connection to this machine was led to another host")
        request.url = parts._replace(scheme="http").geturl()
        return super().send(request, *args, **options)


class _Refused(HTTPAdapter):
    """No token travels in the clear, not even after a redirect."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        raise requests.exceptions.InvalidURL("the org led the connection to plain http")


def open_session(origin: str) -> requests.Session:
    """A session for the org at `origin`; proxies of the environment are left out for this machine."""
    session = requests.Session()
    session.auth = _as_signed
    if origin.startswith("http://"):
        session.trust_env = False
        adapter: HTTPAdapter = _Loopback()
        session.mount("http://", adapter)
    else:
        adapter = _Timed()
        session.mount("http://", _Refused())
    session.mount("https://", adapter)
    return session


def _as_signed(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the Authorization header alone: without this an entry in ~/.netrc would take its place."""
    return request
