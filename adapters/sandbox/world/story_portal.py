"""Writes the stories' companies, people and reps into the portal, linked to the org where a story is in both."""

from __future__ import annotations

from datetime import timedelta

from adapters.sandbox.hubspot import links, rows
from adapters.sandbox.hubspot.kinds import COMPANIES, CONTACTS, USERS, Kind
from adapters.sandbox.hubspot.numbers import hub_id, owner_id, user_id
from adapters.sandbox.hubspot.rows import Newborn
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.state import State
from adapters.sandbox.world import story_books
from adapters.sandbox.world.hub_population import Props, company_props, hub_stamps
from adapters.sandbox.world.names import VENDOR_DOMAIN, address
from adapters.sandbox.world.population import STORY_NUMBERS, Plan
from adapters.sandbox.world.stories import STORIES
from adapters.sandbox.world.story import ORG, PORTAL, Person, Story
from adapters.sandbox.world.story_org import PEOPLE, account_id, contact_id


def write_stories(state: State, plan: Plan) -> None:
    """Store all stories of the portal; every rep is an owner here, whichever CRM the account is in."""
    with state.change():
        for number, story in enumerate(STORIES):
            _write_rep(state, plan, number, story)
            if PORTAL in story.crms:
                _write(state, plan, number, story)


def company_id(plan: Plan, number: int) -> int:
    """The id of the company of the number-th story."""
    return hub_id(plan, COMPANIES, STORY_NUMBERS + number)


def _write(state: State, plan: Plan, number: int, story: Story) -> None:
    rows.insert(state, COMPANIES, [_born(plan, COMPANIES, number, _company(plan, number, story))])
    people = [
        _born(plan, CONTACTS, number * PEOPLE + place, _contact(plan, number, place, story, person))
        for place, person in enumerate(story.people)
    ]
    rows.insert(state, CONTACTS, people)
    company = (COMPANIES, company_id(plan, number))
    links.insert(state, [one for person in people for one in links.both_ways((CONTACTS, person.id), company, [1, 279])])
    story_books.note(state, PORTAL, story, [str(company[1]), *(str(one.id) for one in people)])


def _write_rep(state: State, plan: Plan, number: int, story: Story) -> None:
    at = kept(plan.start.replace(year=plan.start.year - 2))
    first, _, last = story.rep.partition(" ")
    mail, owner = address(first, last, VENDOR_DOMAIN), owner_id(plan, STORY_NUMBERS + number)
    state.write(
        "insert into hub_owner values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (owner, user_id(plan, STORY_NUMBERS + number), mail, first, last, at, at, 0, "Sales"),
    )
    user: Props = {
        "hs_email": mail,
        "hs_given_name": first,
        "hs_family_name": last,
        "hs_job_title": "Account Manager",
        "hubspot_owner_id": str(owner),
        "manager_owner_id": str(owner_id(plan, 0)),
    }
    rows.insert(state, USERS, [_born(plan, USERS, number, user)])


def _born(plan: Plan, kind: Kind, number: int, props: Props) -> Newborn:
    created, modified = hub_stamps(plan, f"story {kind.name}", number)
    return Newborn(hub_id(plan, kind, STORY_NUMBERS + number), created=created, modified=modified, props=props)


def _company(plan: Plan, number: int, story: Story) -> Props:
    renewal = None if story.renews_in is None else plan.start.date() + timedelta(days=story.renews_in)
    props = company_props(
        story.account,
        kind=story.kind.upper(),
        tier=story.tier,
        revenue=story.revenue,
        industry=story.industry,
        renewal=None if renewal is None else renewal.isoformat(),
        owner=owner_id(plan, STORY_NUMBERS + number),
    )
    return {**props, "salesforceaccountid": account_id(plan, number)} if ORG in story.crms else props


def _contact(plan: Plan, number: int, place: int, story: Story, person: Person) -> Props:
    first, _, last = person.name.partition(" ")
    return {
        "firstname": first,
        "lastname": last,
        "email": story.address_of(person),
        "jobtitle": person.title,
        "feedback_level": person.level,
        "hs_language": "en",
        "lifecyclestage": "customer" if story.kind == "Customer" else "other",
        "hubspot_owner_id": str(owner_id(plan, STORY_NUMBERS + number)),
        "associatedcompanyid": str(company_id(plan, number)),
        "salesforcecontactid": contact_id(plan, number, place) if ORG in story.crms else None,
    }
