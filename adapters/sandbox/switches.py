"""Switches faults on and off, and does to records what no client may do through the org's own API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from typing import Any

from adapters.sandbox.clock import Clock, stamp
from adapters.sandbox.faults import Faults, LateCommit, UnknownFault, need
from adapters.sandbox.hubspot.hands import Hands
from adapters.sandbox.salesforce.auth import Sessions
from adapters.sandbox.salesforce.catalogue import ACCOUNT, find_object
from adapters.sandbox.salesforce.fields import SObject
from adapters.sandbox.salesforce.ids import long_id
from adapters.sandbox.salesforce.records import derived
from adapters.sandbox.salesforce.rows import delete, is_live, merge, undelete, update
from adapters.sandbox.salesforce.service import closed
from adapters.sandbox.salesforce.tasks import completed
from adapters.sandbox.state import State
from adapters.sandbox.turning import Turning
from adapters.sandbox.world.population import Plan

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Switches:
    """All faults by name; every one answers how many rows or tokens it touched, where it touches any."""

    state: State
    _: KW_ONLY
    clock: Clock
    plan: Plan
    faults: Faults
    sessions: Sessions
    turning: Turning
    portal: Hands

    def on(self, name: str, values: Values) -> dict[str, Any]:
        """Switch a fault on, for the portal where `crm` says so; raises UnknownFault."""
        crm = values.get("crm")
        if crm not in (None, "salesforce", "hubspot"):
            raise UnknownFault(f"no CRM is called {crm!r}; there are: salesforce, hubspot")
        if crm == "hubspot":
            values = self.portal.named(values)
        if self.faults.switch(name, values, now=self.clock.now()):
            return {"fault": name, "on": True}
        acts = {**self._acts(), **self.portal.acts()} if crm == "hubspot" else self._acts()
        act = acts.get(name)
        if act is None:
            known = sorted({*acts, *_SWITCHED})
            raise UnknownFault(f"no fault is called {name!r}; there are: {', '.join(known)}")
        with self.state.change():
            touched = act(values)
        return {"fault": name, "touched": touched}

    def off(self) -> dict[str, Any]:
        """Switch every fault off and let the tokens of the ready line live again."""
        self.faults.clear(now=self.clock.now())
        self.state.write("update grant_ set requests_left = null")
        self.sessions.open_fixed()
        self.portal.off()
        return {"faults": "off"}

    def _acts(self) -> dict[str, Callable[[Values], Any]]:
        return {
            "expire_tokens": lambda _: self.sessions.expire_all(),
            "expire_after": lambda values: self.sessions.expire_after(int(need(values, "requests"))),
            "late_commit": self._late_commit,
            "commit_late": lambda _: self.turning.commit_late(),
            "same_second": self._same_second,
            "touch": self._touch,
            "delete": self._delete,
            "undelete": self._undelete,
            "merge": self._merge,
            "cycle": self._cycle,
        }

    def _late_commit(self, values: Values) -> int:
        obj, record_id = _object(values), self._known(values)
        opened = self.clock.now() - timedelta(seconds=int(values.get("seconds", 0)))
        stored = self._stored(obj, record_id, values.get("fields", {}))
        self.faults.late.append(LateCommit(obj.name, id=record_id, opened=opened, values=stored))
        return 1

    def _same_second(self, values: Values) -> int:
        obj, now = _object(values), stamp(self.clock.now())
        return self.state.write(
            f'update "{obj.name}" set SystemModstamp = ?, LastModifiedDate = ? where Id in'
            f' (select Id from "{obj.name}" where IsDeleted = 0 order by Id limit ?)',
            (now, now, int(need(values, "n"))),
        )

    def _touch(self, values: Values) -> int:
        obj, record_id = _object(values), self._known(values)
        stored = self._stored(obj, record_id, values.get("fields", {}))
        stored = completed(self.state, obj, stored, record_id, at=self.clock.now())
        stored = closed(self.state, obj, stored, record_id, at=self.clock.now())
        update(self.state, obj, record_id, stored, at=self.clock.now(), by=self._somebody())
        return 1

    def _delete(self, values: Values) -> int:
        obj = _object(values)
        ids = self._many(obj, values)
        for record_id in ids:
            delete(self.state, obj, record_id, at=self.clock.now(), by=self._somebody())
        return len(ids)

    def _undelete(self, values: Values) -> int:
        obj = _object(values)
        ids = self._many(obj, values)
        for record_id in ids:
            undelete(self.state, obj, record_id, at=self.clock.now(), by=self._somebody())
        return len(ids)

    def _merge(self, values: Values) -> int:
        obj = _object(values)
        winner, *losers = self._many(obj, values)
        for loser in losers:
            merge(self.state, obj, winner, loser, at=self.clock.now(), by=self._somebody())
        return len(losers)

    def _cycle(self, values: Values) -> int:
        """Let two accounts be each other's parent, which the org's API would refuse."""
        ids = self._existing(ACCOUNT, values["ids"]) if "ids" in values else self._first_accounts()
        if len(set(ids)) != 2:
            raise UnknownFault("a cycle is made of two accounts")
        for child, parent in (ids, ids[::-1]):
            update(self.state, ACCOUNT, child, {"ParentId": parent}, at=self.clock.now(), by=self._somebody())
        return 2

    def _first_accounts(self) -> list[str]:
        return [row[0] for row in self.state.rows("select Id from Account where IsDeleted = 0 order by Id limit 2")]

    def _somebody(self) -> str:
        return self.plan.id("User", 1)

    def _known(self, values: Values) -> str:
        return self._existing(_object(values), [need(values, "id")])[0]

    def _many(self, obj: SObject, values: Values) -> list[str]:
        if not obj.field("IsDeleted"):
            raise UnknownFault(f"rows of {obj.name} are not deleted or joined by hand")
        return self._existing(obj, need(values, "ids"))

    def _existing(self, obj: SObject, given: Any) -> list[str]:
        ids = [long_id(str(one)) for one in given]
        unknown = [one for one in ids if is_live(self.state, obj, one) is None]
        if unknown or not ids:
            raise UnknownFault(f"no {obj.name} has the id {unknown[0]}" if unknown else "no ids")
        return ids

    def _stored(self, obj: SObject, record_id: str, values: Values) -> dict[str, Any]:
        """The values under their fields' own names; nothing else is checked, an admin's hand may do anything."""
        stored: dict[str, Any] = {}
        for name, value in values.items():
            found = obj.field(name)
            if found is None:
                raise UnknownFault(f"{obj.name} has no field {name!r}")
            stored[found.name] = int(value) if isinstance(value, bool) else value
        names = {"FirstName", "LastName"} if obj.field("FirstName") else set()
        before = {
            name: self.state.value(f'select "{name}" from "{obj.name}" where Id = ?', (record_id,)) for name in names
        }
        return derived(obj, stored, before)


_SWITCHED = (
    "small_pages",
    "search_lag",
    "hide_field",
    "fail_next",
    "answer_lost",
    "reject_record",
    "smtp_refuse",
    "smtp_temporary",
    "smtp_drop",
)


def _object(values: Values) -> SObject:
    obj = find_object(str(need(values, "object")))
    if obj is None:
        raise UnknownFault(f"no object is called {values['object']!r}")
    return obj
