"""The only place that joins ports to implementations."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

from connector.delivery.mail import InvitationMail
from connector.delivery.smtp import Relay, SmtpMailer
from connector.delivery.trial import SmtpTrial
from connector.domain.derivation import Derivation, default_counterpart
from connector.domain.links import Keyring
from connector.domain.records import Fact
from connector.domain.write_back import WRITE_FIELDS, WriteField
from connector.ports.clock import Clock
from connector.ports.crm import Connection, CrmAdapter, CrmSpec
from connector.ports.delivery import Mailer
from connector.ports.errors import StorageError
from connector.ports.inspecting import Inspected
from connector.ports.wiring import Crm, Ports, SameAs
from connector.settings.configuration import Configuration, CrmConnection
from connector.settings.facts import SAME_AS
from connector.settings.loading import load
from connector.storage.engine import SqlStorage, open_storage
from connector.storage.readiness import unreadiness

ADAPTERS = "closedloop.crm"


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.fromtimestamp(time.time(), tz=UTC)


def installed_specs() -> dict[str, CrmSpec]:
    """The CRM adapters that are installed, by name."""
    return {entry.name: entry.load() for entry in entry_points(group=ADAPTERS)}


def configure(folder: Path, *, environ: Mapping[str, str]) -> Configuration:
    """The checked configuration of a folder. Raises ConfigError with every mistake."""
    return load(folder, specs=installed_specs(), environ=environ)


@contextmanager
def wired(configuration: Configuration, *, clock: Clock | None = None) -> Iterator[Ports]:
    """Everything joined, with an up-to-date database; closed with the block. Raises StorageError."""
    real_clock = SystemClock()
    clock = clock or real_clock
    configuration.data_dir.mkdir(parents=True, exist_ok=True)
    storage = open_storage(configuration.database_url.get_secret_value())
    try:
        storage.migrate()
        yield Ports(
            storage=storage,
            clock=clock,
            real_clock=real_clock,
            open_mailer=partial(_mailer, configuration),
            writer=_writer(configuration),
            keyring=_keyring(configuration),
            policy=configuration.policy,
            texts=configuration.texts,
            public_url=configuration.public_url,
            listen=(configuration.listen.host, configuration.listen.port),
            console=(configuration.console.host, configuration.console.port),
            crms=tuple(_crm(connection, configuration, clock) for connection in configuration.crms),
        )
    finally:
        storage.close()


@contextmanager
def inspected(configuration: Configuration, *, clock: Clock | None = None) -> Iterator[Inspected]:
    """What there is to check, with the database only as far as it can be read as it is: nothing is made or changed."""
    clock = clock or SystemClock()
    storage = open_storage(configuration.database_url.get_secret_value())
    try:
        unready = _unready(storage)
        yield Inspected(
            policy=configuration.policy,
            crms=tuple(_crm(connection, configuration, clock) for connection in configuration.crms),
            declared={connection.name: connection.sources for connection in configuration.crms},
            defaults={connection.name: connection.spec.sources for connection in configuration.crms},
            texts=configuration.texts,
            clock=clock,
            storage=storage if unready is None else None,
            unready=unready,
            relay=SmtpTrial(_relay(configuration), sender=configuration.mail.sender),
            public_url=configuration.public_url,
        )
    finally:
        storage.close()


def _unready(storage: SqlStorage) -> str | None:
    """Why the database cannot be read, if it cannot: `check` goes on without it."""
    try:
        return unreadiness(storage.engine)
    except StorageError as error:
        return f"the database cannot be read: {error}"


def _keyring(configuration: Configuration) -> Keyring:
    return Keyring.of(tuple(key.get_secret_value().encode() for key in configuration.instance_key))


def _writer(configuration: Configuration) -> InvitationMail:
    organisation, mail = configuration.policy.organisation, configuration.mail
    return InvitationMail(
        organisation=organisation,
        sender=mail.sender,
        shown_name=mail.shown_name or organisation.name,
        public_url=configuration.public_url,
        keyring=_keyring(configuration),
        shows_counterpart=mail.shows_counterpart,
    )


def _mailer(configuration: Configuration) -> AbstractContextManager[Mailer]:
    return SmtpMailer(_relay(configuration))


def _relay(configuration: Configuration) -> Relay:
    mail = configuration.mail
    return Relay(
        host=mail.relay_host,
        port=mail.relay_port,
        tls=mail.tls,
        user=mail.login.user if mail.login else None,
        password=mail.login.password.get_secret_value() if mail.login else None,
    )


def _crm(connection: CrmConnection, configuration: Configuration, clock: Clock) -> Crm:
    words = configuration.write_back
    kinds = connection.spec.capabilities.writes
    fields = [field for field in WRITE_FIELDS if field.kind in kinds and field.word in words.get(field.kind, ())]
    opened = Connection(
        name=connection.name,
        settings=connection.settings,
        org_id=connection.org_id,
        sources=connection.sources,
        write_fields=fields,
        now=clock.now,
    )
    open_adapter: Callable[[], AbstractContextManager[CrmAdapter]] = partial(connection.spec.open, opened)
    return Crm(
        name=connection.name,
        adapter=connection.spec.name,
        capabilities=connection.spec.capabilities,
        sources=_sources(connection, fields=fields),
        write_words={kind: words[kind] for kind in kinds if words.get(kind)},
        every_seconds=int(connection.every.total_seconds()),
        same_as=_same_as(connection, configuration.crms),
        is_home=connection.is_home,
        values={fact.name: values for fact, values in connection.values.items()},
        derived=_derived(connection),
        open=open_adapter,
    )


def _same_as(connection: CrmConnection, connections: Sequence[CrmConnection]) -> SameAs | None:
    into = next((each for each in connections if each.name == connection.same_as), None)
    return None if into is None else SameAs(crm=into.name, read_id=into.spec.read_id)


def _sources(connection: CrmConnection, *, fields: Sequence[WriteField]) -> dict[str, str]:
    """From which field each fact is read: the adapter's own choice, and the admin's above it.

    With the type where the admin chose it, with our words for the values, with the connection whose ids they are, and
    with the words that are written back: what is read otherwise than before is pulled again, so that no stored value
    is of the old type and each log line knows the old value.
    """
    declared = {fact.name: _source(connection, fact) for fact in connection.sources}
    declared |= {each.fact.name: _derivation(connection, each) for each in connection.derived}
    ours = {f"{field.kind}.ours.{field.word}": f"ours as {field.type}" for field in fields}
    return dict(connection.spec.sources) | declared | ours


def _source(connection: CrmConnection, fact: Fact) -> str:
    source, values = connection.sources[fact], connection.values.get(fact)
    if fact.word == SAME_AS:
        return f"{source} of {connection.same_as}"
    typed = source if fact.is_well_known else f"{source} as {fact.type}"
    return f"{typed} with {json.dumps(values, sort_keys=True)}" if values else typed


def _derivation(connection: CrmConnection, derivation: Derivation) -> str:
    """All that tells a derived fact, so that other sources or other patterns of titles are another reading of it."""
    values = connection.values.get(derivation.fact)
    return f"{derivation.text} with {json.dumps(values, sort_keys=True)}" if values else derivation.text


def _derived(connection: CrmConnection) -> tuple[Derivation, ...]:
    """The declared derivations, and who a contact's counterpart is where the settings do not say it."""
    declared = {fact.name for fact in connection.sources} | {each.fact.name for each in connection.derived}
    default = default_counterpart()
    has_owners = all(fact.name in declared | connection.spec.sources.keys() for fact in default.reads)
    is_wanted = has_owners and default.fact.name not in declared
    return (*connection.derived, default) if is_wanted else connection.derived
