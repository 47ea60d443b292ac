"""Does to the portal's records what no API client may do, and switches its faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import Any

from adapters.sandbox.clock import Clock
from adapters.sandbox.faults import Faults, LateCommit, UnknownFault, need
from adapters.sandbox.hubspot import links, rows
from adapters.sandbox.hubspot.account import Account
from adapters.sandbox.hubspot.derived import derived
from adapters.sandbox.hubspot.kinds import COMPANIES, Kind, find_kind
from adapters.sandbox.hubspot.limits import BURST, SEARCHES, Limits
from adapters.sandbox.hubspot.merging import archive, merge, restore
from adapters.sandbox.hubspot.rows import IN_BIN, LIVE
from adapters.sandbox.hubspot.schema import Schema
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.state import State
from adapters.sandbox.world.population import Plan

Values = Mapping[str, Any]
OWNERS = "owners"


@dataclass(frozen=True, slots=True)
class Hands:
    """The portal's side of the control pages' faults."""

    state: State
    _: KW_ONLY
    clock: Clock
    plan: Plan
    faults: Faults
    account: Account
    limits: Limits
    schema: Schema

    def acts(self) -> dict[str, Callable[[Values], Any]]:
        """All faults that are more than a switch, by name; each answers how many rows it touched, if any."""
        return {
            "expire_tokens": lambda _: self.account.expire_all(),
            "expire_after": lambda values: self.account.expire_after(int(need(values, "requests"))),
            "burst_limit": self._burst_limit,
            "search_limit": self._search_limit,
            "late_commit": self._late_commit,
            "same_second": self._same_second,
            "touch": self._touch,
            "delete": self._delete,
            "undelete": self._undelete,
            "merge": self._merge,
            "cycle": self._cycle,
        }

    def named(self, values: Values) -> dict[str, Any]:
        """The values with the kind's own name as `object`, where one is named; raises UnknownFault."""
        if "object" not in values or str(values["object"]).lower() in (OWNERS, "owner"):
            return dict(values)
        return {**values, "object": _kind(values).name}

    def off(self) -> None:
        """Let the token of the ready line live again, and no window bite."""
        self.state.write("update hub_token set requests_left = null")
        self.account.open_token()
        self.limits.clear()

    def _burst_limit(self, values: Values) -> None:
        self.limits.burst = int(values.get("max", BURST))

    def _search_limit(self, values: Values) -> None:
        self.limits.searches = int(values.get("per_second", SEARCHES))

    def _late_commit(self, values: Values) -> int:
        kind, record_id = _kind(values), int(need(values, "id"))
        self._check(kind, [record_id])
        opened = self.clock.now() - timedelta(seconds=int(values.get("seconds", 0)))
        late = LateCommit(kind.name, id=str(record_id), opened=opened, values=self._stored(kind, values), crm="hubspot")
        self.faults.late.append(late)
        return 1

    def _same_second(self, values: Values) -> int:
        return self.state.write(
            "update hub_record set modified = ? where id in"
            " (select id from hub_record where kind = ? and archived = 0 order by id limit ?)",
            (kept(self.clock.now()), _kind(values).name, int(need(values, "n"))),
        )

    def _touch(self, values: Values) -> int:
        if _is_owner(values):
            return self._owners([int(need(values, "id"))], "updated = ?", kept(self.clock.now()))
        kind, record_id = _kind(values), int(need(values, "id"))
        self._check(kind, [record_id])
        rows.change(self.state, record_id, self._stored(kind, values), at=self.clock.now())
        return 1

    def _delete(self, values: Values) -> int:
        ids = [int(one) for one in need(values, "ids")]
        if _is_owner(values):
            return self._owners(ids, "archived = 1, updated = ?", kept(self.clock.now()))
        kind = _kind(values)
        self._check(kind, ids)
        for record_id in ids:
            archive(self.state, kind, record_id, at=self.clock.now())
        return len(ids)

    def _undelete(self, values: Values) -> int:
        ids = [int(one) for one in need(values, "ids")]
        if _is_owner(values):
            return self._owners(ids, "archived = 0, updated = ?", kept(self.clock.now()))
        kind = _kind(values)
        self._check(kind, ids, state=IN_BIN)
        for record_id in ids:
            restore(self.state, kind, record_id, at=self.clock.now())
        return len(ids)

    def _merge(self, values: Values) -> int:
        kind, (winner, *losers) = _kind(values), [int(one) for one in need(values, "ids")]
        self._check(kind, [winner, *losers])
        for loser in losers:
            winner = merge(self.state, self.plan, kind, winner, loser, at=self.clock.now()).id
        return len(losers)

    def _cycle(self, values: Values) -> int:
        """Let two companies be each other's parent; the first two where none are named."""
        ids = [int(one) for one in values.get("ids", ())] or self._first_companies()
        self._check(COMPANIES, ids)
        if len(set(ids)) != 2:
            raise UnknownFault("a cycle is made of two companies")
        links.put_circle(self.state, ids[0], ids[1], at=self.clock.now())
        return 2

    def _first_companies(self) -> list[int]:
        statement = "select id from hub_record where kind = 'companies' and archived = 0 order by id limit 2"
        return [row[0] for row in self.state.rows(statement)]

    def _owners(self, ids: list[int], sets: str, at: str) -> int:
        touched = sum(self.state.write(f"update hub_owner set {sets} where id = ?", (at, one)) for one in ids)
        if touched != len(ids):
            raise UnknownFault("no owner has this id")
        return touched

    def _check(self, kind: Kind, ids: list[int], *, state: int = LIVE) -> None:
        for record_id in ids:
            row = rows.get(self.state, kind, record_id)
            if row is None or row.archived != state:
                raise UnknownFault(f"no {kind.singular} has the id {record_id}")

    def _stored(self, kind: Kind, values: Values) -> dict[str, Any]:
        """The values as texts with what follows from them; nothing is checked, an admin's hand may do anything."""
        given = {name: _text(value) for name, value in values.get("fields", {}).items()}
        unknown = [name for name in given if name not in self.schema.of(kind)]
        if unknown:
            raise UnknownFault(f"{kind.name} have no property {unknown[0]!r}")
        row = rows.get(self.state, kind, int(need(values, "id")))
        return {**given, **derived(kind, {**(row.props if row else {}), **given}, self.clock.now())}


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _is_owner(values: Values) -> bool:
    return str(need(values, "object")).lower() in (OWNERS, "owner")


def _kind(values: Values) -> Kind:
    found = find_kind(str(need(values, "object")))
    if found is None:
        raise UnknownFault(f"the portal has no {values['object']!r}")
    return found
