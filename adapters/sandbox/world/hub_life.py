"""What happens in the portal on a day, decided by hash of (seed, day, record), and how it is written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from adapters.sandbox.chance import below, chance, unit
from adapters.sandbox.hubspot import links, rows
from adapters.sandbox.hubspot.derived import derived
from adapters.sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, Kind, find_kind
from adapters.sandbox.hubspot.merging import archive, merge
from adapters.sandbox.hubspot.numbers import hub_id
from adapters.sandbox.hubspot.rows import LIVE, Newborn
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.state import State
from adapters.sandbox.world.hub_deals import at_noon, hub_deal, next_hub_stage
from adapters.sandbox.world.hub_population import hub_owner, levelled, person
from adapters.sandbox.world.life import Event, instant_of, year_later
from adapters.sandbox.world.population import LIFE_NUMBERS, Plan
from adapters.sandbox.world.titles import next_title

# Yearly share of contacts (or, for deals, of companies) to which it happens.
_YEARLY = {"new title": 0.08, "left": 0.05, "joined": 0.06, "opted out": 0.02, "bounced": 0.01, "new deal": 0.7}
_STOPS = {
    "opted out": {"hs_email_optout": "true"},
    "bounced": {"hs_email_bad_address": "true", "hs_email_hard_bounce_reason_enum": "UNKNOWN_USER"},
}
_MERGES = 5_000  # ids of a day's merged records are numbered from here


def events(state: State, plan: Plan, day: date) -> list[Event]:
    """All events of one day in time order; asking twice on unchanged rows gives the same list."""
    if plan.hub_companies == 0:
        return []
    found = [*_people(plan, day), *_renewals(state, plan, day), *_deals(state, plan, day), *_merges(state, plan, day)]
    return sorted(found, key=lambda one: (one.at, one.kind, one.id))


def apply(state: State, plan: Plan, event: Event) -> None:
    """Write one event down; an event whose record is gone does nothing."""
    kind, record_id = find_kind(event.object), int(event.id)
    assert kind is not None, event.object  # noqa: S101 - events name kinds of the portal only
    if event.kind in ("joined", "new deal"):
        _born(state, plan, event, kind, record_id)
        return
    row = rows.get(state, kind, record_id)
    if row is None or row.archived != LIVE:
        return
    if event.kind == "left":
        archive(state, kind, record_id, at=event.at)
    elif event.kind == "merged":
        _merge(state, plan, event, kind, record_id)
    elif event.kind == "new title":
        level, title = next_title(row.props.get("jobtitle"), plan.seed, event.id, event.at.date())
        values = {"jobtitle": title, **levelled(level, plan.seed, event.id, event.at.date())}
        rows.change(state, record_id, values, at=event.at)
    else:
        full = {**event.values, **derived(kind, {**row.props, **event.values}, event.at)}
        rows.change(state, record_id, full, at=event.at)


def _merge(state: State, plan: Plan, event: Event, kind: Kind, loser: int) -> None:
    winner = rows.get(state, kind, int(event.values["winner"]))
    if winner is not None and winner.archived == LIVE:
        merge(state, plan, kind, winner.id, loser, at=event.at, new_id=int(event.values["new"]))


def _born(state: State, plan: Plan, event: Event, kind: Kind, record_id: int) -> None:
    """Store somebody or a deal at a company, if the company is still there and nobody has the address."""
    company = rows.resolve(state, COMPANIES, hub_id(plan, COMPANIES, event.values["company"]))
    if company is None or rows.get(state, kind, record_id) is not None:
        return
    number = event.values["number"]
    if kind is CONTACTS:
        props = person(plan, number, company.props.get("domain", "freelance.example"))
        if props["email"] and rows.with_value(state, CONTACTS, "email", props["email"]):
            props["email"] = None
    else:
        owner = company.props.get("hubspot_owner_id") or str(hub_owner(plan, "deal", number))
        props = hub_deal(plan, number, day=event.at.date(), owner=owner, fresh=True)
    born = Newborn(record_id, created=kept(event.at), modified=kept(event.at), props=props)
    rows.insert(state, kind, [born])
    links.put(state, (kind, record_id), (COMPANIES, company.id), [], at=event.at)


def _at(plan: Plan, day: date, *key: object) -> datetime:
    return instant_of(plan, day, "hub", *key)


def _how_many(plan: Plan, day: date, kind: str, population: int) -> int:
    return int(_YEARLY[kind] * population / 365 + unit(plan.seed, day, "hub", kind, "how many"))


def _people(plan: Plan, day: date) -> Iterator[Event]:
    for word in ("new title", "left", "opted out", "bounced"):
        for turn in range(_how_many(plan, day, word, plan.hub_contacts)):
            number = below(plan.hub_contacts, plan.seed, day, "hub", word, turn)
            yield _event(plan, day, CONTACTS, number, word, turn, values=dict(_STOPS.get(word, {})))
    for word, kind, population in (("joined", CONTACTS, plan.hub_contacts), ("new deal", DEALS, plan.hub_companies)):
        for turn in range(_how_many(plan, day, word, population)):
            number = _number(plan, day, turn)
            company = below(plan.hub_companies, plan.seed, day, "hub", word, turn)
            values = {"number": number, "company": company}
            yield _event(plan, day, kind, number, word, turn, values=values)


def _event(plan: Plan, day: date, kind: Kind, number: int, word: str, turn: int, *, values: dict[str, Any]) -> Event:
    record_id = str(hub_id(plan, kind, number))
    return Event(_at(plan, day, word, turn), kind=word, object=kind.name, id=record_id, values=values)


def _number(plan: Plan, day: date, turn: int) -> int:
    """The number of a record born on a day: the same however many records the API has made."""
    return LIFE_NUMBERS + (day - plan.start.date()).days * 10_000 + turn


def _renewals(state: State, plan: Plan, day: date) -> Iterator[Event]:
    """A renewal that has passed is followed by the next, a year later."""
    passed = state.rows(
        "select id, json_extract(props, '$.renewal_date') from hub_record where kind = 'companies' and archived = 0"
        " and json_extract(props, '$.renewal_date') < ?",
        (day.isoformat(),),
    )
    for record_id, renewal in passed:
        values = {"renewal_date": year_later(date.fromisoformat(renewal)).isoformat()}
        at = _at(plan, day, "renewed", record_id)
        yield Event(at, kind="renewed", object=COMPANIES.name, id=str(record_id), values=values)


def _deals(state: State, plan: Plan, day: date) -> Iterator[Event]:
    """Open deals move on; a prospect that buys becomes a customer who renews in a year."""
    found = state.rows(
        "select d.id, json_extract(d.props, '$.dealstage'), c.id, json_extract(c.props, '$.type') from hub_record d"
        " left join hub_record c on c.id = json_extract(d.props, '$.hs_primary_associated_company')"
        " where d.kind = 'deals' and d.archived = 0 and json_extract(d.props, '$.hs_is_closed') = 'false'"
    )
    for deal_id, stage, company_id, company_type in found:
        new = next_hub_stage(plan.seed, deal_id, stage, day)
        if new is None:
            continue
        at = _at(plan, day, "deal", deal_id)
        values = {"dealstage": new}
        state_after = derived(DEALS, values, at)
        if state_after["hs_is_closed"] == "true":
            values["closedate"] = at_noon(day)
        yield Event(at, kind="deal moved", object=DEALS.name, id=str(deal_id), values=values)
        if state_after["hs_is_closed_won"] == "true" and company_type == "PROSPECT":
            bought = {"type": "CUSTOMER", "lifecyclestage": "customer", "renewal_date": year_later(day).isoformat()}
            yield Event(at, kind="became customer", object=COMPANIES.name, id=str(company_id), values=bought)


def _merges(state: State, plan: Plan, day: date) -> Iterator[Event]:
    """Now and then somebody sees that two contacts of one company and one name are one, and merges them."""
    twins = state.rows(
        "select min(id), max(id) from hub_record where kind = 'contacts' and archived = 0"
        " group by json_extract(props, '$.firstname'), json_extract(props, '$.lastname'),"
        " json_extract(props, '$.associatedcompanyid') having count(*) = 2 order by 1"
    )
    for turn, (winner, loser) in enumerate(twins):
        if chance(0.004, plan.seed, day, "hub", "merged", loser):
            at = _at(plan, day, "merged", loser)
            values = {"winner": winner, "new": hub_id(plan, CONTACTS, _number(plan, day, _MERGES + turn))}
            yield Event(at, kind="merged", object=CONTACTS.name, id=str(loser), values=values)
