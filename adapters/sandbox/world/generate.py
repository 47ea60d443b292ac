"""Writes the beginning of the world into an empty state, in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from adapters.sandbox.chance import below, chance
from adapters.sandbox.salesforce.catalogue import ACCOUNT, CONTACT, OPPORTUNITY, ORGANIZATION, USER
from adapters.sandbox.salesforce.rows import create_tables, insert
from adapters.sandbox.state import State
from adapters.sandbox.world import cases, contracts, hub_tickets, orders, story_books, story_org, story_portal
from adapters.sandbox.world.deals import deals
from adapters.sandbox.world.hub_generate import generate_portal
from adapters.sandbox.world.names import COMPANY_NAMES, VENDOR
from adapters.sandbox.world.population import (
    Plan,
    Record,
    accounts,
    contact,
    contact_accounts,
    organization,
    users,
)


class OtherWorld(ValueError):
    """The state holds a world that was made for other numbers."""


def open_world(state: State, plan: Plan) -> None:
    """Generate the plan's world, or go on with the one in the state; raises OtherWorld when that one differs."""
    sizes = f"{plan.accounts} accounts, {plan.contacts} contacts"
    portal = f"{plan.hub_companies} companies, {plan.hub_contacts} people of the portal"
    told = ", with stories" if plan.stories else ""
    wanted = f"seed {plan.seed}, {sizes}, {portal}, from {plan.start.isoformat()}{told}"
    kept = state.meta("plan")
    if kept is not None and kept != wanted:
        raise OtherWorld(f"the state was made for {kept}, not for {wanted}")
    if kept is None:
        _generate(state, plan)
        generate_portal(state, plan)
        if plan.stories:
            _tell_stories(state, plan)
        contracts.begin(state, plan)
        orders.begin(state, plan)
        cases.begin(state, plan)
        hub_tickets.begin(state, plan)
        state.set_meta("plan", wanted)


def _generate(state: State, plan: Plan) -> None:
    if not 1 <= plan.accounts <= COMPANY_NAMES or plan.contacts < plan.accounts:
        raise ValueError(f"at least one contact per account, and at most {COMPANY_NAMES} accounts")
    create_tables(state)
    with state.change():
        insert(state, ORGANIZATION, [organization(plan, VENDOR)])
        insert(state, USER, users(plan))
        insert(state, ACCOUNT, accounts(plan))
        insert(state, CONTACT, _contacts(plan))
        insert(state, OPPORTUNITY, deals(plan))


def _tell_stories(state: State, plan: Plan) -> None:
    story_books.begin(state, plan.start)
    story_org.write_stories(state, plan)
    story_portal.write_stories(state, plan)


def _contacts(plan: Plan) -> Iterator[Record]:
    """All contacts; two of a hundred are a second record of somebody met shortly before."""
    addresses: set[str] = set()
    people: list[Record] = []
    for number, account in enumerate(contact_accounts(plan)):
        record = contact(plan, number, account)
        if people and chance(0.02, plan.seed, "contact", number, "twin"):
            twin = people[-1 - below(min(len(people), 20), plan.seed, "contact", number, "twin of")]
            record = {**record, **{name: twin[name] for name in ("FirstName", "LastName", "Name", "Email")}}
        elif _is_personal(record):
            record = {**record, "Email": _unused(record["Email"], addresses)}
            people = [*people[-19:], record]
        yield record


def _is_personal(record: Record) -> bool:
    return bool(record["Email"]) and "." in record["Email"].partition("@")[0]


def _unused(address: str, taken: set[str]) -> str:
    """The address, with a number when a namesake at the same company already has it."""
    name, _, domain = address.partition("@")
    free, number = address, 2
    while free in taken:
        free, number = f"{name}{number}@{domain}", number + 1
    taken.add(free)
    return free


def parse_start(text: str) -> datetime:
    """The beginning of the world from ISO text; raises ValueError without a zone."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} has no time zone; write for example 2026-01-05T06:00:00Z")
    return instant
