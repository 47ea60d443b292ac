"""Check: what an admin should know of the settings before anything runs; sends, writes and stores nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from connector.domain.arithmetic import too_close
from connector.domain.findings import Finding
from connector.domain.forecasts import Forecast
from connector.domain.matching import never_matching
from connector.domain.programs import Policy
from connector.domain.records import OPTIONAL_KINDS, Fact
from connector.ports.inspecting import Inspected
from connector.ports.storage.counting import Levels, Reached
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.usecases.check_connections import SAME_AS, Connected, connect, connection_findings
from connector.usecases.check_facts import empty_findings, missing_findings
from connector.usecases.check_ids import renamed_findings
from connector.usecases.check_links import link_findings
from connector.usecases.check_reach import reach_findings
from connector.usecases.check_relay import RelaySeen, relay_findings, try_relay
from connector.usecases.check_stand_in import stand_in_findings
from connector.usecases.check_test_list import list_findings
from connector.usecases.check_values import value_findings
from connector.usecases.forecast import forecast
from connector.usecases.gating import is_testing

TITLES_SHOWN = 5
NOT_SYNCED = "not everything is synced as these settings say: `closedloop run sync` reads the records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What our database says: accounts by type, persons by level, how far facts are filled, the next weeks.

    `reached` is whom the test list reaches, None where nothing is in test mode.
    """

    types: Mapping[str, int]
    levels: Levels
    filled: Mapping[str, Mapping[str, tuple[int, int]]]
    forecast: Forecast
    reached: Reached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Everything that was found; `counted` is None where the database has nothing to say, `uncounted` tells why."""

    findings: Sequence[Finding]
    connections: Sequence[Connected]
    counted: Counted | None = None
    uncounted: str | None = None
    pinned: Mapping[str, str | None] = field(default_factory=dict)
    relay: RelaySeen | None = None

    @property
    def failed(self) -> int:
        """How many of the CRMs and the relay cannot be used."""
        is_relay_down = self.relay is not None and self.relay.failure is not None
        return sum(each.failure is not None for each in self.connections) + is_relay_down


def check(inspected: Inspected, *, told: Callable[[str], None] = lambda _: None) -> Checked:
    """All findings in no order, each connection, and the counts; `told` hears what is being looked at."""
    connections = []
    for crm in inspected.crms:
        told(crm.name)
        connections.append(connect(crm, inspected))
    told("the mail relay")
    relay = try_relay(inspected.relay, mode=inspected.policy.mode) if inspected.relay is not None else None
    with _reading(inspected.storage) as unit:
        is_known = unit is not None and _is_loaded(unit, inspected)
        pinned = {crm.name: unit.connections.pinned_org(crm.name) if unit else None for crm in inspected.crms}
        reached = _reached(inspected.policy, unit if is_known else None)
        findings = _findings(inspected, connections, unit if is_known else None, pinned=pinned)
    findings += relay_findings(relay) if relay is not None else ()
    findings += list_findings(inspected.policy.listed, reached) if reached is not None else ()
    counted = _count(inspected, reached) if is_known else None
    return Checked(
        findings=findings,
        connections=connections,
        counted=counted,
        uncounted=None if is_known else inspected.unready or NOT_SYNCED,
        pinned=pinned,
        relay=relay,
    )


def _reading(storage: Storage | None) -> AbstractContextManager[UnitOfWork | None]:
    return nullcontext() if storage is None else storage.snapshot()


def _is_loaded(unit: UnitOfWork, inspected: Inspected) -> bool:
    """Whether every connection was read through once, from where its facts are read now, but for what it may lack."""
    sources = {crm.name: crm.sources for crm in inspected.crms}
    kinds = {crm.name: crm.capabilities.reads - OPTIONAL_KINDS for crm in inspected.crms}
    return set(unit.occurrences.loaded_crms(sources, kinds=kinds)) == set(sources)


def _reached(policy: Policy, unit: UnitOfWork | None) -> Reached | None:
    """Whom the test list reaches, where anything is in test mode and the records are known."""
    return unit.counts.reached(policy.listed) if unit is not None and is_testing(policy) else None


def _findings(
    inspected: Inspected,
    connections: Sequence[Connected],
    unit: UnitOfWork | None,
    *,
    pinned: Mapping[str, str | None],
) -> list[Finding]:
    policy = inspected.policy
    found: list[Finding] = []
    for connected in connections:
        found += connection_findings(connected, inspected, pinned=pinned[connected.crm.name])
    found += stand_in_findings(policy, connections)
    found += link_findings(inspected.public_url, mode=policy.mode)
    found += reach_findings(inspected.crms, today=policy.organisation.day_of(inspected.clock.now()))
    found += value_findings(policy, connections, unit.counts if unit is not None else None)
    found += missing_findings(policy, inspected.crms, unit.counts if unit is not None else None)
    found += empty_findings(inspected, unit.counts) if unit is not None else ()
    found += renamed_findings(unit, policy, inspected.texts) if unit is not None else ()
    return [*found, *never_matching(policy), *too_close(policy)]


def _count(inspected: Inspected, reached: Reached | None) -> Counted | None:
    if inspected.storage is None:
        return None
    with inspected.storage.snapshot() as unit:
        types = unit.counts.types(inspected.policy.relationships)
        levels = unit.counts.levels(titles=TITLES_SHOWN)
        filled = {crm.name: unit.counts.filled(crm.name, _own(inspected.facts_of(crm))) for crm in inspected.crms}
    coming = forecast(storage=inspected.storage, policy=inspected.policy, crms=inspected.crms, clock=inspected.clock)
    return Counted(types=types, levels=levels, filled=filled, forecast=coming, reached=reached)


def _own(facts: Iterable[Fact]) -> list[Fact]:
    """Facts of records themselves: ids of other CRMs' records are on few of them and say nothing."""
    return [fact for fact in facts if fact.word != SAME_AS]
