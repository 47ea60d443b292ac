"""The keys of a Salesforce connection as an admin writes them; a wrong value is refused with the remedy."""

import ipaddress
import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from connector.ports.crm import ASKED

_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


def is_loopback(host: str) -> bool:
    """Whether a host name is this very machine: localhost, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_domain(text: str) -> str:
    """The part before .salesforce.com; the shared login hosts have no client-credentials flow."""
    name = text.strip().lower().removeprefix("https://").rstrip("/").removesuffix(".salesforce.com")
    if name in ("login", "test"):
        raise ValueError("this sign-in works on your My Domain only; write it as in kea.my")
    if not _DOMAIN.fullmatch(name):
        raise ValueError("expected the My Domain before .salesforce.com, such as kea.my or kea--uat.sandbox.my")
    return name


def _checked_url(text: str) -> str:
    """The origin of the URL; tokens travel over it, so plain http never leaves this machine."""
    parts = urlsplit(text.strip())
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("expected the org's URL, such as https://kea.my.salesforce.com")
    if parts.username is not None or parts.query or parts.fragment or parts.path not in ("", "/"):
        raise ValueError("expected only scheme, host and port, such as https://kea.my.salesforce.com")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("plain http is allowed to this machine only (127.0.0.1, ::1, localhost); write https://")
    return f"{parts.scheme}://{parts.netloc.lower()}"


OrgUrl = Annotated[str, AfterValidator(_checked_url)]
MyDomain = Annotated[str, AfterValidator(_checked_domain)]


class _Keys(BaseModel):
    """Only the keys that work, and no value in an error text: it may be a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)


class ClientCredentials(_Keys):
    """Sign in as the run-as user of the customer's own external client app."""

    flow: Literal["client_credentials"]
    """How to sign in: as an external client app, whose run-as user must see what is read."""
    domain: MyDomain | None = None
    """The My Domain before .salesforce.com, such as kea.my; either this or url."""
    url: Annotated[OrgUrl | None, Field(json_schema_extra=ASKED)] = None
    """The org's own address, such as https://kea.my.salesforce.com; either this or domain."""
    client_id: SecretStr
    """The app's consumer key."""
    client_secret: SecretStr
    """The app's consumer secret."""

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.domain is None) == (self.url is None):
            raise ValueError("expected either domain or url")
        return self

    @property
    def origin(self) -> str:
        """Where to sign in: scheme, host and port."""
        return self.url or f"https://{self.domain}.salesforce.com"


class AccessToken(_Keys):
    """Use a token that somebody else fetched; it is never renewed, so it suits trials only."""

    flow: Literal["token"]
    """How to sign in: with a token that is never renewed."""
    url: OrgUrl
    """The org's own address, such as https://kea.my.salesforce.com."""
    access_token: SecretStr
    """The token."""

    @property
    def origin(self) -> str:
        """Where the token is valid: scheme, host and port."""
        return self.url


class SalesforceSettings(_Keys):
    """One connection to one org.

    68.0 is the newest version of the API at this writing and the one that the contract suite runs against. Orgs
    are upgraded on different weekends, so an admin may name an older one; below 41.0 support ends in 2027.
    """

    login: Annotated[ClientCredentials | AccessToken, Field(discriminator="flow")]
    """How to sign in."""
    api_version: Annotated[str, Field(pattern=r"^(4[1-9]|[5-9]\d)\.0$")] = "68.0"
    """Version of the API."""
    page_size: Annotated[int, Field(ge=200, le=2000)] = 2000
    """Rows of one page."""
