"""Writes the stories' accounts, people and reps into the org, beside the background."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from adapters.sandbox import zone
from adapters.sandbox.salesforce.catalogue import ACCOUNT, CONTACT, USER
from adapters.sandbox.salesforce.rows import insert
from adapters.sandbox.state import State
from adapters.sandbox.world import story_books
from adapters.sandbox.world.names import VENDOR_DOMAIN, address
from adapters.sandbox.world.population import STORY_NUMBERS, Plan, Record, stamps
from adapters.sandbox.world.stories import STORIES
from adapters.sandbox.world.story import ORG, Person, Story

PEOPLE = 100
"""Contacts of one story are numbered from a multiple of this."""


def write_stories(state: State, plan: Plan) -> None:
    """Store all stories of the org; every rep is a user here, whichever CRM the account is in."""
    with state.change():
        insert(state, USER, (_user(plan, number, story) for number, story in enumerate(STORIES)))
        for number, story in enumerate(STORIES):
            if ORG in story.crms:
                people = list(_contacts(plan, number, story))
                insert(state, ACCOUNT, [_account(plan, number, story)])
                insert(state, CONTACT, people)
                ids = [account_id(plan, number), *(one["Id"] for one in people)]
                story_books.note(state, ORG, story, ids)


def account_id(plan: Plan, number: int) -> str:
    """The id of the account of the number-th story."""
    return plan.id("Account", STORY_NUMBERS + number)


def contact_id(plan: Plan, number: int, place: int) -> str:
    """The id of the contact of the number-th story whose place among its people this is."""
    return plan.id("Contact", STORY_NUMBERS + number * PEOPLE + place)


def rep_id(plan: Plan, number: int) -> str:
    """The id of the user who looks after the number-th story's account."""
    return plan.id("User", STORY_NUMBERS + number)


def _user(plan: Plan, number: int, story: Story) -> Record:
    first, _, last = story.rep.partition(" ")
    mail = address(first, last, VENDOR_DOMAIN)
    return {
        "Id": rep_id(plan, number),
        "Username": mail,
        "FirstName": first,
        "LastName": last,
        "Name": story.rep,
        "Email": mail,
        "Title": "Account Manager",
        "IsActive": 1,
        "UserType": "Standard",
        "ManagerId": plan.id("User", 0),
        "TimeZoneSidKey": zone.NAME,
        "LanguageLocaleKey": "en_US",
        **stamps(plan, "story user", number),
    }


def _account(plan: Plan, number: int, story: Story) -> Record:
    renewal = None if story.renews_in is None else plan.start.date() + timedelta(days=story.renews_in)
    return {
        "Id": account_id(plan, number),
        "Name": story.account,
        "Type": story.kind,
        "Tier__c": story.tier,
        "ARR__c": story.revenue,
        "Industry": story.industry,
        "Website": f"https://www.{story.domain}",
        "OwnerId": rep_id(plan, number),
        "Renewal_Date__c": None if renewal is None else renewal.isoformat(),
        **stamps(plan, "story account", number),
    }


def _contacts(plan: Plan, number: int, story: Story) -> Iterator[Record]:
    for place, person in enumerate(story.people):
        yield _contact(plan, number, place, story, person)


def _contact(plan: Plan, number: int, place: int, story: Story, person: Person) -> Record:
    first, _, last = person.name.partition(" ")
    return {
        "Id": contact_id(plan, number, place),
        "AccountId": account_id(plan, number),
        "FirstName": first,
        "LastName": last,
        "Name": person.name,
        "Email": story.address_of(person),
        "Title": person.title,
        "Feedback_Level__c": person.level,
        "Language__c": "en",
        "OwnerId": rep_id(plan, number),
        **stamps(plan, "story contact", number * PEOPLE + place),
    }
