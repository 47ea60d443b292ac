"""Turns table rows into the records of an answer: attributes first, parents nested, flags and numbers as printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from adapters.sandbox.salesforce.fields import Field, SObject
from adapters.sandbox.salesforce.soql_sql import Compiled
from adapters.sandbox.state import State
from adapters.sandbox.wire import Raw

Row = tuple[Any, ...]
Reader = Callable[[Any], Any]


def printed(found: Field, value: Any) -> Any:
    """A stored value as the org prints it."""
    if value is None:
        return None
    if found.type == "boolean":
        return bool(value)
    if found.type in ("double", "currency") and abs(value) >= 1e7:
        return Raw(_scientific(value))
    return value


def _scientific(value: float) -> str:
    """Large numbers come as 3.5E8, as Java prints them."""
    mantissa, _, exponent = f"{value:.17e}".partition("e")
    power = int(exponent)
    digits = repr(value / 10**power)
    return f"{digits if 'e' not in digits else mantissa}E{power}"


def attributes(obj: SObject, record_id: str, version: str) -> dict[str, str]:
    """The entry that leads every record."""
    return {"type": obj.name, "url": f"/services/data/v{version}/sobjects/{obj.name}/{record_id}"}


@dataclass(slots=True)
class _Node:
    """One level of the record: where its id stands in the row, and what it shows in order."""

    obj: SObject
    _: KW_ONLY
    id_at: int
    items: list[tuple[str, int, Field | None, _Node | None]] = field(default_factory=list)

    def read(self, row: Row, version: str) -> dict[str, Any] | None:
        if row[self.id_at] is None:
            return None
        record: dict[str, Any] = {"attributes": attributes(self.obj, row[self.id_at], version)}
        for name, at, found, inner in self.items:
            if inner is not None:
                record[name] = inner.read(row, version)
            else:
                record[name] = row[at] if found is None else printed(found, row[at])
        return record


class Shape:
    """What one query reads from each of its rows."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._columns = ["t0.Id"]
        self._root = _Node(compiled.base, id_at=0)
        self._nodes: dict[str, _Node] = {"t0": self._root}
        for path in compiled.query.fields:
            self._add(path.parts)

    def records(self, state: State, rowids: Sequence[int], version: str) -> list[Any]:
        """The records of these rows, in this order."""
        base, joins = self._compiled.base.name, " ".join(self._compiled.names.join_sql)
        numbers = "[" + ",".join(map(str, rowids)) + "]"
        rows = state.rows(
            f"select {', '.join(self._columns)} from json_each(?) j"
            f' cross join "{base}" t0 on t0.rowid = j.value {joins} order by j.key',
            (numbers,),
        )
        return [self._root.read(row, version) for row in rows]

    def _add(self, parts: tuple[str, ...]) -> None:
        names = self._compiled.names
        if parts[0].lower() == names.base.name.lower() and parts[0].lower() not in names.base.relations:
            parts = parts[1:]
        node = self._root
        for depth in range(len(parts) - 1):
            node = self._child(node, parts[: depth + 1])
        found = node.obj.field(parts[-1])
        assert found is not None, parts  # noqa: S101 - the compiler has looked every path up
        alias = next(alias for alias, known in self._nodes.items() if known is node)
        self._columns.append(f'{alias}."{found.name}"')
        special = found.type in ("boolean", "double", "currency")
        node.items.append((found.name, len(self._columns) - 1, found if special else None, None))

    def _child(self, node: _Node, steps: tuple[str, ...]) -> _Node:
        alias, obj = self._compiled.names.joins[tuple(step.lower() for step in steps)]
        if alias not in self._nodes:
            self._columns.append(f"{alias}.Id")
            self._nodes[alias] = _Node(obj, id_at=len(self._columns) - 1)
            name = node.obj.relations[steps[-1].lower()].relation
            node.items.append((name, -1, None, self._nodes[alias]))
        return self._nodes[alias]
