"""Hosts, ports and URLs in settings; plain text lines are for this machine only."""

import re
from urllib.parse import urlsplit

from connector.domain.hosts import is_loopback
from connector.settings.configuration import Endpoint

_ENDPOINT = re.compile(r"(?:\[([0-9a-fA-F:]+)\]|([^\s:\[\]/@]+)):(\d{1,5})")


def read_endpoint(text: object) -> Endpoint:
    """A `host:port`, IPv6 hosts in brackets. Raises ValueError with what was expected."""
    match = _ENDPOINT.fullmatch(text) if isinstance(text, str) else None
    if match is None or not 0 < int(match[3]) < 65_536:
        raise ValueError("expected host:port such as smtp.kea.example:587")
    return Endpoint(match[1] or match[2], int(match[3]))


def read_public_url(text: object) -> str:
    """The base of all links, without a slash at its end. Raises ValueError with what was expected."""
    expected = "expected an address such as https://feedback.kea.example, without user, query or fragment"
    if not isinstance(text, str) or any(char.isspace() for char in text):
        raise ValueError(expected)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(expected) from None
    if not parts.hostname or parts.username or parts.query or parts.fragment or port == 0:
        raise ValueError(expected)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("expected https: http is for this machine only")
    if parts.scheme not in ("http", "https"):
        raise ValueError(expected)
    return text.rstrip("/")
