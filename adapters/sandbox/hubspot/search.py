"""Lists by id and searches by filter, with their pages and their caps."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import Any

from adapters.sandbox.hubspot import links
from adapters.sandbox.hubspot.errors import invalid
from adapters.sandbox.hubspot.filters import Where, column, where
from adapters.sandbox.hubspot.kinds import Kind, find_kind
from adapters.sandbox.hubspot.records import Records
from adapters.sandbox.hubspot.rows import COLUMNS, IN_BIN, LIVE, Row, read
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.wire import Call

_LIST_MOST, _WITH_HISTORY_MOST, _LIST_DEFAULT = 100, 50, 10
_SEARCH_MOST, _SEARCH_DEFAULT, _SEARCH_END = 200, 10, 10_000
_LONGEST_BODY = 3_000
_IN_BIN_FOR = timedelta(days=90)
_SEARCHED = ("name", "domain", "email", "firstname", "lastname", "dealname", "hs_task_subject", "hs_note_body")


@dataclass(frozen=True, slots=True)
class Search:
    """Answers lists and searches."""

    records: Records
    _: KW_ONLY
    base: str = "https://api.hubapi.com"

    def listed(self, kind: Kind, call: Call) -> dict[str, Any]:
        """One page in the order of ids; `archived` asks for the recycle bin alone."""
        history = call.listed("propertiesWithHistory")
        most = _WITH_HISTORY_MOST if history else _LIST_MOST
        limit = _number(call.query.get("limit"), _LIST_DEFAULT)
        if not 1 <= limit <= most:
            raise invalid(f"limit must be between 1 and {most}")  # unverified: the text
        after, archived = _number(call.query.get("after"), 0), call.query.get("archived", "").lower() == "true"
        limit = self.records.faults.page_size(limit)
        found = self._rows(kind, after, limit + 1, archived)
        results = [self._with_associations(kind, row, call) for row in found[:limit]]
        if len(found) <= limit:
            return {"results": results}
        following = str(found[limit - 1].id + 1)
        link = f"{self.base}{call.path}?limit={limit}&after={following}"
        return {"results": results, "paging": {"next": {"after": following, "link": link}}}

    def _rows(self, kind: Kind, after: int, most: int, archived: bool) -> list[Row]:
        oldest = kept(self.records.clock.now() - _IN_BIN_FOR) if archived else ""
        return [
            read(row)
            for row in self.records.state.rows(
                f"select {COLUMNS} from hub_record where kind = ? and archived = ? and id >= ?"
                " and coalesce(archived_at, '') >= ? order by id limit ?",
                (kind.name, IN_BIN if archived else LIVE, after, oldest, most),
            )
        ]

    def _with_associations(self, kind: Kind, row: Row, call: Call) -> dict[str, Any]:
        shown = self.records.shown(kind, row, call.listed("properties"))
        return {**shown, **self.associated(kind, row, call)}

    def associated(self, kind: Kind, row: Row, call: Call) -> dict[str, Any]:
        """The `associations` entry of a record that was asked for with some; none where there are none."""
        found: dict[str, Any] = {}
        for word in call.listed("associations"):
            other = find_kind(word)
            if other is None:
                raise invalid(f"Unable to infer object type from: {word}")
            entries = [
                {"id": str(b), "type": _type_text(kind, other, number)}
                for b, numbers in links.between(self.records.state, (kind, row.id), other).items()
                for number in numbers
            ]
            if entries:
                found[other.name] = {"results": entries}
        return {"associations": found} if found else {}

    def found(self, kind: Kind, body: dict[str, Any], *, size: int) -> dict[str, Any]:
        """One page of a search; raises for what lies beyond the caps."""
        limit, after = _number(body.get("limit"), _SEARCH_DEFAULT), _number(body.get("after"), 0)
        if not 1 <= limit <= _SEARCH_MOST or after + limit > _SEARCH_END or size > _LONGEST_BODY:
            raise invalid("This search goes beyond a limit of the search API")  # unverified: the text
        limit = self.records.faults.page_size(limit)
        condition = self._condition(kind, body)
        base = f"from hub_record where kind = ? and archived = 0 and ({condition.sql})"
        values = (kind.name, *condition.values)
        total = self.records.state.value(f"select count(*) {base}", values)
        rows = self.records.state.rows(
            f"select {COLUMNS} {base} order by {self._order(kind, body)} limit ? offset ?", (*values, limit, after)
        )
        wanted = list(body.get("properties") or [])
        answer: dict[str, Any] = {
            "total": total,
            "results": [self.records.shown(kind, read(row), wanted) for row in rows],
        }
        if after + limit < total:
            answer["paging"] = {"next": {"after": str(after + limit)}}
        return answer

    def _condition(self, kind: Kind, body: dict[str, Any]) -> Where:
        properties = self.records.schema.of(kind)
        groups = body.get("filterGroups") or ([{"filters": body["filters"]}] if body.get("filters") else [])
        found = where(kind, properties, groups)
        sql, values = f"({found.sql})", list(found.values)
        if body.get("query"):
            names = [name for name in _SEARCHED if name in properties]
            sql += " and (" + " or ".join(f"lower({column(kind, properties, one)}) like ?" for one in names) + ")"
            values += [f"%{str(body['query']).lower()}%"] * len(names)
        lag = self.records.faults.search_lag
        if lag:
            sql += " and modified <= ?"
            values.append(kept(self.records.clock.now() - timedelta(seconds=lag)))
        return Where(sql, tuple(values))

    def _order(self, kind: Kind, body: dict[str, Any]) -> str:
        sorts = body.get("sorts") or []
        if not sorts:
            return "created, id"
        if len(sorts) > 1:
            raise invalid("Only one sort is allowed")  # unverified: the text
        first = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": str(sorts[0])}
        sql = column(kind, self.records.schema.of(kind), str(first.get("propertyName", "")))
        way = "desc" if str(first.get("direction", "")).upper() in ("DESC", "DESCENDING") else "asc"
        return f"{sql} {way}, id" if sql != "id" else f"id {way}"


def _type_text(a: Any, b: Any, number: int) -> str:
    plain = f"{a.singular}_to_{b.singular}"
    labels = links.types_of(a, b)
    if labels[number] is None:
        return f"{plain}_unlabeled"
    return {13: "parent_to_child_company", 14: "child_to_parent_company"}.get(number, plain)


def _number(value: Any, default: int) -> int:
    if value is None or value == "":
        return default
    if not str(value).isdigit():
        raise invalid(f"{value} is no number")  # unverified: the text
    return int(value)
