"""Runs queries: the rows of a result are fixed at the first call, their values are read page by page."""

from __future__ import annotations

from array import array
from datetime import timedelta
from typing import Any

from adapters.sandbox.chance import token
from adapters.sandbox.clock import Clock
from adapters.sandbox.faults import Faults
from adapters.sandbox.salesforce.errors import Refusal
from adapters.sandbox.salesforce.shape import Shape
from adapters.sandbox.salesforce.soql import parse
from adapters.sandbox.salesforce.soql_sql import Compiled, compile_query
from adapters.sandbox.state import State

_SMALLEST, _LARGEST = 200, 2000
_CURSOR_LIFE = timedelta(days=2)


class Queries:
    """Answers query, queryAll and their further pages."""

    def __init__(self, state: State, clock: Clock, faults: Faults) -> None:
        self._state, self._clock, self._faults = state, clock, faults

    def first(self, soql: str, *, everything: bool, batch: int, version: str) -> dict[str, Any]:
        """The first page of a query; raises Refusal for SOQL the org would refuse."""
        compiled = self._compile(soql, everything=everything)
        if compiled.query.counted is not None:
            return self._count(compiled)
        rowids = array("q", (row[0] for row in self._state.rows(compiled.row_sql, compiled.values)))
        size = self._faults.page_size(min(max(batch, _SMALLEST), _LARGEST))
        locator = ""
        if len(rowids) > size:
            locator = self._keep(soql, everything, size, rowids)
        return self._page(Shape(compiled), rowids[:size], len(rowids), 0, locator, everything, version)

    def further(self, address: str, *, version: str) -> dict[str, Any]:
        """The page at locator-offset; raises INVALID_QUERY_LOCATOR for an unknown or an old one."""
        locator, _, place = address.rpartition("-")
        kept = self._state.row("select soql, everything, size, at, rowids from cursor_ where locator = ?", (locator,))
        oldest = (self._clock.now() - _CURSOR_LIFE).timestamp()
        if kept is None or not place.isdigit() or kept[3] < oldest:
            raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")  # unverified: the text
        soql, everything, size, _, blob = kept
        offset, total = int(place), len(blob) // 8
        rowids = array("q", blob[offset * 8 : (offset + size) * 8])
        shape = Shape(self._compile(soql, everything=bool(everything)))
        return self._page(shape, rowids, total, offset, locator, bool(everything), version)

    def _compile(self, soql: str, *, everything: bool) -> Compiled:
        return compile_query(soql, parse(soql), hidden=self._faults.hides, everything=everything)

    def _count(self, compiled: Compiled) -> dict[str, Any]:
        counted = compiled.query.counted
        if counted is None or not counted.parts:
            total = self._state.value(f"select count(*) from ({compiled.row_sql})", compiled.values)
            return {"totalSize": total, "done": True, "records": []}
        alias, _, found = compiled.names.find(counted)
        sql = compiled.row_sql.replace("select t0.rowid", f'select {alias}."{found.name}" as value', 1)
        total = self._state.value(f"select count(value) from ({sql})", compiled.values)
        row = {"attributes": {"type": "AggregateResult"}, "expr0": total}
        return {"totalSize": 1, "done": True, "records": [row]}

    def _keep(self, soql: str, everything: bool, size: int, rowids: array[int]) -> str:
        number = self._state.count("cursors")
        locator = "0r8" + token(15, "cursor", number, self._state.meta("plan"))
        now = int(self._clock.now().timestamp())
        with self._state.change() as connection:
            connection.execute("delete from cursor_ where at < ?", (now - int(_CURSOR_LIFE.total_seconds()),))
            connection.execute(
                "insert into cursor_ values (?, ?, ?, ?, ?, ?)",
                (locator, soql, int(everything), size, now, rowids.tobytes()),
            )
        return locator

    def _page(
        self, shape: Shape, rowids: array[int], total: int, offset: int, locator: str, everything: bool, version: str
    ) -> dict[str, Any]:
        end = offset + len(rowids)
        answer: dict[str, Any] = {"totalSize": total, "done": end >= total}
        if end < total:
            # unverified: whether pages of queryAll are named query or queryAll; both paths are served.
            path = "queryAll" if everything else "query"
            answer["nextRecordsUrl"] = f"/services/data/v{version}/{path}/{locator}-{end}"
        return {**answer, "records": shape.records(self._state, rowids, version)}
