"""The HTTP below the client: hubspot-api-client's own transport, any path, the raw answer whatever its status."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from hubspot.crm.objects import ApiClient, ApiException, Configuration
from urllib3.exceptions import HTTPError

from adapters.hubspot.settings import HubspotSettings

TIMEOUT_SECONDS = (10.0, 60.0)
"""To connect, and between two bytes; without it the library waits for ever."""


def open_api(settings: HubspotSettings) -> ApiClient:
    """One pool of connections to one portal, without any retry or redirect of its own."""
    configuration = Configuration()
    configuration.host = settings.login.url
    configuration.access_token = settings.login.access_token.get_secret_value()
    configuration.retries = False  # ours stand above; the library's skip POST, and follow redirects with the token
    return ApiClient(configuration)


def answer_of(
    api: ApiClient, path: str, method: str, *, query: Sequence[tuple[str, Any]], body: Mapping[str, Any] | None
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body. Raises urllib3's HTTPError, OSError or UnicodeDecodeError where there is none."""
    try:
        response = api.call_api(
            path,
            method,
            query_params=list(query),
            header_params={"Content-Type": "application/json", "Accept": "application/json"},
            body=body,
            auth_settings=["oauth2"],
            _preload_content=False,
            _request_timeout=TIMEOUT_SECONDS,
        )
    except ApiException as error:
        if not error.status:  # the library's way to tell a failed TLS handshake
            raise HTTPError from None
        text = error.body or ""
        return int(error.status), error.headers or {}, text.encode() if isinstance(text, str) else text
    return int(response.status), response.headers, response.data


def date_header(headers: Mapping[str, str]) -> datetime | None:
    """The server's own time, aware UTC."""
    try:
        return parsedate_to_datetime(headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return None
