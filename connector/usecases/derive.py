"""Derive: facts that other records tell, from what every CRM showed last; each fact in a commit of its own."""

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.domain.derivation import Derivation
from connector.domain.programs import Organisation
from connector.domain.records import RecordKind
from connector.ports.clock import Clock
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.wiring import Crm

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class DeriveReport:
    """What one run did: facts that were derived, values that changed, and facts whose CRM is not loaded yet.

    `renewed` counts the facts that were not up to date before: a plan may have waited for them.
    """

    facts: int = 0
    renewed: int = 0
    changed: int = 0
    waiting: int = 0


def derive(*, storage: Storage, organisation: Organisation, crms: Sequence[Crm], clock: Clock) -> DeriveReport:
    """Derive every fact that more than a record's own fields tell; dates count as of the organisation's day.

    The caller holds the stage's claim. A fact is left as it is until the records that it reads are loaded; of a kind
    that the CRM does not show at all its parts are unknown, and the others stand.
    """
    report = DeriveReport()
    for crm in crms:
        derivations = by_stage(crm)
        with storage.begin() as unit:
            unit.derived.forget(crm.name, kept=[each.fact.name for each in derivations])
            unit.commit()
        for derivation in derivations:
            with storage.begin() as unit:
                _derive(unit, crm, derivation, organisation=organisation, clock=clock, report=report)
                unit.commit()
    return report


def by_stage(crm: Crm) -> list[Derivation]:
    """The derived facts of a connection for which a page of the records alone is not enough."""
    return [each for each in crm.derived if not each.is_of_record]


def is_derived(unit: UnitOfWork, crm: Crm, *, facts: Set[str], since: datetime) -> bool:
    """Whether those of a connection's derived facts that are among `facts` are up to date.

    So they are if they were derived as the settings say now, since the last change of what they read, and not before
    `since`, the beginning of the organisation's day: which date is next or latest turns with the day.
    """
    return not _outdated(unit, crm, [each for each in by_stage(crm) if each.fact.name in facts], since=since)


def has_changed_since(unit: UnitOfWork, crm: Crm) -> bool:
    """Whether a page changed what a derived fact of a connection reads, since that was derived last."""
    reads = {each.fact.name: each.kinds for each in by_stage(crm)}
    return bool(unit.derived.outdated(crm.name, reads, since=_EVER))


def _outdated(unit: UnitOfWork, crm: Crm, derivations: Sequence[Derivation], *, since: datetime) -> Set[str]:
    if not derivations:
        return frozenset()
    stored, unread = unit.derived.definitions(crm.name), _unread(unit, crm)
    definitions = {each.fact.name: _definition(crm, each, unread=unread) for each in derivations}
    others = {name for name, definition in definitions.items() if stored.get(name) != definition}
    reads = {each.fact.name: each.kinds for each in derivations}
    return others | unit.derived.outdated(crm.name, reads, since=since)


def _derive(
    unit: UnitOfWork,
    crm: Crm,
    derivation: Derivation,
    *,
    organisation: Organisation,
    clock: Clock,
    report: DeriveReport,
) -> None:
    seen_at = unit.derived.hold_pages(crm.name, derivation.kinds)
    unread = _unread(unit, crm)
    kinds = {crm.name: (derivation.kinds & crm.capabilities.reads) - unread}
    if not unit.occurrences.loaded_crms({crm.name: crm.sources}, kinds=kinds):
        report.waiting += 1
        return
    # Only now, and never before a page that it reads: another machine's clock may be ahead.
    at = clock.now() if seen_at is None else max(clock.now(), seen_at)
    today = organisation.day_of(at)
    report.renewed += len(_outdated(unit, crm, [derivation], since=organisation.start_of(today)))
    report.changed += unit.derived.derive(
        crm.name,
        derivation,
        definition=_definition(crm, derivation, unread=unread),
        today=today,
        at=at,
        unread=unread,
    )
    report.facts += 1


def _unread(unit: UnitOfWork, crm: Crm) -> Set[RecordKind]:
    """The kinds that the CRM does not show and of which nothing is known as they are read now."""
    sources = {crm.name: crm.sources}
    hidden = unit.records.hidden(crm.name)
    return {kind for kind in hidden if not unit.occurrences.loaded_crms(sources, kinds={crm.name: {kind}})}


def _definition(crm: Crm, derivation: Derivation, *, unread: Set[RecordKind]) -> str:
    """A digest of all that decides about the value: the settings, from which fields its sources are read, and what
    is not shown at all, so that neither its first load nor its loss is a change of the relationship.
    """
    own = [fact.name for fact, _ in derivation.own()]
    read = sorted({*own, *(fact.name for fact in derivation.reads), *(f"{kind}.account" for kind in derivation.kinds)})
    parts: tuple[object, ...] = (derivation.text, [(name, crm.sources.get(name, "")) for name in read])
    if missing := sorted(derivation.kinds & unread):
        parts = (*parts, missing)
    return hashlib.sha256(repr(parts).encode()).hexdigest()
