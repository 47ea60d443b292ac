"""What the settings are checked with: connections that can be opened, and a database that may not be there yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.domain.derivation import default_counterpart
from connector.domain.programs import Policy
from connector.domain.records import PART, Fact
from connector.ports.clock import Clock
from connector.ports.delivery import RelayTrial
from connector.ports.storage.unit import Storage
from connector.ports.wiring import Crm


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A loaded configuration beside the outside world; nothing was opened, made or changed for it.

    `declared` are for each connection the fields that the admin's own facts are read from, `defaults` those of facts
    that its CRM delivers by itself. `storage` is None where it cannot be read, and `unready` says why then.
    `public_url` is the base of links in mails.
    """

    policy: Policy
    crms: tuple[Crm, ...]
    declared: Mapping[str, Mapping[Fact, str]]
    defaults: Mapping[str, Mapping[str, str]]
    texts: Mapping[str, str]
    clock: Clock
    storage: Storage | None
    unready: str | None = None
    relay: RelayTrial | None = None
    public_url: str = ""

    def facts_of(self, crm: Crm) -> list[Fact]:
        """The facts that the admin declares for a connection: of one field or of several sources, never a part."""
        fields = [fact for fact in self.declared[crm.name] if PART not in fact.word]
        return fields + [each.fact for each in crm.derived if each != default_counterpart()]
