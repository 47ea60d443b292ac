"""Values that rules compare facts with, looked up among those that each CRM's field can have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from connector.domain.condition import Compare, IsIn
from connector.domain.findings import Finding, Severity, Spot, Stated, stated_conditions
from connector.domain.possibility import is_possible
from connector.domain.programs import Policy, WhenKind
from connector.domain.records import Fact, FactType, RecordKind
from connector.ports.storage.counting import CountStore
from connector.usecases.check_connections import Connected

SHOWN = 12
"""Values of a list that a sentence repeats."""

_ANOTHER = "\0another"
"""Stands for every value that a rule does not name."""
_LEVELS = frozenset({"level", "rep_level"})
"""Facts whose words are ours: adapters read the CRM's into them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """The values that a fact can have in one CRM, in our words."""

    crm: str
    source: str
    values: Sequence[str]
    is_closed: bool = True
    is_multiple: bool = False

    def has(self, value: str) -> bool:
        """Whether a record can be given this: of several at once each one counts."""
        return all(part in self.values for part in (value.split(";") if self.is_multiple else [value]))

    def __str__(self) -> str:
        more = f", and {len(self.values) - SHOWN} more" if len(self.values) > SHOWN else ""
        return f"{self.source} in {self.crm} ({', '.join(self.values[:SHOWN])}{more})"


def value_findings(policy: Policy, connections: Sequence[Connected], counts: CountStore | None) -> Iterator[Finding]:
    """An error at each value that no CRM's field has, a warning where one of them has it or takes any text.

    With `counts` a value that records still hold is a warning too, and one that no record holds is an error where a
    relationship rule matches nobody for it, whatever the field takes. A field of several values at once is warned of.
    While a CRM that tells the fact cannot be looked at, nothing is more than a warning.
    """
    for stated in stated_conditions(policy):
        for fact, value, spot in _compared(stated):
            empties = counts is not None and _matches_nobody(stated, fact, connections, counts=counts)
            yield from _of_value(fact, value, connections, counts=counts, spot=spot, empties=empties)
    for program in policy.programs:
        for index, milestone in enumerate(program.milestones):
            when = milestone.when
            if when.kind is WhenKind.CHANGED and when.fact is not None and when.value is not None:
                spot = Spot(path=("milestones", index, "when", "to"), program=program.id)
                yield from _of_value(when.fact, when.value, connections, counts=counts, spot=spot)
    for connected in connections:
        yield from _of_translations(connected)


def _compared(stated: Stated) -> Iterator[tuple[Fact, str, Spot]]:
    """Every text that a fact of a record is compared with, and where it is written."""
    for leaf in stated.condition.leaves():
        if not isinstance(leaf, Compare | IsIn) or not isinstance(leaf.fact, Fact):
            continue
        for literal in leaf.literals if isinstance(leaf, IsIn) else (leaf.literal,):
            if isinstance(literal, str):
                written = "'" + literal.replace("'", "''") + "'"
                offset = stated.condition.text.find(written, leaf.span.start, leaf.span.end)
                yield leaf.fact, literal, stated.spot(offset if offset >= 0 else leaf.span.start)


def _matches_nobody(stated: Stated, fact: Fact, connections: Sequence[Connected], *, counts: CountStore) -> bool:
    """Whether a relationship rule is true of no account for want of values that a list has or a record holds.

    Where no record has any value, the records have not come yet and nothing is said; nor where a CRM was not seen.
    """
    mapped = [each for each in connections if _delivers(each, fact)]
    rule = stated.condition
    if stated.path[:1] != ("relationships",) or any(each.failure is not None for each in mapped):
        return False
    if not is_possible([rule]) or not _is_filled(fact, mapped, counts):
        return False
    listed = [found for each in mapped if (found := _listed(fact, each)) is not None]
    compared = {value for found, value, _ in _compared(stated) if found == fact}
    there = [
        value
        for value in sorted(compared)
        if any(each.has(value) for each in listed) or any(counts.holding(each.crm.name, fact, value) for each in mapped)
    ]
    return not is_possible([rule], closed={fact.name: [*there, _ANOTHER]})


def _is_filled(fact: Fact, mapped: Sequence[Connected], counts: CountStore) -> bool:
    return any(known for each in mapped for known, _ in counts.filled(each.crm.name, [fact]).values())


def _of_value(
    fact: Fact,
    value: str,
    connections: Sequence[Connected],
    *,
    counts: CountStore | None,
    spot: Spot,
    empties: bool = False,
) -> Iterator[Finding]:
    if fact.type is not FactType.TEXT or (fact.kind is RecordKind.CONTACT and fact.word in _LEVELS):
        return
    mapped = [each for each in connections if _delivers(each, fact)]
    unseen = [each.crm.name for each in mapped if each.failure is not None]
    listed = [found for each in mapped if (found := _listed(fact, each)) is not None]
    for each in listed:
        if each.is_multiple and each.has(value):
            told = f"{each.source} in {each.crm} holds all its values as one text with `;` between them"
            told += f": this compares the whole text, and is so where exactly '{value}' is chosen"
            yield Finding(severity=Severity.WARNING, message=told, spot=spot)
    without = [each for each in listed if not each.has(value)]
    if without:
        held = sum(counts.holding(each.crm, fact, value) for each in without) if counts is not None else 0
        is_nowhere = len(without) == len(mapped) and not held
        is_sure = is_nowhere and (empties or all(each.is_closed for each in without))
        severity = Severity.ERROR if is_sure else Severity.WARNING
        beyond = "".join(_told_of_unseen(crm, fact, value, counts=counts) for crm in unseen)
        message = _told(value, without, kind=fact.kind, held=held, empties=empties and is_nowhere, beyond=beyond)
        yield Finding(severity=severity, message=message, spot=spot)


def _told(value: str, without: Sequence[_Listed], *, kind: RecordKind, held: int, empties: bool, beyond: str) -> str:
    """What is not among the values; who holds it all the same, or else the value that is nearest."""
    told = f"'{value}' is not a value of {'; nor of '.join(map(str, without))}"
    if held:
        return f"{told}, and {_have_it(held, kind)}: nobody else can be given it{beyond}"
    free = [each.source for each in without if not each.is_closed]
    if empties:
        told += f", and no {kind} record has it: this rule matches nobody"
    elif free:
        told += f"; but {' and '.join(free)} may hold other texts"
    told += beyond
    near = get_close_matches(value, [each for of in without for each in of.values], n=1)
    capitals = " Capitals count." if near and near[0].lower() == value.lower() else ""
    return told + (f". Did you mean '{near[0]}'?{capitals}" if near else "")


def _told_of_unseen(crm: str, fact: Fact, value: str, *, counts: CountStore | None) -> str:
    """That a CRM's list is not known now, and whether its records, as they were read last, have the value."""
    held = counts.holding(crm, fact, value) if counts is not None else 0
    there = f", and {_have_it(held, fact.kind)} there" if held else ""
    return f"; {crm} could not be looked at{there}"


def _have_it(held: int, kind: RecordKind) -> str:
    return f"{held:,} {kind} record{' has' if held == 1 else 's have'} it"


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
    return _Listed(
        crm=connected.crm.name,
        source=connected.facts[fact.name],
        values=values,
        is_closed=found.is_closed,
        is_multiple=found.is_multiple,
    )


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
