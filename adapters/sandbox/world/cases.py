"""Cases of the org: how they begin, and what happens to them on a day. A case has one event a day at most."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from adapters.sandbox.chance import below, chance, pick, weighted
from adapters.sandbox.clock import stamp
from adapters.sandbox.salesforce.catalogue import CASE
from adapters.sandbox.salesforce.rows import insert, is_live, update
from adapters.sandbox.salesforce.service import CLOSED, closed
from adapters.sandbox.state import State
from adapters.sandbox.world import service
from adapters.sandbox.world.life import Event, instant_of
from adapters.sandbox.world.population import Plan, Record, owner

_MOST = 2_000  # big worlds are big in accounts and contacts
_PRIORITIES = (("High", 0.2), ("Medium", 0.5), ("Low", 0.3))
_SYSTEM = ("CreatedDate", "LastModifiedDate", "SystemModstamp")


def begin(state: State, plan: Plan) -> None:
    """Write the cases that the world begins with."""
    found = (_early(state, plan, number) for number in range(min(plan.accounts * 3 // 2, _MOST)))
    insert(state, CASE, [one for one in found if one is not None])


def _early(state: State, plan: Plan, number: int) -> Record | None:
    key = ("case", number)
    record = _case(state, plan, number, below(plan.contacts, plan.seed, *key, "contact"))
    if record is None:
        return None
    times = service.early(plan, *key)
    return {
        **record,
        "Status": CLOSED if times.closed else pick(("New", "Working", "On Hold"), plan.seed, *key, "status"),
        "IsClosed": int(times.closed is not None),
        "ClosedDate": times.closed and stamp(times.closed),
        "IsEscalated": int(service.is_escalated(plan, *key)),
        **dict.fromkeys(_SYSTEM, stamp(times.touched)),
        "CreatedDate": stamp(times.opened),
    }


def _case(state: State, plan: Plan, number: int, contact: int) -> Record | None:
    """The case with this number, brought by the contact with that one; None where nobody there is a customer."""
    key = (plan.seed, "case", number)
    row = state.row(
        "select c.Id, a.Id, a.OwnerId from Contact c join Account a on a.Id = c.AccountId"
        " where c.Id = ? and c.IsDeleted = 0 and a.IsDeleted = 0 and a.Type != 'Prospect'",
        (plan.id("Contact", contact),),
    )
    if row is None:
        return None
    return {
        "Id": plan.id("Case", number),
        "CaseNumber": f"{1_000 + number % 10**8:08d}",
        "ContactId": row[0],
        "AccountId": row[1],
        "Subject": service.subject(plan, "case", number),
        "Priority": weighted(_PRIORITIES, *key, "priority"),
        "Origin": pick(("Phone", "Email", "Web"), *key, "origin"),
        "OwnerId": row[2] if chance(0.7, *key, "same owner") else owner(plan, *key[1:]),
    }


def events(state: State, plan: Plan, day: date) -> list[Event]:
    """All events of one day in time order; asking twice on unchanged rows gives the same list."""
    return sorted([*_brought(state, plan, day), *_moved(state, plan, day)], key=lambda one: (one.at, one.kind, one.id))


def apply(state: State, plan: Plan, event: Event) -> None:
    """Write one event down; an event whose case is gone does nothing."""
    live = is_live(state, CASE, event.id)
    if event.kind == "new case":
        if live is None:
            insert(state, CASE, [event.values])
    elif live:
        values = closed(state, CASE, event.values, event.id, at=event.at)
        update(state, CASE, event.id, values, at=event.at, by=owner(plan, event.kind, event.id))


def _brought(state: State, plan: Plan, day: date) -> Iterator[Event]:
    for turn in range(service.how_many(plan, day, "org", plan.accounts)):
        at, number = instant_of(plan, day, "new case", turn), service.born(plan, day, turn)
        record = _case(state, plan, number, below(plan.contacts, plan.seed, day, "new case", turn))
        if record is not None:
            values = {**record, "Status": "New", **dict.fromkeys(_SYSTEM, stamp(at))}
            yield Event(at, kind="new case", object=CASE.name, id=record["Id"], values=values)


def _moved(state: State, plan: Plan, day: date) -> Iterator[Event]:
    since, begins = service.reopening_window(day)
    for record_id, status, escalated in _open(state, begins):
        values = _next(plan, day, record_id, status, bool(escalated))
        if values:
            yield _event(plan, day, record_id, "case moved", values)
    over = state.rows(
        'select Id from "Case" where IsClosed = 1 and IsDeleted = 0 and ClosedDate >= ? and ClosedDate < ? order by Id',
        (stamp(since), stamp(begins)),
    )
    for (record_id,) in over:
        if service.reopens_on(plan, day, "case", record_id):
            yield _event(plan, day, record_id, "case reopened", {"Status": "Working"})


def _open(state: State, begins: datetime) -> list[tuple[Any, ...]]:
    """Cases that were open when the day began, so that a day means the same however it is turned."""
    return state.rows(
        'select Id, Status, IsEscalated from "Case" where IsClosed = 0 and IsDeleted = 0 and CreatedDate < ?'
        " order by Id",
        (stamp(begins),),
    )


def _next(plan: Plan, day: date, record_id: str, status: str, escalated: bool) -> dict[str, Any]:
    if service.closes_on(plan, day, "case", record_id):
        return {"Status": CLOSED}
    if not escalated and service.escalates_on(plan, day, "case", record_id):
        return {"IsEscalated": 1}
    return {"Status": "Working"} if status == "New" else {}


def _event(plan: Plan, day: date, record_id: str, word: str, values: dict[str, Any]) -> Event:
    return Event(
        instant_of(plan, day, "case", record_id), kind=word, object=CASE.name, id=record_id, values=dict(values)
    )
