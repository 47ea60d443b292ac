"""Turns a query tree into SQL over the sandbox's tables; every value is a bound parameter."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from adapters.sandbox.clock import stamp
from adapters.sandbox.salesforce.errors import Refusal
from adapters.sandbox.salesforce.fields import ID_TYPES, NUMBER_TYPES, TEXT_TYPES, Field, SObject
from adapters.sandbox.salesforce.ids import is_id, long_id
from adapters.sandbox.salesforce.soql import Both, Compare, Condition, Negated, Order, Query
from adapters.sandbox.salesforce.soql_names import Hidden, Names, queried_object
from adapters.sandbox.salesforce.soql_words import Word, located, malformed, unescape


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query ready to run: which rows, in which order, and the paths to read from each."""

    query: Query
    _: KW_ONLY
    base: SObject
    names: Names
    row_sql: str
    values: tuple[Any, ...]


def compile_query(soql: str, query: Query, *, hidden: Hidden, everything: bool) -> Compiled:
    """The SQL that finds the row numbers; deleted rows only with everything. Raises Refusal as the org would."""
    base = queried_object(query.object, hidden)
    names = Names(soql, base, hidden)
    _check_fields(names, query)
    values: list[Any] = []
    where = [] if everything else ["t0.IsDeleted = 0"]
    if query.where is not None:
        where.append(_condition(names, query.where, values))
    order = _order(names, query)
    clauses = f" where {' and '.join(where)}" if where else ""
    limit = "" if query.limit is None and not query.offset else " limit ? offset ?"
    if limit:
        values += [-1 if query.limit is None else query.limit, query.offset]
    joins = " ".join(names.join_sql)
    sql = f'select t0.rowid from "{base.name}" t0 {joins}{clauses} order by {order}{limit}'
    return Compiled(query, base=base, names=names, row_sql=sql, values=tuple(values))


def _check_fields(names: Names, query: Query) -> None:
    seen: set[tuple[str, ...]] = set()
    paths = query.fields if query.counted is None else (query.counted,) if query.counted.parts else ()
    for path in paths:
        names.find(path)
        key = tuple(part.lower() for part in path.parts)
        if key in seen:
            raise malformed(names.soql, path.at, f"duplicate field selected: {'.'.join(path.parts)}")
        seen.add(key)


def _order(names: Names, query: Query) -> str:
    keys = [_order_key(names, order) for order in query.order]
    if keys and not any(order.path.parts[-1].lower() == "id" for order in query.order):
        # Rows that tie come in no order one could rely on: neither by id nor as they were stored.
        keys.append("(t0.rowid * 40503) % 65521")
    return ", ".join(keys) or "t0.rowid"


def _order_key(names: Names, order: Order) -> str:
    alias, _, found = names.find(order.path)
    collate = " collate nocase" if found.type in TEXT_TYPES else ""
    direction = " desc" if order.descending else ""
    # SQLite puts nulls first ascending and last descending; say it only where that is not wanted,
    # because a spoken "nulls" keeps it from using the index.
    default = "last" if order.descending else "first"
    nulls = "" if order.nulls == default else f" nulls {order.nulls}"
    return f'{alias}."{found.name}"{collate}{direction}{nulls}'


def _condition(names: Names, condition: Condition, values: list[Any]) -> str:
    if isinstance(condition, Negated):
        # SOQL knows two truths: what is not true of a null is false, and its opposite true.
        return f"not ifnull({_condition(names, condition.item, values)}, 0)"
    if isinstance(condition, Both):
        return "(" + f" {condition.word} ".join(_condition(names, item, values) for item in condition.items) + ")"
    return _compare(names, condition, values)


def _compare(names: Names, condition: Compare, values: list[Any]) -> str:
    alias, _, found = names.find(condition.path)
    name = f'{alias}."{found.name}"'
    collate = " collate nocase" if found.type in TEXT_TYPES else ""
    if condition.sign in ("in", "not in"):
        return _among(names, condition, found, f"{name}{collate}", values)
    word = condition.values[0]
    if condition.sign == "like":
        return _like(names, condition, found, name, values)
    value = _value(names, condition, found, word)
    if value is None:
        if condition.sign not in ("=", "!="):
            raise malformed(names.soql, word.at, "unexpected token: 'null'")
        return f"{name} is null" if condition.sign == "=" else f"{name} is not null"
    values.append(value)
    if condition.sign == "!=":
        return f"({name} is null or {name} <> ?{collate})"
    return f"{name} {condition.sign} ?{collate}"


def _among(names: Names, condition: Compare, found: Field, name: str, values: list[Any]) -> str:
    wanted = [_value(names, condition, found, word) for word in condition.values]
    values.append(orjson.dumps([value for value in wanted if value is not None]).decode())
    among = f"{name} in (select value from json_each(?))"
    if condition.sign == "in":
        return f"({among} or {name} is null)" if None in wanted else among
    return f"(not ifnull({among}, 0)" + (f" and {name} is not null)" if None in wanted else ")")


def _like(names: Names, condition: Compare, found: Field, name: str, values: list[Any]) -> str:
    word = condition.values[0]
    if found.type not in TEXT_TYPES or word.kind != "string":
        text = f"invalid operator on {found.type} field"
        raise Refusal(400, "INVALID_QUERY_FILTER_OPERATOR", located(names.soql, condition.path.at, text))
    values.append(unescape(word.text, like=True))
    return f"{name} like ? escape '\\'"


def _value(names: Names, condition: Compare, found: Field, word: Word) -> Any:
    """The literal as stored, None for null; raises INVALID_FIELD when it is not of the field's type."""
    if word.lower == "null":
        return None
    if word.kind == "string" and found.type in TEXT_TYPES:
        return unescape(word.text)
    if word.kind == "string" and found.type in ID_TYPES:
        return _id_value(names, condition, word, unescape(word.text))
    if word.lower in ("true", "false") and found.type == "boolean":
        return int(word.lower == "true")
    if word.kind == "number" and found.type in NUMBER_TYPES:
        return float(word.text)
    if word.kind == "date" and found.type == "date":
        return _date_value(names, word, word.text)
    if word.kind == "datetime" and found.type == "datetime":
        return _date_value(names, word, word.text.upper())
    quotes = "should be" if found.type in TEXT_TYPES | ID_TYPES else "should not be"
    kind = {"datetime": "dateTime", "id": "string", "reference": "string"}.get(found.type, found.type)
    text = (  # unverified: the wording for types other than dates
        f"value of filter criterion for field '{found.name}' must be of type {kind} and {quotes} enclosed in quotes"
    )
    raise Refusal(400, "INVALID_FIELD", located(names.soql, condition.path.at, text))


def _id_value(names: Names, condition: Compare, word: Word, text: str) -> str:
    if text and not is_id(text):
        message = located(names.soql, condition.path.at, f"invalid ID field: {text}")
        raise Refusal(400, "INVALID_QUERY_FILTER_OPERATOR", message)
    return long_id(text)


def _date_value(names: Names, word: Word, text: str) -> str:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise malformed(names.soql, word.at, f"Invalid date: {word.text}") from None  # unverified: the text
    return text if word.kind == "date" else stamp(instant.astimezone(UTC))
