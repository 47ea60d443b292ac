"""Conditions explained leaf by leaf: each comparison, the value it saw, and whether it held."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from connector.domain.condition import Condition, Leaf
from connector.domain.evaluation import Values, holds
from connector.domain.records import FactType, FactValue, Word

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLeaf:
    """One comparison as the admin wrote it, the value it saw, and whether it held; None: that is unknown."""

    text: str
    value: str
    is_true: bool | None


def seen_leaves(condition: Condition, *, values: Values) -> tuple[SeenLeaf, ...]:
    """Each comparison of a condition in the order of its text, with the values that were seen."""
    return tuple(_seen(condition.text, leaf, values) for leaf in condition.leaves())


def saw(condition: Condition, *, values: Values) -> str:
    """The facts of a condition with their values, such as `contact.level = user`."""
    return ", ".join(f"{fact.name} = {shown(values.get(fact.name))}" for fact in condition.facts())


def shown(value: FactValue) -> str:
    """A value as text; what is not known is `unknown`, and a whole number has no point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return UNKNOWN if value is None else str(value)


def values_in(text: str, *, condition: Condition) -> dict[str, FactValue] | None:
    """The values in a text that `saw` made of the same condition; None where it cannot be read so."""
    facts = condition.facts()
    pattern = ", ".join(f"{re.escape(fact.name)} = (.*)" for fact in facts)
    found = re.fullmatch(pattern, text, re.DOTALL)
    if found is None:
        return None
    try:
        return {fact.name: _value(fact, part) for fact, part in zip(facts, found.groups(), strict=True)}
    except ValueError:
        return None


def typed(facts: Iterable[Word], values: Mapping[str, object]) -> dict[str, FactValue]:
    """Values as the database gave them, with dates of the JSON column, which are ISO text, as dates."""
    return {fact.name: _typed(fact, values[fact.name]) for fact in facts}


def _seen(text: str, leaf: Leaf, values: Values) -> SeenLeaf:
    alone = Condition(text[leaf.span.start : leaf.span.end], leaf)
    return SeenLeaf(text=alone.text, value=shown(values.get(leaf.fact.name)), is_true=holds(alone, values=values))


def _value(fact: Word, text: str) -> FactValue:
    if text == UNKNOWN:
        return None
    match fact.type:
        case FactType.NUMBER:
            return float(text)
        case FactType.BOOLEAN:
            return text == "True"
        case FactType.DATE:
            return date.fromisoformat(text)
        case _:
            return text


def _typed(fact: Word, value: object) -> FactValue:
    if value is None or not isinstance(value, str | int | float | bool | date):
        return None
    if fact.type is FactType.DATE and isinstance(value, str):
        return _day(value)
    return value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
