"""What can be planned: a milestone whose CRMs have shown all that decides about it, by a definition of its own."""

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

from connector.domain.programs import Milestone, Policy, Program
from connector.domain.records import OPTIONAL_KINDS, RecordKind
from connector.ports.storage.unit import UnitOfWork
from connector.ports.wiring import Crm, joined_with
from connector.usecases.derive import is_derived


@dataclass(frozen=True, slots=True, kw_only=True)
class Plannable:
    """The CRMs that can be planned, and which of them show the kinds of records that a CRM may lack."""

    crms: Set[str]
    showing: Mapping[RecordKind, Set[str]]

    def includes(self, crm: Crm, milestone: Milestone) -> bool:
        """Whether a milestone of a CRM can be planned: where its kind is not shown, only the milestones on it wait."""
        return crm.name in self.crms & self.showing.get(milestone.when.anchor, self.crms)


def plannable(unit: UnitOfWork, crms: Sequence[Crm], *, policy: Policy, today: date) -> Plannable:
    """What can be planned by what is stored now, where the organisation's day is `today`."""
    showing = {kind: _showing(unit, crms, kind) for kind in OPTIONAL_KINDS}
    since = policy.organisation.start_of(today)
    return Plannable(crms=_loaded(unit, crms, facts=facts_read(policy), since=since), showing=showing)


def definition_of(policy: Policy, program: Program, milestone: Milestone, crms: Sequence[Crm]) -> str:
    """A digest of what decides which records a milestone sees: another one starts afresh (design 5.3).

    `crms` are the records' own CRM and those that it is joined with.
    """
    crm, *others = crms
    conditions = [rule.when for rule in policy.relationships] + [milestone.where]
    facts = {fact.name for condition in conditions if condition for fact in condition.facts()}
    if milestone.when.fact is not None:
        facts.add(milestone.when.fact.name)
    sources = sorted((name, crm.sources.get(name, "")) for name in facts)
    joined = [(each.name, each.is_home, [each.sources.get(name, "") for name in sorted(facts)]) for each in others]
    parts: tuple[object, ...] = (policy.relationships, program.relationship, program.starts_on, milestone, sources)
    parts = (*parts, crm.is_home, joined) if joined else parts
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _loaded(unit: UnitOfWork, crms: Sequence[Crm], *, facts: Set[str], since: datetime) -> set[str]:
    """The CRMs that can be planned: loaded, and all that they are joined with too, whose facts and people count.

    Derived facts that rules read must be up to date: who is asked by an old one stays asked.
    """
    sources = {crm.name: crm.sources for crm in crms}
    kinds = {crm.name: crm.capabilities.reads - OPTIONAL_KINDS for crm in crms}
    loaded = set(unit.occurrences.loaded_crms(sources, kinds=kinds))
    loaded = {crm.name for crm in crms if crm.name in loaded and is_derived(unit, crm, facts=facts, since=since)}
    return {crm.name for crm in crms if {each.name for each in joined_with(crm, crms)} <= loaded}


def facts_read(policy: Policy) -> Set[str]:
    """The names of all facts that decide who is asked when."""
    milestones = [milestone for program in policy.programs for milestone in program.milestones]
    conditions = [rule.when for rule in policy.relationships] + [program.who for program in policy.programs]
    conditions += [milestone.where for milestone in milestones]
    moments = [milestone.when.fact for milestone in milestones if milestone.when.fact is not None]
    read = [fact for condition in conditions if condition for fact in condition.facts()]
    return {fact.name for fact in (*read, *moments)}


def _showing(unit: UnitOfWork, crms: Sequence[Crm], kind: RecordKind) -> set[str]:
    """The CRMs whose records of a kind are loaded: where they are not shown, only the milestones on them wait."""
    sources = {crm.name: crm.sources for crm in crms}
    return set(unit.occurrences.loaded_crms(sources, kinds={crm.name: {kind} for crm in crms}))
