"""The keys of closedloop.yaml."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from connector.domain.actions import MOST_OVERDUE
from connector.domain.addresses import normalise_address
from connector.domain.hosts import is_loopback
from connector.domain.programs import Mode
from connector.domain.records import FactType
from connector.ports.delivery import Tls
from connector.settings.checking import wrong
from connector.settings.configuration import Endpoint
from connector.settings.derived_keys import LevelsKeys
from connector.settings.key_types import Days, Every, HostPort, Keys, Language, PublicUrl, Text, TimeZone

CONSOLE = Endpoint("127.0.0.1", 8081)
"""Where the console is unless `listen:` says another place."""
COUNTERPART = "counterpart"
"""As the name that a mail shows: that of the contact's counterpart, and the organisation's."""
KEY_BYTES = 32
"""Least length of an instance key: as long as the digest it makes (SHA-256)."""


def _check_key(key: SecretStr) -> SecretStr:
    length = len(key.get_secret_value().encode())
    if length < KEY_BYTES:
        raise wrong(f"expected a key of at least {KEY_BYTES} bytes, not {length}")
    return key


def _check_database(url: SecretStr) -> SecretStr:
    scheme = urlsplit(url.get_secret_value()).scheme.partition("+")[0]
    if scheme not in ("sqlite", "postgresql"):
        raise wrong("expected a URL that starts with sqlite: or postgresql:")
    return url


def _check_address(text: str) -> str:
    if normalise_address(text) is None or text != text.strip():
        raise wrong("expected a mail address such as feedback@kea.example")
    return text


class OrganisationKeys(Keys):
    """Who asks."""

    name: Text
    timezone: TimeZone
    language: Language = "en"


class ListenKeys(Keys):
    """Where the process listens."""

    public: HostPort = Field(default="127.0.0.1:8080", validate_default=True)
    console: HostPort = Field(default_factory=lambda: CONSOLE)

    @field_validator("console")
    @classmethod
    def _console_stays_here(cls, console: Endpoint, info: ValidationInfo) -> Endpoint:
        if not is_loopback(console.host):
            raise wrong("expected a host such as 127.0.0.1: the console has no sign-in, so it is for this machine only")
        if console == info.data.get("public"):
            raise wrong("expected another port than `public` has: the console is never served to the public")
        return console


class LoginKeys(Keys):
    """Credentials at the mail relay."""

    user: Text
    password: SecretStr


class MailKeys(Keys):
    """How mail leaves."""

    relay: HostPort
    sender: Annotated[str, AfterValidator(_check_address)] = Field(alias="from")
    shown_name: Text | None = None
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    login: LoginKeys | None = None

    @field_validator("tls")
    @classmethod
    def _plain_text_stays_here(cls, tls: str, info: ValidationInfo) -> str:
        relay = info.data.get("relay")
        if tls == Tls.NONE and relay is not None and not is_loopback(relay.host):
            raise wrong("expected starttls or implicit: a line without TLS is for a relay on this machine only")
        return tls


class AfterKeys(Keys):
    """How long an ask waits after an earlier one."""

    after_relationship: Days | None = None
    after_transaction: Days | None = None


class SpacingKeys(Keys):
    """Spacing by the kind of the new ask."""

    relationship: AfterKeys = AfterKeys()
    transaction: AfterKeys = AfterKeys()


class ActionsKeys(Keys):
    """Who gets actions that nobody else can take, and after how many overdue ones their accounts rest."""

    stand_in: Annotated[str, AfterValidator(_check_address)]
    most_overdue: Annotated[int, Field(ge=0)] = MOST_OVERDUE


def _read_recipient(text: str) -> str:
    pattern = normalise_address(text)
    if pattern is None:
        raise wrong('expected a mail address, or a pattern such as "*@kea.example"')
    return pattern


class TestKeys(Keys):
    """Whom test mode reaches: these addresses, at these accounts."""

    recipients: list[Annotated[str, AfterValidator(_read_recipient)]] = Field(min_length=1)
    accounts: list[Text] = Field(min_length=1)


class HouseKeys(Keys):
    """closedloop.yaml; each CRM is checked by itself with its adapter's own keys."""

    mode: Literal["shadow", "test", "live"] = Mode.SHADOW.value
    test: TestKeys | None = None
    organisation: OrganisationKeys
    public_url: PublicUrl
    listen: ListenKeys = Field(default_factory=ListenKeys)
    data_dir: Text
    database: Annotated[SecretStr, AfterValidator(_check_database)] | None = None
    instance_key: list[Annotated[SecretStr, AfterValidator(_check_key)]] = Field(min_length=1)
    mail: MailKeys
    crms: dict[str, Any] = Field(min_length=1)
    levels: LevelsKeys | None = None
    spacing: SpacingKeys = SpacingKeys()
    write_back: dict[str, list[str]] = Field(default_factory=dict)
    actions: ActionsKeys | None = None


class FactKeys(Keys):
    """One fact: the CRM's field, its type where its word does not say it, and our words for the CRM's values."""

    field: str
    type: Literal["text", "number", "date", "boolean"] | None = None
    values: Annotated[dict[str, Text], Field(min_length=1)] | None = None

    @property
    def fact_type(self) -> FactType | None:
        """The stated type as the domain's value."""
        return None if self.type is None else FactType(self.type)


class SameAsKeys(Keys):
    """Which fields hold the ids of the same account and contact in another connection's CRM."""

    crm: str
    account: str | None = None
    contact: str | None = None


class ConnectionKeys(Keys):
    """Our own keys of a CRM connection; all others belong to its adapter."""

    adapter: str
    org_id: Text | None = None
    every: Every = Field(default="15 minutes", validate_default=True)
    home: bool = False
    same_as: dict[str, Any] | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
