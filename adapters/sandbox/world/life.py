"""What happens in the world on a day, decided by hash of (seed, day, record), and how it is written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from adapters.sandbox.chance import below, chance, unit
from adapters.sandbox.clock import stamp
from adapters.sandbox.salesforce.catalogue import CONTACT, OPPORTUNITY, find_object
from adapters.sandbox.salesforce.rows import delete, insert, is_live, merge, update
from adapters.sandbox.state import State
from adapters.sandbox.world.deals import deal, next_stage, stage_flags
from adapters.sandbox.world.population import LIFE_NUMBERS, Plan, contact, owner
from adapters.sandbox.world.titles import next_title

# Yearly share of contacts (or, for deals, of accounts) to which it happens.
_YEARLY = {"new title": 0.08, "left": 0.05, "joined": 0.06, "opted out": 0.02, "new deal": 0.7}
_OPEN = timedelta(hours=10)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens to one record at one instant."""

    at: datetime
    _: KW_ONLY
    kind: str
    object: str
    id: str
    values: dict[str, Any] = field(default_factory=dict)


def events(state: State, plan: Plan, day: date) -> list[Event]:
    """All events of one day in time order; asking twice on unchanged rows gives the same list."""
    found = [*_people(plan, day), *_renewals(state, plan, day), *_deals(state, plan, day), *_merges(state, plan, day)]
    return sorted(found, key=lambda one: (one.at, one.kind, one.id))


def apply(state: State, plan: Plan, event: Event) -> None:
    """Write one event down; an event whose record is gone does nothing."""
    obj = find_object(event.object)
    assert obj is not None, event.object  # noqa: S101 - events name objects of the catalogue only
    if event.kind in ("joined", "new deal"):
        if is_live(state, obj, event.id) is None:
            insert(state, obj, [event.values])
    elif is_live(state, obj, event.id):
        by = owner(plan, event.kind, event.id)
        if event.kind == "left":
            delete(state, obj, event.id, at=event.at, by=by)
        elif event.kind == "merged":
            merge(state, obj, event.values["winner"], event.id, at=event.at, by=by)
        elif event.kind == "new title":
            _retitle(state, plan, event, by)
        else:
            update(state, obj, event.id, event.values, at=event.at, by=by)


def _retitle(state: State, plan: Plan, event: Event, by: str) -> None:
    title = state.value("select Title from Contact where Id = ?", (event.id,))
    level, new = next_title(title, plan.seed, event.id, event.at.date())
    update(state, CONTACT, event.id, {"Title": new, "Feedback_Level__c": level}, at=event.at, by=by)


def open_hours(day: date) -> tuple[datetime, datetime]:
    """The instants between which everything happens that happens on a day."""
    opens = datetime.combine(day, time(8), tzinfo=UTC)
    return opens, opens + _OPEN


def instant_of(plan: Plan, day: date, *key: object) -> datetime:
    """Some second of the open hours, always the same for the same key."""
    second = below(int(_OPEN.total_seconds()), plan.seed, day, *key, "second")
    return open_hours(day)[0] + timedelta(seconds=second)


def _how_many(plan: Plan, day: date, kind: str, population: int) -> int:
    return int(_YEARLY[kind] * population / 365 + unit(plan.seed, day, kind, "how many"))


def _people(plan: Plan, day: date) -> Iterator[Event]:
    for kind in ("new title", "left", "opted out"):
        for turn in range(_how_many(plan, day, kind, plan.contacts)):
            number = below(plan.contacts, plan.seed, day, kind, turn)
            at = instant_of(plan, day, kind, turn)
            values = {"HasOptedOutOfEmail": 1} if kind == "opted out" else {}
            yield Event(at, kind=kind, object="Contact", id=plan.id("Contact", number), values=values)
    for turn in range(_how_many(plan, day, "joined", plan.contacts)):
        yield _joined(plan, day, turn)
    for turn in range(_how_many(plan, day, "new deal", plan.accounts)):
        yield _new_deal(plan, day, turn)


def _born(plan: Plan, day: date, turn: int) -> int:
    """The number of a record born on a day: the same however many records the API has made."""
    return LIFE_NUMBERS + (day - plan.start.date()).days * 10_000 + turn


def _joined(plan: Plan, day: date, turn: int) -> Event:
    number = _born(plan, day, turn)
    at = instant_of(plan, day, "joined", turn)
    account = below(plan.accounts, plan.seed, day, "joined", turn)
    record = {**contact(plan, number, account), **_fresh(at)}
    return Event(at, kind="joined", object="Contact", id=record["Id"], values=record)


def _new_deal(plan: Plan, day: date, turn: int) -> Event:
    number = _born(plan, day, turn)
    at = instant_of(plan, day, "new deal", turn)
    account = below(plan.accounts, plan.seed, day, "new deal", turn)
    record = {**deal(plan, number, account, day=day, stage="Prospecting"), **_fresh(at)}
    return Event(at, kind="new deal", object="Opportunity", id=record["Id"], values=record)


def _fresh(at: datetime) -> dict[str, str]:
    return dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), stamp(at))


def _renewals(state: State, plan: Plan, day: date) -> Iterator[Event]:
    """A renewal that has passed is followed by the next, a year later."""
    passed = state.rows(
        "select Id, Renewal_Date__c from Account where Renewal_Date__c < ? and IsDeleted = 0", (day.isoformat(),)
    )
    for record_id, renewal in passed:
        values = {"Renewal_Date__c": year_later(date.fromisoformat(renewal)).isoformat()}
        at = instant_of(plan, day, "renewed", record_id)
        yield Event(at, kind="renewed", object="Account", id=record_id, values=values)


def year_later(day: date) -> date:
    """The same day a year later; of 29 February, the 28th."""
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _deals(state: State, plan: Plan, day: date) -> Iterator[Event]:
    """Open opportunities move on; a prospect that buys becomes a customer who renews in a year."""
    rows = state.rows(
        "select o.Id, o.StageName, a.Id, a.Type from Opportunity o join Account a on a.Id = o.AccountId"
        " where o.IsClosed = 0 and o.IsDeleted = 0"
    )
    for deal_id, stage, account_id, account_type in rows:
        new = next_stage(plan.seed, deal_id, stage, day)
        if new is None:
            continue
        at = instant_of(plan, day, "deal", deal_id)
        closed = {"CloseDate": day.isoformat()} if new.startswith("Closed") else {}
        values = {"StageName": new, **stage_flags(new), **closed}
        yield Event(at, kind="deal moved", object=OPPORTUNITY.name, id=deal_id, values=values)
        if new == "Closed Won" and account_type == "Prospect":
            bought = {"Type": "Customer", "Renewal_Date__c": year_later(day).isoformat()}
            yield Event(at, kind="became customer", object="Account", id=account_id, values=bought)


def _merges(state: State, plan: Plan, day: date) -> Iterator[Event]:
    """Now and then somebody sees that two contacts are one and merges them."""
    twins = state.rows(
        "select min(Id), max(Id) from Contact where IsDeleted = 0 and Email like '%.%@%'"
        " group by Email collate nocase having count(*) = 2"
    )
    for winner, loser in twins:
        if chance(0.0015, plan.seed, day, "merged", loser):
            at = instant_of(plan, day, "merged", loser)
            yield Event(at, kind="merged", object="Contact", id=loser, values={"winner": winner})
