"""Contracts of the org: most end on their account's renewal date; some accounts have a contract and no such date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from adapters.sandbox.chance import below, chance
from adapters.sandbox.clock import stamp
from adapters.sandbox.salesforce.catalogue import CONTRACT
from adapters.sandbox.salesforce.rows import insert, is_live, update
from adapters.sandbox.salesforce.service import ACTIVATED, EXPIRED
from adapters.sandbox.state import State
from adapters.sandbox.world.life import Event, instant_of, year_later
from adapters.sandbox.world.population import LIFE_NUMBERS, Plan, Record, owner, stamps

_MOST = 2_000  # big worlds are big in accounts and contacts
_WITH_DATE, _WITHOUT_DATE = 0.55, 0.5
_MONTHS = 12
_ONE_DAY = timedelta(days=1)


def begin(state: State, plan: Plan) -> None:
    """Write the contracts that the world begins with; the same account has one whatever else is in the world."""
    insert(state, CONTRACT, _contracts(state, plan))


def _contracts(state: State, plan: Plan) -> Iterator[Record]:
    rows = state.rows("select Id, Renewal_Date__c, OwnerId from Account where Type != 'Prospect' order by Id")
    for number, (account, renewal, owner_id) in enumerate(rows[:_MOST]):
        key = (plan.seed, "contract", account)
        if chance(_WITH_DATE if renewal else _WITHOUT_DATE, *key):
            days = 1 + below(365, *key, "ends")
            ends_on = date.fromisoformat(renewal) if renewal else plan.start.date() + timedelta(days=days)
            record = _contract(plan, number, account=account, owner_id=owner_id, ends_on=ends_on)
            yield {**record, **stamps(plan, "contract", number)}


def _contract(plan: Plan, number: int, *, account: str, owner_id: str, ends_on: date) -> Record:
    """An activated contract over a year: the org computes its end from its start and its term in months."""
    day_after = ends_on + _ONE_DAY
    return {
        "Id": plan.id("Contract", number),
        "ContractNumber": f"{100 + number % 10**8:08d}",
        "AccountId": account,
        "Status": ACTIVATED,
        "StartDate": _year_earlier(day_after).isoformat(),
        "ContractTerm": _MONTHS,
        "EndDate": ends_on.isoformat(),
        "OwnerId": owner_id,
    }


def _year_earlier(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def events(state: State, plan: Plan, day: date) -> list[Event]:
    """A contract that has ended is followed by the next; asking twice on unchanged rows gives the same list."""
    ended = state.rows(
        "select c.Id, c.AccountId, c.OwnerId, c.EndDate from Contract c join Account a on a.Id = c.AccountId"
        " where c.Status = ? and c.EndDate < ? and c.IsDeleted = 0 and a.IsDeleted = 0 order by c.Id",
        (ACTIVATED, day.isoformat()),
    )
    return sorted((_renewed(plan, day, turn, row) for turn, row in enumerate(ended)), key=lambda one: (one.at, one.id))


def _renewed(plan: Plan, day: date, turn: int, row: tuple[Any, ...]) -> Event:
    record_id, account, owner_id, ends_on = row
    at = instant_of(plan, day, "contract", record_id)
    number = LIFE_NUMBERS + (day - plan.start.date()).days * 10_000 + turn
    next_end = year_later(date.fromisoformat(ends_on))
    record = _contract(plan, number, account=account, owner_id=owner_id, ends_on=next_end)
    values = {**record, **dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), stamp(at))}
    return Event(at, kind="contract renewed", object=CONTRACT.name, id=record_id, values=values)


def apply(state: State, plan: Plan, event: Event) -> None:
    """Let the old contract expire and the next one begin; nothing where one of them is not as it was."""
    if is_live(state, CONTRACT, event.id) and is_live(state, CONTRACT, event.values["Id"]) is None:
        by = owner(plan, event.kind, event.id)
        update(state, CONTRACT, event.id, {"Status": EXPIRED}, at=event.at, by=by)
        insert(state, CONTRACT, [event.values])
