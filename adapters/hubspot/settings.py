"""The keys of a HubSpot connection as an admin writes them; a wrong value is refused with the remedy."""

import ipaddress
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from connector.ports.crm import ASKED

HUBSPOT = "https://api.hubapi.com"
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,2048}")


def is_loopback(host: str) -> bool:
    """Whether a host name is this very machine: localhost, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_url(text: str) -> str:
    """The origin of the URL; the token travels over it, so plain http never leaves this machine."""
    parts = urlsplit(text.strip())
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f"expected a URL such as {HUBSPOT}")
    if parts.username is not None or parts.query or parts.fragment or parts.path not in ("", "/"):
        raise ValueError(f"expected only scheme, host and port, such as {HUBSPOT}")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("plain http is allowed to this machine only (127.0.0.1, ::1, localhost); write https://")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _checked_token(secret: SecretStr) -> SecretStr:
    """A token fit for a header: an HTTP library would quote one with a line break in its error."""
    text = secret.get_secret_value().strip()
    if not _TOKEN.fullmatch(text):
        raise ValueError("expected the token as HubSpot shows it, in one line and without spaces")
    return SecretStr(text)


class _Keys(BaseModel):
    """Only the keys that work, and no value in an error text: it may be a secret."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
        use_attribute_docstrings=True,
    )


class AccessToken(_Keys):
    """The token of a service key or of a private app; HubSpot has one address for all its regions."""

    flow: Literal["token"]
    """How to sign in: with a token that HubSpot shows."""
    access_token: Annotated[SecretStr, AfterValidator(_checked_token)]
    """The token of a service key or of a private app."""
    url: Annotated[str, AfterValidator(_checked_url), Field(json_schema_extra=ASKED)] = HUBSPOT
    """Where HubSpot's API is; the same for portals of every region."""


class HubspotSettings(_Keys):
    """One connection to one portal; `manager_property` is what an admin calls the manager on HubSpot's users."""

    login: AccessToken
    """How to sign in."""
    manager_property: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,99}$")] = "manager_owner_id"
    """The property of users that holds their manager's owner id."""
