"""What a plan leaves out: CRMs whose records, or the facts derived from them, are not there yet or not up to date."""

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime

from connector.domain.programs import Policy
from connector.domain.records import OPTIONAL_KINDS
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.wiring import Crm, joined_with
from connector.usecases.derive import is_derived
from connector.usecases.plan import Planned
from connector.usecases.plannable import facts_read


def unplanned(planned: Planned, *, storage: Storage, policy: Policy, crms: Sequence[Crm]) -> Mapping[str, str]:
    """Each CRM that a plan of now leaves out, with the stage that has to run first: `sync` or `derive`."""
    taken_in = {mark.crm for mark in planned.marks}
    with storage.snapshot() as unit:
        stages = waits(unit, policy=policy, crms=crms, today=planned.inputs.as_of)
    return {name: stage for name, stage in stages.items() if name not in taken_in}


def waits(unit: UnitOfWork, *, policy: Policy, crms: Sequence[Crm], today: date) -> Mapping[str, str]:
    """Each CRM of which nothing is planned on the organisation's day as things stand, with the stage it waits for."""
    facts, since = facts_read(policy), policy.organisation.start_of(today)
    stages = {crm.name: _missing(unit, crm, crms, facts=facts, since=since) for crm in crms}
    return {name: stage for name, stage in stages.items() if stage is not None}


def _missing(unit: UnitOfWork, crm: Crm, crms: Sequence[Crm], *, facts: Set[str], since: datetime) -> str | None:
    """What a CRM waits for; those that it is joined with bring facts and people of its own."""
    together = joined_with(crm, crms)
    kinds = {each.name: each.capabilities.reads - OPTIONAL_KINDS for each in together}
    loaded = unit.occurrences.loaded_crms({each.name: each.sources for each in together}, kinds=kinds)
    if len(loaded) < len(together):
        return "sync"
    derived = (is_derived(unit, each, facts=facts, since=since) for each in together)
    return None if all(derived) else "derive"
