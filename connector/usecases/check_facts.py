"""Facts that rules read and one of the CRMs does not deliver, with how many accounts that keeps from ever matching."""

from collections.abc import Iterator, Mapping, Sequence

from connector.domain.condition import Condition
from connector.domain.findings import Finding, Severity, Spot, stated_conditions
from connector.domain.possibility import is_possible
from connector.domain.programs import Policy, Program
from connector.domain.records import Fact, RecordKind
from connector.ports.inspecting import Inspected
from connector.ports.storage.counting import CountStore
from connector.ports.wiring import Crm, joined_with

_JOINED = (RecordKind.ACCOUNT, RecordKind.CONTACT)
"""Kinds that can be one over several CRMs, so that another CRM's fact may count."""


def missing_findings(policy: Policy, crms: Sequence[Crm], counts: CountStore | None) -> Iterator[Finding]:
    """An error where accounts of a CRM can never have a type, a warning where a fact is only unknown there.

    With `counts` the number of accounts is told, and where it is 0 nothing is found.
    """
    for crm in crms if len(crms) > 1 else ():
        for index, rule in enumerate(policy.relationships):
            if rule.when is not None:
                yield from _of_rule(index, rule.type, rule.when, crm=crm, crms=crms, counts=counts)
        for program in policy.programs:
            yield from _of_program(program, crm=crm, crms=crms)


def empty_findings(inspected: Inspected, counts: CountStore) -> Iterator[Finding]:
    """A warning at each field that the admin maps, that rules read, and that no record of the CRM fills."""
    read = {fact for stated in stated_conditions(inspected.policy) for fact in stated.condition.facts()}
    for crm in inspected.crms:
        facts = [fact for fact in inspected.facts_of(crm) if fact in read]
        for name, (known, records) in counts.filled(crm.name, facts).items():
            if records and not known:
                kind, _, _ = name.partition(".")
                told = f"{name} is unknown on all of {records:,} {kind} records in {crm.name}: rules see nothing there"
                spot = Spot(path=("crms", crm.name, "facts", name, "field"))
                yield Finding(severity=Severity.WARNING, message=told, spot=spot)


def _of_rule(
    index: int, type_: str, when: Condition, *, crm: Crm, crms: Sequence[Crm], counts: CountStore | None
) -> Iterator[Finding]:
    missing = _missing(when, crm)
    is_shut_out = not is_possible([when], unknown=missing) and is_possible([when])
    for name, offset in missing.items():
        others = [each.name for each in joined_with(crm, crms)[1:] if name in each.sources]
        number = counts.accounts_without(crm.name, others) if counts is not None else None
        if number == 0:
            continue
        who = f"{number:,} account{'s' if number != 1 else ''}" if number else "its accounts"
        joined = f" unless joined with one of {' or '.join(others)}" if others and number is None else ""
        effect = f"can never be {type_}" if is_shut_out else "are judged without it"
        told = f"{name} has no fact in crm {crm.name}: {who} {effect}{joined}. Map it under crms.{crm.name}.facts"
        severity = Severity.ERROR if is_shut_out else Severity.WARNING
        spot = Spot(path=("relationships", index, "when"), offset=offset)
        yield Finding(severity=severity, message=told, spot=spot)


def _of_program(program: Program, *, crm: Crm, crms: Sequence[Crm]) -> Iterator[Finding]:
    """Warnings where nobody of a CRM is ever asked for want of a fact."""
    if all(_missing(program.who, each) for each in crms):
        return
    missing = _missing(program.who, crm)
    if missing and not is_possible([program.who], unknown=missing):
        name, offset = next(iter(missing.items()))
        told = f"{name} has no fact in crm {crm.name}: nobody who is known only there can be asked. "
        spot = Spot(path=("who",), program=program.id, offset=offset)
        yield Finding(severity=Severity.WARNING, message=f"{told}Map it under crms.{crm.name}.facts", spot=spot)
    for index, milestone in enumerate(program.milestones):
        fact = milestone.when.fact
        if fact is None or fact.name in crm.sources:
            continue
        key = "from" if milestone.when.kind == "every" else milestone.when.kind.value
        told = f"{fact.name} has no fact in crm {crm.name}: this never falls due there"
        joined = " but where another CRM tells it" if fact.kind in _JOINED and len(joined_with(crm, crms)) > 1 else ""
        spot = Spot(path=("milestones", index, "when", key), program=program.id)
        told = f"{told}{joined}. Map it under crms.{crm.name}.facts"
        yield Finding(severity=Severity.WARNING, message=told, spot=spot)


def _missing(condition: Condition, crm: Crm) -> Mapping[str, int]:
    """The facts of a condition that a CRM does not deliver, each with where it is first named."""
    found: dict[str, int] = {}
    for leaf in condition.leaves():
        if isinstance(leaf.fact, Fact) and leaf.fact.name not in crm.sources:
            found.setdefault(leaf.fact.name, leaf.span.start)
    return found
