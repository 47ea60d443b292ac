"""Closed-loop actions: by which rule one is opened, where its task lives, and the states it passes through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connector.domain.condition import Condition
from connector.domain.due import Due
from connector.domain.evaluation import Values, holds
from connector.domain.owners import Wish

MOST_OVERDUE = 5
"""Overdue actions that an owner may have before nobody is asked at their accounts (our choice)."""


class ActionState(StrEnum):
    """Open until it is done; dropped where its account is in no CRM any more, or its task was deleted twice."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class TaskStage(StrEnum):
    """Where a task of ours stands: intended until the CRM has made or refused it, then as the CRM shows it."""

    INTENT = "intent"
    MADE = "made"
    REFUSED = "refused"
    GONE = "gone"
    DONE = "done"
    DROPPED = "dropped"


class OwnedBy(StrEnum):
    """Who gets an action first: the owner of the contact or the account, or the contact's counterpart."""

    CONTACT = "contact"
    ACCOUNT = "account"
    COUNTERPART = "counterpart"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRule:
    """One rule of a program: when a response asks for an action, what is to be done, by whose owner, by when.

    `do` may hold {contact}, {account} and {score}.
    """

    id: str
    when: Condition
    do: str
    owner: OwnedBy
    due: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPolicy:
    """What holds for all actions: the mail address of the owner who stands in, and when asking pauses."""

    stand_in: str | None = None
    most_overdue: int = MOST_OVERDUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a task can live: an account's live record in one CRM, with the person's contact there, if any.

    Ids are the CRM's own; `was_asked` says that the contact who was invited is in this CRM.
    """

    crm: str
    account_id: str
    account_name: str | None
    account_owner: str | None
    contact_id: str | None
    contact_name: str | None
    contact_owner: str | None
    was_asked: bool
    counterpart: str | None = None


def days_late(due_on: date, *, on: date) -> int:
    """How many days after its due day something was done, 0 in time; both are days of the organisation's calendar."""
    return max(0, (on - due_on).days)


def wishes(place: Place, *, owned_by: OwnedBy) -> tuple[Wish, ...]:
    """Who is asked to take an action at a place, in this order."""
    of_contact = Wish(label="contact", owner_id=place.contact_owner)
    of_account = Wish(label="account", owner_id=place.account_owner)
    if owned_by is OwnedBy.COUNTERPART:
        return (Wish(label="contact", owner_id=place.counterpart, role="counterpart"), of_contact, of_account)
    return (of_contact, of_account) if owned_by is OwnedBy.CONTACT else (of_account, of_contact)


def first_match(rules: Sequence[ActionRule], *, values: Values) -> ActionRule | None:
    """The first rule whose condition holds: a response opens at most one action."""
    return next((rule for rule in rules if holds(rule.when, values=values) is True), None)


def choose_place(places: Sequence[Place], *, home: str | None) -> Place | None:
    """The home CRM's place where there is one, else that of the contact who was invited, else the first."""
    order = sorted(places, key=lambda place: (place.crm != home, not place.was_asked, place.contact_id is None))
    return next(iter(order), None)
