"""Everything a running closedloop is joined from, as one frozen value; only bootstrap makes it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from connector.domain.derivation import Derivation
from connector.domain.links import Keyring
from connector.domain.programs import Policy
from connector.domain.records import RecordKind
from connector.ports.clock import Clock
from connector.ports.crm import Capabilities, CrmAdapter
from connector.ports.delivery import Mailer, MailWriter
from connector.ports.storage.unit import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class SameAs:
    """Which other connection a connection's `same_as` facts name records of; `read_id` gives an id its one form."""

    crm: str
    read_id: Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crm:
    """One CRM connection: how to open it, what it reads from where, which words are written back.

    `sources` tells for each fact its field and declared type, and for each word of ours that it is read. At most one
    connection `is_home`: of what is known in two CRMs, its facts win and it alone gets the writes (design 5.6).
    `values` translates a fact's values by its name, such as `account.kind`; others stay as they are.
    `derived` are the facts that several sources tell.
    """

    name: str
    adapter: str
    capabilities: Capabilities
    sources: Mapping[str, str]
    write_words: Mapping[RecordKind, Sequence[str]]
    every_seconds: int
    same_as: SameAs | None = None
    is_home: bool = False
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    derived: tuple[Derivation, ...] = ()
    open: Callable[[], AbstractContextManager[CrmAdapter]]


def home_of(crms: Sequence[Crm]) -> str | None:
    """The name of the CRM that gets the writes of what is known in two, if there is one."""
    return next((crm.name for crm in crms if crm.is_home), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What jobs, pages and commands work with. `clock` tells business time, `real_clock` that of leases and retries.

    `listen` is where the public pages are served, `console` where the console is, on this machine only.
    """

    storage: Storage
    clock: Clock
    real_clock: Clock
    open_mailer: Callable[[], AbstractContextManager[Mailer]]
    writer: MailWriter
    keyring: Keyring
    policy: Policy
    texts: Mapping[str, str]
    public_url: str
    listen: tuple[str, int]
    crms: tuple[Crm, ...]
    console: tuple[str, int] = ("127.0.0.1", 8081)


def joined_with(crm: Crm, crms: Sequence[Crm]) -> list[Crm]:
    """The connection itself, then those whose records can be one with its own, as they name the same CRM's."""
    into = _points_at(crm)
    return [crm, *(each for each in crms if each.name != crm.name and _points_at(each) == into)]


def _points_at(crm: Crm) -> str:
    return crm.name if crm.same_as is None else crm.same_as.crm
