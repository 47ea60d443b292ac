"""What a folder of settings becomes: frozen values, with secrets that show in no `repr`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from connector.domain.derivation import Derivation
from connector.domain.programs import Policy
from connector.domain.records import Fact, RecordKind
from connector.ports.crm import CrmSpec
from connector.ports.delivery import Tls


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host name or address and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class MailLogin:
    """Credentials at the mail relay."""

    user: str
    password: SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How mail leaves: through which relay, under which address and name.

    Where it `shows_counterpart`, the name of the contact's counterpart stands before that name.
    """

    relay_host: str
    relay_port: int
    sender: str
    shown_name: str | None = None
    shows_counterpart: bool = False
    tls: Tls = Tls.STARTTLS
    login: MailLogin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmConnection:
    """One connection to a CRM; `settings` is the spec's own checked model, `sources` are the declared facts' fields.

    Among these are the fields that facts of several sources read, which are `derived`. `values` are our words for a
    declared fact's values, `same_as` the connection whose ids the `same_as` facts hold.
    """

    name: str
    spec: CrmSpec
    settings: Any
    org_id: str | None
    sources: Mapping[Fact, str]
    every: timedelta
    values: Mapping[Fact, Mapping[str, str]] = field(default_factory=dict)
    is_home: bool = False
    same_as: str | None = None
    derived: tuple[Derivation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A whole checked configuration; `texts` are the files as read, references unresolved, by relative name.

    `facts` are all that conditions may name: declared ones and those the CRMs deliver by default.
    The first of `instance_key` signs, the others only recognise old links.
    """

    policy: Policy
    crms: tuple[CrmConnection, ...]
    mail: Mail
    public_url: str
    listen: Endpoint
    console: Endpoint
    data_dir: Path
    database_url: SecretStr
    instance_key: tuple[SecretStr, ...]
    write_back: Mapping[RecordKind, tuple[str, ...]]
    facts: Mapping[str, Fact]
    texts: Mapping[str, str] = field(repr=False)
