"""Checked conditions to bound SQLAlchemy expressions, three-valued as SQL is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, FromClause, and_, case, false, func, literal, not_, or_, true

from connector.domain.condition import AllOf, AnyOf, Compare, Comparison, Condition, IsIn, IsKnown, Node, Not, Truth
from connector.domain.programs import RelationshipRule
from connector.domain.records import FactType, RecordKind, Word


class Facts(Protocol):
    """What tells a fact where no single row does, as of an account that is known in two CRMs."""

    def of(self, fact: Word) -> ColumnElement[Any]:
        """The expression of a fact; a value that is unknown is NULL."""
        ...


Tables = Mapping[RecordKind, FromClause | Facts]
_OPERATORS: Mapping[Comparison, Callable[[Any, Any], Any]] = {
    Comparison.EQ: eq,
    Comparison.NE: ne,
    Comparison.LT: lt,
    Comparison.LE: le,
    Comparison.GT: gt,
    Comparison.GE: ge,
}


def fact_column(fact: Word, tables: Tables) -> ColumnElement[Any]:
    """The expression of a fact, over the table or whatever else tells the facts of its kind.

    A contact's level is what a rep says of it, else what the CRM's field or title does.
    """
    if (fact.kind, fact.word) == (RecordKind.CONTACT, "level"):
        return func.coalesce(_told(replace(fact, word="rep_level"), tables), _told(fact, tables))
    return _told(fact, tables)


def _told(fact: Word, tables: Tables) -> ColumnElement[Any]:
    source = tables[RecordKind(fact.kind)]
    return column_of(fact, source) if isinstance(source, FromClause) else source.of(fact)


def column_of(fact: Word, table: FromClause) -> ColumnElement[Any]:
    """A fact of one row: its typed column, or the value in the JSON column (dates there are ISO text)."""
    if fact.is_well_known:
        return table.c[fact.word]
    value: Any = table.c.facts[fact.word]
    read = {FactType.NUMBER: value.as_float, FactType.BOOLEAN: value.as_boolean}.get(fact.type, value.as_string)
    return cast(ColumnElement[Any], read())


def fact_literal(fact: Word, value: Any) -> Any:
    """A literal as the fact's expression compares it: dates in the JSON column are ISO text."""
    return value.isoformat() if isinstance(value, date) and not fact.is_well_known else value


def condition_sql(condition: Condition, tables: Tables) -> ColumnElement[bool]:
    """The whole condition over the tables that stand for the record kinds it reads."""
    return _node(condition.root, tables)


def relationship_sql(rules: Sequence[RelationshipRule], tables: Tables) -> ColumnElement[str]:
    """The relationship type of an account: first match, then the leftover."""
    whens = [(condition_sql(rule.when, tables), rule.type) for rule in rules if rule.when is not None]
    leftover = next(rule.type for rule in rules if rule.when is None)
    return case(*whens, else_=leftover) if whens else literal(leftover)


def _node(node: Node, tables: Tables) -> ColumnElement[bool]:
    match node:
        case Not(part):
            return not_(_node(part, tables))
        case AllOf(parts):
            return and_(true(), *(_node(part, tables) for part in parts))
        case AnyOf(parts):
            return or_(false(), *(_node(part, tables) for part in parts))
        case Compare():
            return _compare(node, tables)
        case IsIn(fact=fact, literals=literals, negated=negated):
            column = fact_column(fact, tables)
            values = [fact_literal(fact, value) for value in literals]
            return column.not_in(values) if negated else column.in_(values)
        case IsKnown(fact=fact, negated=negated):
            column = fact_column(fact, tables)
            return column.is_(None) if negated else column.is_not(None)
        case Truth(fact=fact):
            return fact_column(fact, tables) == true()


def _compare(leaf: Compare, tables: Tables) -> ColumnElement[bool]:
    column, value = fact_column(leaf.fact, tables), fact_literal(leaf.fact, leaf.literal)
    compared: ColumnElement[bool] = _OPERATORS[leaf.op](column, value)
    return compared
