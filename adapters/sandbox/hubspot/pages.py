"""The portal's records as the control pages show them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from adapters.sandbox.hubspot import rows
from adapters.sandbox.hubspot.kinds import KINDS, Kind, find_kind
from adapters.sandbox.hubspot.records import Records
from adapters.sandbox.hubspot.rows import COLUMNS, IN_BIN, LIVE, Row, read
from adapters.sandbox.state import State

_SYSTEM = ("limit", "offset", "deleted", "crm")
_OWNER = ("id", "userId", "email", "firstName", "lastName", "createdAt", "updatedAt", "archived", "team")


@dataclass(frozen=True, slots=True)
class Pages:
    """Lists and single records, without sign-in and with every property, hidden ones too."""

    state: State
    _: KW_ONLY
    records: Records

    def counts(self) -> dict[str, int]:
        """How many live records of each kind there are."""
        found = dict(self.state.rows("select kind, count(*) from hub_record where archived = 0 group by kind"))
        return {name: found.get(name, 0) for name in KINDS}

    def listing(self, word: str, query: dict[str, str], limit: int) -> list[dict[str, Any]]:
        """Live rows by id; further query parameters ask for values. Raises LookupError or ValueError."""
        offset = int(query.get("offset", "0"))
        if word.lower() in ("owners", "owner"):
            found = self.state.rows("select * from hub_owner order by id limit ? offset ?", (limit, offset))
            return [_owner(row) for row in found]
        kind = _kind(word)
        states = f"({LIVE}, {IN_BIN})" if query.get("deleted") == "true" else f"({LIVE})"
        conditions, values = [f"kind = ? and archived in {states}"], [kind.name]
        for name, value in query.items():
            if name in _SYSTEM:
                continue
            if name not in self.records.schema.of(kind):
                raise ValueError(f"{kind.name} have no property {name!r}")
            conditions.append("id = ?" if name == "hs_object_id" else f"json_extract(props, '$.{name}') = ?")
            values.append(value)
        found = self.state.rows(
            f"select {COLUMNS} from hub_record where {' and '.join(conditions)} order by id limit ? offset ?",
            (*values, limit, offset),
        )
        return [self._values(kind, read(row)) for row in found]

    def record(self, word: str, text: str) -> dict[str, Any]:
        """One record as its page shows it: labels, names instead of ids, and what it is associated with."""
        if word.lower() in ("owners", "owner"):
            row = self.state.row("select * from hub_owner where id = ?", (text,))
            if row is None:
                raise LookupError(f"no owner has the id {text}")
            return {"object": "owners", "id": text, "shown": _owner(row), "values": _owner(row), "associations": {}}
        kind = _kind(word)
        found = rows.get(self.state, kind, int(text)) if text.isdigit() else None
        if found is None:
            raise LookupError(f"no {kind.singular} has the id {text}")
        values = self._values(kind, found)
        properties = self.records.schema.of(kind)
        shown = {one.label: self._named(one.reference, one.name, values.get(name)) for name, one in properties.items()}
        return {
            "object": kind.name,
            "id": text,
            "shown": shown,
            "values": values,
            "associations": self._associations(found.id),
        }

    def _values(self, kind: Kind, row: Row) -> dict[str, Any]:
        printed = self.records.shown(kind, row, [*self.records.schema.of(kind)])
        state = {
            "archived": row.archived == IN_BIN,
            "merged_into": None if row.merged_into is None else str(row.merged_into),
        }
        return {**printed["properties"], "id": printed["id"], **state}

    def _associations(self, record_id: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for kind, other in self.state.rows(
            "select distinct b_kind, b from hub_link where a = ? order by b_kind, b", (record_id,)
        ):
            found.setdefault(kind, []).append(str(other))
        return found

    def _named(self, reference: str, name: str, value: str | None) -> str | None:
        if value is None:
            return None
        if reference == "OWNER":
            found = self.state.row("select first, last from hub_owner where id = ?", (value,))
            return " ".join(part for part in found if part) if found else value
        if name in ("associatedcompanyid", "hs_parent_company_id", "hs_primary_associated_company"):
            label: str | None = self.state.value(
                "select json_extract(props, '$.name') from hub_record where id = ?", (value,)
            )
            return label
        return value


def _owner(row: tuple[Any, ...]) -> dict[str, Any]:
    values = dict(zip(_OWNER, row, strict=True))
    return {**values, "id": str(values["id"]), "userId": str(values["userId"]), "archived": bool(values["archived"])}


def _kind(word: str) -> Kind:
    found = find_kind(word)
    if found is None:
        raise LookupError(f"the portal has no {word}")
    return found
