"""What reps fill in on accounts and contacts of both CRMs: a hold now and then, a corrected level, who has left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from datetime import date, timedelta
from typing import Any

from adapters.sandbox.chance import below, chance, pick, unit
from adapters.sandbox.hubspot.kinds import COMPANIES, CONTACTS
from adapters.sandbox.hubspot.numbers import hub_id
from adapters.sandbox.state import State
from adapters.sandbox.workdays import in_office_hours, is_workday, workday_number
from adapters.sandbox.world import hub_life, life
from adapters.sandbox.world.life import Event
from adapters.sandbox.world.population import Plan

_WORKDAYS_A_YEAR = 261
_REASONS = (
    "Merger talks",
    "Legal case open",
    "Price negotiation until the end of the quarter",
    "On parental leave",
    "Zahlungsverzug \N{EN DASH} bitte nicht ansprechen",
    "Plant shut down for maintenance & audit",
)
_LEVELS = ("Executive", "Manager", "User")
_ORG_HOLD = ("Closedloop_Hold_Until__c", "Closedloop_Hold_Reason__c")
_HUB_HOLD = ("closedloop_hold_until", "closedloop_hold_reason")


@dataclass(frozen=True, slots=True)
class _Habit:
    """One thing that reps do to records of one kind, and the share of them to which they do it in a year."""

    kind: str
    _: KW_ONLY
    object: str
    yearly: float
    fields: tuple[str, ...]
    yes: Any = None


_HABITS = (
    _Habit("rep held", object="Account", yearly=0.10, fields=_ORG_HOLD),
    _Habit("rep held", object="Contact", yearly=0.03, fields=_ORG_HOLD),
    _Habit("rep levelled", object="Contact", yearly=0.04, fields=("Closedloop_Level__c",)),
    _Habit("rep saw leave", object="Contact", yearly=0.02, fields=("Closedloop_Left_Company__c",), yes=1),
    _Habit("rep held", object=COMPANIES.name, yearly=0.10, fields=_HUB_HOLD),
    _Habit("rep held", object=CONTACTS.name, yearly=0.03, fields=_HUB_HOLD),
    _Habit("rep levelled", object=CONTACTS.name, yearly=0.04, fields=("closedloop_level",)),
    _Habit("rep saw leave", object=CONTACTS.name, yearly=0.02, fields=("closedloop_left_company",), yes="true"),
)
_SIZES: dict[str, Callable[[Plan], int]] = {
    "Account": lambda plan: plan.accounts,
    "Contact": lambda plan: plan.contacts,
    COMPANIES.name: lambda plan: plan.hub_companies,
    CONTACTS.name: lambda plan: plan.hub_contacts,
}


def events(_state: State, plan: Plan, day: date) -> list[Event]:
    """What reps fill in on one day, in time order; nothing on a weekend."""
    if not is_workday(day):
        return []
    found = [event for habit in _HABITS for event in _events(plan, day, habit)]
    return sorted(found, key=lambda one: (one.at, one.kind, one.id))


def apply(state: State, plan: Plan, event: Event) -> None:
    """Write one event down; an event whose record is gone does nothing."""
    world = hub_life if event.object in (COMPANIES.name, CONTACTS.name) else life
    world.apply(state, plan, event)


def _events(plan: Plan, day: date, habit: _Habit) -> Iterator[Event]:
    population = _SIZES[habit.object](plan)
    key = (plan.seed, day, habit.object, habit.kind)
    for turn in range(_how_many(plan, day, habit, population)):
        record_id = _record_id(plan, habit.object, below(population, *key, turn))
        values = _values(habit, day, *key, turn)
        yield Event(in_office_hours(day, *key, turn), kind=habit.kind, object=habit.object, id=record_id, values=values)


def _how_many(plan: Plan, day: date, habit: _Habit, population: int) -> int:
    """So many on this working day, spread evenly: what is rare must not fail to happen for half a year by chance."""
    daily, phase = habit.yearly * population / _WORKDAYS_A_YEAR, unit(plan.seed, habit.object, habit.kind, "phase")
    number = workday_number(day)
    return int((number + 1) * daily + phase) - int(number * daily + phase)


def _record_id(plan: Plan, name: str, number: int) -> str:
    portal = {one.name: one for one in (COMPANIES, CONTACTS)}
    return str(hub_id(plan, portal[name], number)) if name in portal else plan.id(name, number)


def _values(habit: _Habit, day: date, *key: object) -> dict[str, Any]:
    """The fields to fill in; one hold of ten gives no reason."""
    if habit.kind == "rep saw leave":
        return {habit.fields[0]: habit.yes}
    if habit.kind == "rep levelled":
        return {habit.fields[0]: pick(_LEVELS, *key, "level")}
    until, reason = habit.fields
    held = {until: (day + timedelta(days=10 + below(110, *key, "until"))).isoformat()}
    return held if chance(0.1, *key, "no reason") else {**held, reason: pick(_REASONS, *key, "reason")}
