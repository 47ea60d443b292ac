"""Whether a condition holds for given values: three-valued as SQL is, for what was said and not for records alone."""

from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from connector.domain.condition import AllOf, AnyOf, Compare, Comparison, Condition, IsIn, IsKnown, Node, Not, Truth
from connector.domain.records import FactValue

Values = Mapping[str, FactValue]
"""A value for each word's name, such as `answer.relationship`; what is missing or None is unknown."""

_COMPARE: Mapping[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.EQ: eq,
    Comparison.NE: ne,
    Comparison.LT: lt,
    Comparison.LE: le,
    Comparison.GT: gt,
    Comparison.GE: ge,
}


def holds(condition: Condition, *, values: Values) -> bool | None:
    """Whether the condition holds; None where that depends on something unknown. Values are of their word's type."""
    return _node(condition.root, values)


def _node(node: Node, values: Values) -> bool | None:
    match node:
        case Not(part):
            inner = _node(part, values)
            return None if inner is None else not inner
        case AllOf(parts):
            return _joined([_node(part, values) for part in parts], decisive=False)
        case AnyOf(parts):
            return _joined([_node(part, values) for part in parts], decisive=True)
        case IsKnown(fact=word, negated=negated):
            return (values.get(word.name) is not None) is not negated
        case Compare() | IsIn() | Truth():
            return _leaf(node, values.get(node.fact.name))


def _joined(parts: list[bool | None], *, decisive: bool) -> bool | None:
    """`and` (False decides) or `or` (True decides): else an unknown part leaves the whole unknown."""
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def _leaf(leaf: Compare | IsIn | Truth, value: FactValue) -> bool | None:
    if value is None:
        return None
    match leaf:
        case Compare(op=op, literal=literal):
            return _COMPARE[op](value, literal)
        case IsIn(literals=literals, negated=negated):
            return (value in literals) is not negated
        case Truth():
            return bool(value)
