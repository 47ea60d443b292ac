"""Turns the filters of a search into SQL over the record table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.sandbox.hubspot.errors import Refusal, invalid
from adapters.sandbox.hubspot.kinds import Kind, find_kind
from adapters.sandbox.hubspot.property import Property
from adapters.sandbox.hubspot.times import kept, parse_day, parse_instant

MOST_GROUPS, MOST_IN_GROUP, MOST_FILTERS = 5, 6, 18
_COMPARED = {"EQ": "=", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}


@dataclass(frozen=True, slots=True)
class Where:
    """A piece of SQL and its values in order."""

    sql: str
    values: tuple[Any, ...] = ()


def where(kind: Kind, properties: Mapping[str, Property], groups: Sequence[Any]) -> Where:
    """The condition of all filter groups: any group, all filters of it; raises for what the portal refuses."""
    lists = [group.get("filters", []) for group in groups]
    if (
        len(lists) > MOST_GROUPS
        or any(len(one) > MOST_IN_GROUP for one in lists)
        or sum(map(len, lists)) > MOST_FILTERS
    ):
        raise invalid("Too many filters")  # unverified: the text
    found = [_all(kind, properties, filters) for filters in lists if filters]
    if not found:
        return Where("1")
    return Where(" or ".join(f"({one.sql})" for one in found), tuple(value for one in found for value in one.values))


def column(kind: Kind, properties: Mapping[str, Property], name: str) -> str:
    """The SQL that reads a property; raises for one that does not exist."""
    if name not in properties:
        raise invalid(f"There was a problem with the request: property {name} does not exist")  # unverified: the text
    special = {"hs_object_id": "id", kind.created: "created", kind.modified: "modified"}
    if name in special:
        return special[name]
    plain = f"json_extract(props, '$.{name}')"
    return f"cast({plain} as real)" if properties[name].type == "number" else plain


def _all(kind: Kind, properties: Mapping[str, Property], filters: Sequence[Any]) -> Where:
    found = [_one(kind, properties, one) for one in filters]
    return Where(" and ".join(f"({one.sql})" for one in found), tuple(value for one in found for value in one.values))


def _one(kind: Kind, properties: Mapping[str, Property], given: Mapping[str, Any]) -> Where:
    name, operator = str(given.get("propertyName", "")), str(given.get("operator", ""))
    if name.startswith("associations."):
        return _associated(name.partition(".")[2], operator, given)
    sql = column(kind, properties, name)
    one = properties[name]
    folded = f"lower({sql})" if one.type == "string" else sql
    if operator in _COMPARED:
        return Where(f"{folded} {_COMPARED[operator]} ?", (_value(one, given.get("value")),))
    if operator == "NEQ":
        return Where(f"{folded} <> ?", (_value(one, given.get("value")),))  # unverified: whether no value is unlike
    if operator == "BETWEEN":
        return Where(
            f"{folded} between ? and ?", (_value(one, given.get("value")), _value(one, given.get("highValue")))
        )
    if operator in ("IN", "NOT_IN"):
        # Lists of texts are compared as they are written, so that only lower case finds anything.
        values = tuple(
            str(value) if one.type == "string" else _value(one, value) for value in given.get("values") or ()
        )
        word = "in" if operator == "IN" else "not in"
        return Where(f"{folded} {word} ({', '.join('?' * len(values))})", values)
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        raw = sql.removeprefix("cast(").removesuffix(" as real)")
        return Where(f"{raw} is {'not null' if operator == 'HAS_PROPERTY' else 'null'}")
    return _tokens(sql, operator, given)


def _tokens(sql: str, operator: str, given: Mapping[str, Any]) -> Where:
    """Words of a text; a star stands for any letters."""
    if operator not in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        raise invalid(f"operator {operator} is not one of the operators")  # unverified: the text
    token = str(given.get("value", "")).lower().replace("%", "").replace("_", "\\_").replace("*", "%")
    word = "like" if operator == "CONTAINS_TOKEN" else "not like"
    spaced = f"' ' || replace(replace(lower(coalesce({sql}, '')), '@', ' '), '.', ' ') || ' '"
    whole = f"' ' || lower(coalesce({sql}, '')) || ' '"
    join = "or" if operator == "CONTAINS_TOKEN" else "and"
    like = f"% {token} %"
    return Where(f"{spaced} {word} ? escape '\\' {join} {whole} {word} ? escape '\\'", (like, like))


def _associated(word: str, operator: str, given: Mapping[str, Any]) -> Where:
    other = find_kind(word)
    if other is None or operator not in ("EQ", "IN"):
        raise invalid(f"associations.{word} cannot be searched so")  # unverified: the text
    ids = [given.get("value")] if operator == "EQ" else list(given.get("values") or ())
    marks = ", ".join("?" * len(ids))
    return Where(
        f"id in (select a from hub_link where b_kind = ? and b in ({marks}))",
        (other.name, *(int(str(one)) for one in ids)),
    )


def _value(one: Property, value: Any) -> Any:
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    try:
        if one.name == "hs_object_id":
            return int(text)
        if one.type == "number":
            return float(text)
        if one.type == "datetime":
            return kept(parse_instant(text))
        if one.type == "date":
            return parse_day(text).isoformat()
    except ValueError:
        raise _unreadable(one, text) from None
    return text.lower() if one.type == "string" else text


def _unreadable(one: Property, text: str) -> Refusal:
    return invalid(f"{text} is no {one.type} for {one.name}")  # unverified: the text
