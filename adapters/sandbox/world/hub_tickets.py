"""Tickets of the portal: how they begin, and what happens to them on a day. A ticket has one event a day at most."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from adapters.sandbox.chance import below, chance, pick, weighted
from adapters.sandbox.hubspot import links, rows
from adapters.sandbox.hubspot.derived import derived
from adapters.sandbox.hubspot.kinds import COMPANIES, CONTACTS, TICKETS
from adapters.sandbox.hubspot.numbers import hub_id
from adapters.sandbox.hubspot.rows import LIVE, Newborn, Row
from adapters.sandbox.hubspot.ticket_stages import TICKET_PIPELINES
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.state import State
from adapters.sandbox.world import service
from adapters.sandbox.world.hub_population import Props, hub_owner
from adapters.sandbox.world.life import Event, instant_of
from adapters.sandbox.world.population import Plan

_MOST = 500  # no more than a handful of pages, however big the portal is
_PRIORITIES = (("LOW", 0.3), ("MEDIUM", 0.45), ("HIGH", 0.2), ("URGENT", 0.05))


def begin(state: State, plan: Plan) -> None:
    """Write the tickets that the portal begins with."""
    count = min(plan.hub_companies * 3 // 2, _MOST)
    with state.change():
        for number in range(count):
            _begin_one(state, plan, number)


def _begin_one(state: State, plan: Plan, number: int) -> None:
    key = ("ticket", number)
    contact = below(plan.hub_contacts, plan.seed, *key, "contact")
    times = service.early(plan, *key)
    props = _props(plan, number)
    stages = [one for one in TICKET_PIPELINES[str(props["hs_pipeline"])] if one.is_closed == bool(times.closed)]
    stage = pick(stages, plan.seed, *key, "stage").id
    closed = {"closed_date": kept(times.closed)} if times.closed else {}
    born = Newborn(
        hub_id(plan, TICKETS, number),
        created=kept(times.opened),
        modified=kept(times.touched),
        props={**props, "hs_pipeline_stage": stage, **closed},
    )
    _store(state, plan, born, number=number, contact=contact)


def _props(plan: Plan, number: int) -> Props:
    key = (plan.seed, "ticket", number)
    pipeline = list(TICKET_PIPELINES)[int(chance(0.3, *key, "repair"))]
    return {
        "subject": service.subject(plan, "ticket", number),
        "hs_pipeline": pipeline,
        "hs_ticket_priority": weighted(_PRIORITIES, *key, "priority"),
        "hs_ticket_category": pick(("PRODUCT_ISSUE", "BILLING_ISSUE"), *key, "category"),
        "hubspot_owner_id": str(hub_owner(plan, "ticket", number)),
    }


def _store(state: State, plan: Plan, born: Newborn, *, number: int, contact: int) -> None:
    """Store a ticket with its associations: its person, the person's company, and for some a second person there."""
    person = rows.resolve(state, CONTACTS, hub_id(plan, CONTACTS, contact))
    if person is None or not person.props.get("associatedcompanyid"):
        return
    ticket, company = (TICKETS, born.id), (COMPANIES, int(person.props["associatedcompanyid"]))
    rows.insert(state, TICKETS, [born])
    # 26 is the company that stands first, 339 and 16 say no more than that there is an association.
    found = [*links.both_ways(ticket, company, [26, 339]), *links.both_ways(ticket, (CONTACTS, person.id), [16])]
    other = _colleague(state, person) if chance(0.12, plan.seed, "ticket", number, "two people") else None
    if other is not None:
        found += links.both_ways(ticket, (CONTACTS, other), [16])
    links.insert(state, found)


def _colleague(state: State, person: Row) -> int | None:
    company = int(person.props["associatedcompanyid"])
    found = state.value(
        "select l.b from hub_link l join hub_record r on r.id = l.b and r.archived = 0"
        " where l.a = ? and l.b_kind = 'contacts' and l.b != ? order by l.b limit 1",
        (company, person.id),
    )
    return None if found is None else int(found)


def events(state: State, plan: Plan, day: date) -> list[Event]:
    """All events of one day in time order; asking twice on unchanged rows gives the same list."""
    if plan.hub_companies == 0:
        return []
    return sorted([*_brought(plan, day), *_moved(state, plan, day)], key=lambda one: (one.at, one.kind, one.id))


def apply(state: State, plan: Plan, event: Event) -> None:
    """Write one event down; an event whose ticket is gone does nothing."""
    row = rows.get(state, TICKETS, int(event.id))
    if event.kind == "new ticket":
        if row is None:
            _bring(state, plan, event)
    elif row is not None and row.archived == LIVE:
        full = {**event.values, **derived(TICKETS, {**row.props, **event.values}, event.at)}
        rows.change(state, row.id, full, at=event.at)


def _bring(state: State, plan: Plan, event: Event) -> None:
    number = int(event.values["number"])
    props = _props(plan, number)
    first = TICKET_PIPELINES[str(props["hs_pipeline"])][0].id
    at = kept(event.at)
    born = Newborn(int(event.id), created=at, modified=at, props={**props, "hs_pipeline_stage": first})
    _store(state, plan, born, number=number, contact=int(event.values["contact"]))


def _brought(plan: Plan, day: date) -> Iterator[Event]:
    for turn in range(service.how_many(plan, day, "portal", plan.hub_companies)):
        number = service.born(plan, day, turn)
        contact = below(plan.hub_contacts, plan.seed, day, "new ticket", turn)
        values = {"number": number, "contact": contact}
        at, record_id = instant_of(plan, day, "new ticket", turn), str(hub_id(plan, TICKETS, number))
        yield Event(at, kind="new ticket", object=TICKETS.name, id=record_id, values=values)


def _moved(state: State, plan: Plan, day: date) -> Iterator[Event]:
    since, begins = (kept(at) for at in service.reopening_window(day))
    found = state.rows(
        "select id, json_extract(props, '$.hs_pipeline'), json_extract(props, '$.hs_pipeline_stage'),"
        " json_extract(props, '$.closed_date') as closed from hub_record where kind = 'tickets' and archived = 0"
        " and created < ? and (closed is null or (closed >= ? and closed < ?)) order by id",
        (begins, since, begins),
    )
    for ticket, pipeline, stage, was_closed in found:
        new = _next(plan, day, ticket, pipeline, stage, is_over=was_closed is not None)
        if new != stage:
            at = instant_of(plan, day, "ticket", ticket)
            # Emptied first, so that another closing bears its own time.
            values: dict[str, Any] = {"hs_pipeline_stage": new, "closed_date": ""}
            yield Event(at, kind="ticket moved", object=TICKETS.name, id=str(ticket), values=values)


def _next(plan: Plan, day: date, ticket: int, pipeline: str, stage: str, *, is_over: bool) -> str:
    """The stage a ticket stands in at the end of the day."""
    stages = TICKET_PIPELINES[pipeline]
    if is_over:
        return stages[1].id if service.reopens_on(plan, day, "ticket", ticket) else stage
    if service.closes_on(plan, day, "ticket", ticket):
        closing = [one.id for one in stages if one.is_closed]
        return pick(closing, plan.seed, "ticket", ticket, day, "ends in")
    return stages[1].id if stage == stages[0].id else stage
