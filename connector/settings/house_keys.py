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

EVERY_HOST = ("0.0.0.0", "::")  # noqa: S104  # a place that is listened at, none of ours
"""Hosts by which a place takes its port on this machine too."""
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


Address = Annotated[str, AfterValidator(_check_address)]


class OrganisationKeys(Keys):
    """Who asks."""

    name: Text
    """The name that people who are asked read."""
    timezone: TimeZone
    """An IANA time zone: milestones are days of its calendar."""
    language: Language = "en"
    """The language that the surveys are written in."""


class ListenKeys(Keys):
    """Where the process listens."""

    public: HostPort = Field(default="127.0.0.1:8080", validate_default=True)
    """Host and port of the survey and unsubscribe pages."""
    console: HostPort = Field(default="127.0.0.1:8081", validate_default=True)
    """Host and port of the console, on this machine only: it has no sign-in."""

    @field_validator("console")
    @classmethod
    def _console_stays_here(cls, console: Endpoint, info: ValidationInfo) -> Endpoint:
        if not is_loopback(console.host):
            raise wrong("expected a host such as 127.0.0.1: the console has no sign-in, so it is for this machine")
        public = info.data.get("public")
        if public is not None and console.port == public.port and public.host in (console.host, *EVERY_HOST):
            raise wrong(
                f"expected `console` at another port than {public.port}, which `public` has: it is for this machine"
            )
        return console


class LoginKeys(Keys):
    """Credentials at the mail relay."""

    user: Text
    """Who signs in at the relay."""
    password: SecretStr
    """Their password."""


class MailKeys(Keys):
    """How mail leaves."""

    relay: HostPort
    """Host and port of the mail relay."""
    sender: Address = Field(alias="from")
    """The address that mail comes from."""
    shown_name: Text | None = None
    """The name beside that address; without it the organisation's."""
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    """How the line to the relay is encrypted; `none` is for a relay on this machine only."""
    login: LoginKeys | None = None
    """Credentials, where the relay wants some."""

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
    """After an ask about the relationship."""
    after_transaction: Days | None = None
    """After an ask about a transaction."""


class SpacingKeys(Keys):
    """Spacing by the kind of the new ask."""

    relationship: AfterKeys = AfterKeys()
    """How long a new ask about the relationship waits."""
    transaction: AfterKeys = AfterKeys()
    """How long a new ask about a transaction waits."""


class ActionsKeys(Keys):
    """Who gets actions that nobody else can take, and after how many overdue ones their accounts rest."""

    stand_in: Address
    """Mail address in the CRM of who acts where no owner is active."""
    most_overdue: Annotated[int, Field(ge=0)] = MOST_OVERDUE
    """Nobody is asked at the accounts of an owner with more overdue actions than this."""


def _read_recipient(text: str) -> str:
    pattern = normalise_address(text)
    if pattern is None:
        raise wrong('expected a mail address, or a pattern such as "*@kea.example"')
    return pattern


class TestKeys(Keys):
    """Whom test mode reaches: these addresses, at these accounts."""

    recipients: list[Annotated[str, AfterValidator(_read_recipient)]] = Field(min_length=1)
    """Mail addresses; `*` stands for anything, as in *@kea.example."""
    accounts: list[Text] = Field(min_length=1)
    """Accounts by their whole name, in any case, or by their id in the CRM."""


class HouseKeys(Keys):
    """closedloop.yaml; each CRM is checked by itself with its adapter's own keys."""

    mode: Literal["shadow", "test", "live"] = Mode.SHADOW.value
    """shadow decides and shows, and sends and writes nothing; test reaches whom `test` lists; live does it."""
    test: TestKeys | None = None
    """Whom test mode reaches; obligatory where anything is in test mode."""
    organisation: OrganisationKeys
    """Who asks: name, time zone and language."""
    public_url: PublicUrl
    """Base of the links in mails, as the people who are asked reach it."""
    listen: ListenKeys = Field(default_factory=ListenKeys)
    """Where the process listens for answers."""
    data_dir: Text
    """Where the database and everything else of ours is kept, on a local disk."""
    database: Annotated[SecretStr, AfterValidator(_check_database)] | None = None
    """URL of another database than one SQLite file in data_dir; sqlite: or postgresql:, as a reference."""
    instance_key: list[Annotated[SecretStr, AfterValidator(_check_key)]] = Field(min_length=1)
    """References to keys of 32 bytes or more: the first signs links, the others keep older links valid."""
    mail: MailKeys
    """Through which relay mail leaves, and under which address."""
    crms: dict[str, Any] = Field(min_length=1)
    """The CRM connections, by a name of your own."""
    levels: LevelsKeys | None = None
    """Which job titles stand for which level, where a fact is read from titles."""
    spacing: SpacingKeys = SpacingKeys()
    """Days between two asks of one person, by the kind of the new one."""
    write_back: dict[str, list[str]] = Field(default_factory=dict)
    """Which of our values reps see on their records, by kind of record."""
    actions: ActionsKeys | None = None
    """Who gets actions that nobody else can take; obligatory with programs."""


class FactKeys(Keys):
    """One fact: the CRM's field, its type where its word does not say it, and our words for the CRM's values."""

    field: str
    """The CRM's field, as Object.Field."""
    type: Literal["text", "number", "date", "boolean"] | None = None
    """What the field holds, where our word does not say it."""
    values: Annotated[dict[str, Text], Field(min_length=1)] | None = None
    """Our words for the CRM's values."""

    @property
    def fact_type(self) -> FactType | None:
        """The stated type as the domain's value."""
        return None if self.type is None else FactType(self.type)


class SameAsKeys(Keys):
    """Which fields hold the ids of the same account and contact in another connection's CRM."""

    crm: str
    """The connection whose ids the fields hold."""
    account: str | None = None
    """The field of the account's record, as Object.Field."""
    contact: str | None = None
    """The field of the contact's record, as Object.Field."""


class ConnectionKeys(Keys):
    """Our own keys of a CRM connection; all others belong to its adapter."""

    adapter: str
    """The kind of CRM."""
    org_id: Text | None = None
    """The id of the org or portal; test and live mode send and write for this one only."""
    every: Every = Field(default="15 minutes", validate_default=True)
    """How often it is read."""
    home: bool = False
    """Whether what several CRMs know is written here only, and what is said here wins."""
    same_as: dict[str, Any] | None = None
    """Which fields hold the ids of the same records in another connection's CRM."""
    facts: dict[str, Any] = Field(default_factory=dict)
    """Our words for the CRM's fields, such as account.renewal_on; conditions read these words."""
