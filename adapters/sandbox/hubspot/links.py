"""Associations between records: their type ids, both directions at once, and the properties that follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from adapters.sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, KINDS, Kind
from adapters.sandbox.hubspot.rows import change
from adapters.sandbox.state import State

PARENT_TO_CHILD, CHILD_TO_PARENT = 13, 14
PRIMARY = {("contacts", "companies"): 1, ("deals", "companies"): 5, ("tickets", "companies"): 26}
PLAIN = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("companies", "companies"): 450,
    ("contacts", "contacts"): 449,
    ("tickets", "contacts"): 16,
    ("contacts", "tickets"): 15,
    ("tickets", "companies"): 339,
    ("companies", "tickets"): 340,
    ("tasks", "contacts"): 204,
    ("contacts", "tasks"): 203,
    ("tasks", "companies"): 192,
    ("companies", "tasks"): 191,
    ("tasks", "deals"): 216,
    ("deals", "tasks"): 215,
    ("notes", "contacts"): 202,
    ("contacts", "notes"): 201,
    ("notes", "companies"): 190,
    ("companies", "notes"): 189,
    ("notes", "deals"): 214,
    ("deals", "notes"): 213,
}
_SPECIAL = {
    ("contacts", "companies"): {1: "Primary"},
    ("companies", "contacts"): {2: "Primary"},
    ("deals", "companies"): {5: "Primary"},
    ("companies", "deals"): {6: "Primary"},
    ("tickets", "companies"): {26: "Primary"},
    ("companies", "tickets"): {25: "Primary"},
    # unverified: which of the two labels goes with which id; here a label names the far end.
    ("companies", "companies"): {13: "Child Company", 14: "Parent Company"},
}
_BACK = {1: 2, 2: 1, 5: 6, 6: 5, 13: 14, 14: 13, 25: 26, 26: 25}
_BACK |= {number: PLAIN[(b, a)] for (a, b), number in PLAIN.items()}
_SHOWN_IN = {"contacts": "associatedcompanyid", "deals": "hs_primary_associated_company"}
Link = tuple[int, str, int, int]


def types_of(a: Kind, b: Kind) -> dict[int, str | None]:
    """The type ids from one kind to another with their labels; empty where they cannot be associated."""
    pair = (a.name, b.name)
    plain: dict[int, str | None] = {PLAIN[pair]: None} if pair in PLAIN else {}
    return {**_SPECIAL.get(pair, {}), **plain}


def both_ways(a: tuple[Kind, int], b: tuple[Kind, int], type_ids: Iterable[int]) -> list[Link]:
    """The rows to store for an association, from each side."""
    (a_kind, a_id), (b_kind, b_id) = a, b
    rows: list[Link] = []
    for number in type_ids:
        rows += [(a_id, b_kind.name, b_id, number), (b_id, a_kind.name, a_id, _BACK[number])]
    return rows


def insert(state: State, links: Iterable[Link]) -> None:
    """Store associations in bulk; the properties that follow from them are the caller's."""
    with state.change() as connection:
        connection.executemany("insert or ignore into hub_link values (?, ?, ?, ?)", links)


def put(state: State, a: tuple[Kind, int], b: tuple[Kind, int], type_ids: Iterable[int], *, at: datetime) -> list[int]:
    """Let these types and the plain one stand between two records, and no others; returns what stands."""
    (a_kind, a_id), (b_kind, b_id) = a, b
    with state.change():
        wanted = set(type_ids) | {PLAIN[(a_kind.name, b_kind.name)]}
        touched = {a, b}
        near = PRIMARY.get((a_kind.name, b_kind.name))
        far = PRIMARY.get((b_kind.name, a_kind.name))
        if near and (near in wanted or not _with_type(state, a_id, near)):
            touched |= _drop_type(state, a, b_kind, near)
            wanted.add(near)
        if far and (_BACK[far] in wanted or not _with_type(state, b_id, far)):
            touched |= _drop_type(state, b, a_kind, far)
            wanted.add(_BACK[far])
        if CHILD_TO_PARENT in wanted:
            touched |= _drop_type(state, a, b_kind, CHILD_TO_PARENT)
        if PARENT_TO_CHILD in wanted:
            touched |= _drop_type(state, b, a_kind, CHILD_TO_PARENT)
        _clear(state, a, b)
        insert(state, both_ways(a, b, sorted(wanted)))
        refresh(state, touched, at=at)
    return sorted(wanted)


def put_circle(state: State, one: int, other: int, *, at: datetime) -> None:
    """Let two companies be each other's parent, each losing the parent it had."""
    a, b = (COMPANIES, one), (COMPANIES, other)
    with state.change():
        touched = {a, b} | _drop_type(state, a, COMPANIES, CHILD_TO_PARENT)
        touched |= _drop_type(state, b, COMPANIES, CHILD_TO_PARENT)
        plain = PLAIN[(COMPANIES.name, COMPANIES.name)]
        insert(state, both_ways(a, b, [PARENT_TO_CHILD, CHILD_TO_PARENT, plain]))
        refresh(state, touched, at=at)


def drop(
    state: State, a: tuple[Kind, int], b: tuple[Kind, int], *, at: datetime, type_ids: Iterable[int] | None = None
) -> None:
    """Take an association away, or only these types of it."""
    with state.change():
        if type_ids is None:
            _clear(state, a, b)
        else:
            _remove(state, both_ways(a, b, type_ids))
        refresh(state, {a, b}, at=at)


def drop_all(state: State, a: tuple[Kind, int], *, at: datetime) -> None:
    """Take every association of a record away, as erasing does."""
    for b in neighbours(state, a[1]):
        drop(state, a, b, at=at)


def neighbours(state: State, a: int) -> set[tuple[Kind, int]]:
    """All records that one is associated with."""
    return {(KINDS[kind], b) for kind, b in state.rows("select distinct b_kind, b from hub_link where a = ?", (a,))}


def move_all(state: State, old: tuple[Kind, int], new: tuple[Kind, int], *, at: datetime) -> None:
    """Let every association of one record be another's, as a merge does."""
    found: dict[tuple[str, int], list[int]] = {}
    for b_kind, b_id, number in state.rows("select b_kind, b, type_id from hub_link where a = ?", (old[1],)):
        found.setdefault((b_kind, b_id), []).append(number)
    for (b_kind, b_id), numbers in sorted(found.items()):
        b = (KINDS[b_kind], b_id)
        _clear(state, old, b)
        if b_id != new[1]:
            put(state, new, b, numbers, at=at)


def between(state: State, a: tuple[Kind, int], b: Kind) -> dict[int, list[int]]:
    """The live records of a kind that are associated with one, in order, with the type ids."""
    found: dict[int, list[int]] = {}
    rows = state.rows(
        "select l.b, l.type_id from hub_link l join hub_record r on r.id = l.b and r.archived = 0"
        " where l.a = ? and l.b_kind = ? order by l.b, l.type_id",
        (a[1], b.name),
    )
    for b_id, number in rows:
        found.setdefault(b_id, []).append(number)
    return found


def _with_type(state: State, a: int, number: int) -> list[int]:
    return [row[0] for row in state.rows("select b from hub_link where a = ? and type_id = ? order by b", (a, number))]


def _live_with_type(state: State, a: int, number: int) -> list[int]:
    rows = state.rows(
        "select l.b from hub_link l join hub_record r on r.id = l.b and r.archived = 0"
        " where l.a = ? and l.type_id = ? order by l.b",
        (a, number),
    )
    return [row[0] for row in rows]


def _drop_type(state: State, a: tuple[Kind, int], b_kind: Kind, number: int) -> set[tuple[Kind, int]]:
    touched = {(b_kind, b_id) for b_id in _with_type(state, a[1], number)}
    for b in touched:
        _remove(state, both_ways(a, b, [number]))
    return touched


def _clear(state: State, a: tuple[Kind, int], b: tuple[Kind, int]) -> None:
    statement = "delete from hub_link where a = ? and b_kind = ? and b = ?"
    state.write(statement, (a[1], b[0].name, b[1]))
    state.write(statement, (b[1], a[0].name, a[1]))


def _remove(state: State, links: Iterable[Link]) -> None:
    for link in links:
        state.write("delete from hub_link where a = ? and b_kind = ? and b = ? and type_id = ?", link)


def refresh(state: State, touched: set[tuple[Kind, int]], *, at: datetime) -> None:
    """Bring the properties that show associations up to date; a record whose value stays keeps its stamp."""
    for kind, record_id in sorted(touched, key=lambda one: one[1]):
        if kind in (CONTACTS, DEALS):
            primary = _live_with_type(state, record_id, PRIMARY[(kind.name, "companies")])
            _show(state, record_id, {_SHOWN_IN[kind.name]: str(primary[0]) if primary else None}, at)
        elif kind is COMPANIES:
            parent = _live_with_type(state, record_id, CHILD_TO_PARENT)
            children = len(_live_with_type(state, record_id, PARENT_TO_CHILD))
            values = {
                "hs_parent_company_id": str(parent[0]) if parent else None,
                "hs_num_child_companies": str(children) if children else None,
            }
            _show(state, record_id, values, at)


def _show(state: State, record_id: int, values: dict[str, str | None], at: datetime) -> None:
    names = ", ".join(f"json_extract(props, '$.{name}')" for name in values)
    found = state.row(f"select {names} from hub_record where id = ? and archived = 0", (record_id,))
    if found is not None and list(found) != list(values.values()):
        change(state, record_id, values, at=at)
