"""What the reps of the stories enter on their accounts: the next renewal when one comes, and what the story says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from adapters.sandbox.hubspot.kinds import COMPANIES
from adapters.sandbox.state import State
from adapters.sandbox.workdays import in_office_hours
from adapters.sandbox.world import hub_life, life, story_books
from adapters.sandbox.world.life import Event
from adapters.sandbox.world.population import Plan
from adapters.sandbox.world.story import ORG, Entry, Story

_RENEWAL = {True: "Renewal_Date__c", False: "renewal_date"}
_HOLD = {
    True: ("Closedloop_Hold_Until__c", "Closedloop_Hold_Reason__c"),
    False: ("closedloop_hold_until", "closedloop_hold_reason"),
}


def events(state: State, plan: Plan, day: date) -> list[Event]:
    """What the stories' reps enter on one day, in time order; the same in both CRMs for a story that is in both."""
    told = story_books.accounts(state)
    found = [event for story, crm, record_id in told for event in _of(state, plan, day, story, crm, record_id)]
    return sorted(found, key=lambda one: (one.at, one.kind, one.id))


def apply(state: State, plan: Plan, event: Event) -> None:
    """Write one event down; an event whose record is gone does nothing."""
    (hub_life if event.object == COMPANIES.name else life).apply(state, plan, event)


def _of(state: State, plan: Plan, day: date, story: Story, crm: str, record_id: str) -> Iterator[Event]:
    in_org = crm == ORG
    name = "Account" if in_org else COMPANIES.name
    entered = [_entered(one, plan, in_org) for one in story.entries if one.after == (day - plan.start.date()).days]
    # On the very day, because the background moves on every renewal that has passed, by a year.
    if _renewal(state, record_id, in_org) == day:
        entered.append(_renewed(story, day, in_org))
    for values in entered:
        at = in_office_hours(day, plan.seed, story.key, *values)
        yield Event(at, kind="story", object=name, id=record_id, values=values)


def _entered(entry: Entry, plan: Plan, in_org: bool) -> dict[str, Any]:
    start = plan.start.date()
    values: dict[str, Any] = {}
    if entry.renews_in is not None:
        values[_RENEWAL[in_org]] = (start + timedelta(days=entry.renews_in)).isoformat()
    if entry.hold_for is not None:
        until, reason = _HOLD[in_org]
        values |= {until: (start + timedelta(days=entry.after + entry.hold_for)).isoformat(), reason: entry.reason}
    return values


def _renewed(story: Story, day: date, in_org: bool) -> dict[str, Any]:
    return {_RENEWAL[in_org]: (day + timedelta(days=story.renews_for)).isoformat()}


def _renewal(state: State, record_id: str, in_org: bool) -> date | None:
    text = (
        state.value("select Renewal_Date__c from Account where Id = ?", (record_id,))
        if in_org
        else state.value("select json_extract(props, '$.renewal_date') from hub_record where id = ?", (int(record_id),))
    )
    return date.fromisoformat(text) if text else None
