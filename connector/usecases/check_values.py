"""Values that rules compare facts with, looked up among those that each CRM's field can have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from connector.domain.condition import Compare, IsIn
from connector.domain.findings import Finding, Severity, Spot, Stated, stated_conditions
from connector.domain.programs import Policy, WhenKind
from connector.domain.records import Fact, FactType, RecordKind
from connector.usecases.check_connections import Connected

SHOWN = 12
"""Values of a list that a sentence repeats."""

_LEVELS = frozenset({"level", "rep_level"})
"""Facts whose words are ours: adapters read the CRM's into them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """The values that a fact can have in one CRM, in our words."""

    crm: str
    source: str
    values: Sequence[str]

    def __str__(self) -> str:
        more = f", and {len(self.values) - SHOWN} more" if len(self.values) > SHOWN else ""
        return f"{self.source} in {self.crm} ({', '.join(self.values[:SHOWN])}{more})"


def value_findings(policy: Policy, connections: Sequence[Connected]) -> Iterator[Finding]:
    """An error at each value that no CRM's field has, a warning where one of them has it or takes any text."""
    for stated in stated_conditions(policy):
        yield from _of_condition(stated, connections)
    for program in policy.programs:
        for index, milestone in enumerate(program.milestones):
            when = milestone.when
            if when.kind is WhenKind.CHANGED and when.fact is not None and when.value is not None:
                spot = Spot(path=("milestones", index, "when", "to"), program=program.id)
                yield from _of_value(when.fact, when.value, connections, spot=spot)
    for connected in connections:
        yield from _of_translations(connected)


def _of_condition(stated: Stated, connections: Sequence[Connected]) -> Iterator[Finding]:
    for leaf in stated.condition.leaves():
        if not isinstance(leaf, Compare | IsIn) or not isinstance(leaf.fact, Fact):
            continue
        for literal in leaf.literals if isinstance(leaf, IsIn) else (leaf.literal,):
            if isinstance(literal, str):
                written = "'" + literal.replace("'", "''") + "'"
                offset = stated.condition.text.find(written, leaf.span.start, leaf.span.end)
                spot = stated.spot(offset if offset >= 0 else leaf.span.start)
                yield from _of_value(leaf.fact, literal, connections, spot=spot)


def _of_value(fact: Fact, value: str, connections: Sequence[Connected], *, spot: Spot) -> Iterator[Finding]:
    if fact.type is not FactType.TEXT or (fact.kind is RecordKind.CONTACT and fact.word in _LEVELS):
        return
    mapped = [each for each in connections if each.failure is None and _delivers(each, fact)]
    listed = [found for each in mapped if (found := _listed(fact, each)) is not None]
    without = [each for each in listed if value not in each.values]
    if not without:
        return
    told = f"'{value}' is not a value of {'; nor of '.join(map(str, without))}"
    near = get_close_matches(value, [each for of in without for each in of.values], n=1)
    severity = Severity.ERROR if len(without) == len(mapped) else Severity.WARNING
    yield Finding(severity=severity, message=told + (f". Did you mean '{near[0]}'?" if near else ""), spot=spot)


def _delivers(connected: Connected, fact: Fact) -> bool:
    """Whether a CRM tells a fact: from one field, or from several sources, which take any text."""
    return fact.name in connected.facts or any(each.fact == fact for each in connected.crm.derived)


def _listed(fact: Fact, connected: Connected) -> _Listed | None:
    """The fact's values in one CRM; None where its field takes any text or could not be read."""
    found = connected.field_of(fact)
    if found is None or not found.values:
        return None
    ours: Mapping[str, str] = connected.crm.values.get(fact.name, {})
    values = list(dict.fromkeys(ours.get(value, value) for value in found.values))
    return _Listed(crm=connected.crm.name, source=connected.facts[fact.name], values=values)


def _of_translations(connected: Connected) -> Iterator[Finding]:
    """A warning at each of the CRM's values that `values:` translates and that its field has not."""
    for name, words in connected.crm.values.items():
        kind, _, word = name.partition(".")
        found = connected.field_of(Fact(kind=RecordKind(kind), word=word, type=FactType.TEXT))
        for value in words if found is not None and found.values else ():
            if found is not None and value not in found.values:
                listed = _Listed(crm=connected.crm.name, source=connected.facts[name], values=found.values)
                near = get_close_matches(value, found.values, n=1)
                told = f"'{value}' is not a value of {listed}" + (f". Did you mean '{near[0]}'?" if near else "")
                spot = Spot(path=("crms", connected.crm.name, "facts", name, "values", value), is_key=True)
                yield Finding(severity=Severity.WARNING, message=told, spot=spot)
