"""What a plan leaves out: CRMs whose records, or the facts derived from them, are not there yet."""

from collections.abc import Mapping, Sequence

from connector.domain.records import OPTIONAL_KINDS
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.wiring import Crm, joined_with
from connector.usecases.derive import is_derived
from connector.usecases.plan import Planned


def unplanned(planned: Planned, *, storage: Storage, crms: Sequence[Crm]) -> Mapping[str, str]:
    """Each CRM that a plan of now leaves out, with the stage that has to run first: `sync` or `derive`."""
    taken_in = {mark.crm for mark in planned.marks}
    with storage.snapshot() as unit:
        stages = {crm.name: _missing(unit, crm, crms) for crm in crms if crm.name not in taken_in}
    return {name: stage for name, stage in stages.items() if stage is not None}


def _missing(unit: UnitOfWork, crm: Crm, crms: Sequence[Crm]) -> str | None:
    """What a CRM waits for; those that it is joined with bring facts and people of its own."""
    together = joined_with(crm, crms)
    kinds = {each.name: each.capabilities.reads - OPTIONAL_KINDS for each in together}
    loaded = unit.occurrences.loaded_crms({each.name: each.sources for each in together}, kinds=kinds)
    if len(loaded) < len(together):
        return "sync"
    derived = (is_derived(unit, each, facts={one.fact.name for one in each.derived}) for each in together)
    return None if all(derived) else "derive"
