"""Salesforce's words and values <-> ours. Pure: no request, no clock."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from connector.domain.records import FactType, FactValue, Level, RecordKind
from connector.domain.write_back import REP_FIELDS, WriteField
from connector.ports.crm import Field

OBJECTS: Mapping[RecordKind, str] = {
    RecordKind.OWNER: "User",
    RecordKind.ACCOUNT: "Account",
    RecordKind.CONTACT: "Contact",
    RecordKind.OPPORTUNITY: "Opportunity",
    RecordKind.CASE: "Case",
    RecordKind.CONTRACT: "Contract",
}

SOURCES: Mapping[str, str] = {
    "owner.name": "User.Name",
    "owner.address": "User.Email",
    "owner.is_active": "User.IsActive",
    "owner.manager": "User.ManagerId",
    "account.name": "Account.Name",
    "account.parent": "Account.ParentId",
    "account.owner": "Account.OwnerId",
    "account.hold_until": "Account.Closedloop_Hold_Until__c",
    "account.hold_reason": "Account.Closedloop_Hold_Reason__c",
    "contact.name": "Contact.Name",
    "contact.address": "Contact.Email",
    "contact.title": "Contact.Title",
    "contact.account": "Contact.AccountId",
    "contact.owner": "Contact.OwnerId",
    "contact.opted_out": "Contact.HasOptedOutOfEmail",
    "contact.bounced": "Contact.IsEmailBounced",
    "contact.hold_until": "Contact.Closedloop_Hold_Until__c",
    "contact.hold_reason": "Contact.Closedloop_Hold_Reason__c",
    "contact.rep_level": "Contact.Closedloop_Level__c",
    "contact.left_company": "Contact.Closedloop_Left_Company__c",
    "opportunity.name": "Opportunity.Name",
    "opportunity.account": "Opportunity.AccountId",
    "opportunity.contact": "Opportunity.ContactId",
    "opportunity.owner": "Opportunity.OwnerId",
    "opportunity.stage": "Opportunity.StageName",
    "opportunity.amount": "Opportunity.Amount",
    "opportunity.closes_on": "Opportunity.CloseDate",
    "opportunity.is_won": "Opportunity.IsWon",
    "opportunity.is_closed": "Opportunity.IsClosed",
    "case.account": "Case.AccountId",
    "case.contact": "Case.ContactId",
    "case.owner": "Case.OwnerId",
    "case.stage": "Case.Status",
    "case.opened_on": "Case.CreatedDate",
    "case.closed_on": "Case.ClosedDate",
    "case.is_closed": "Case.IsClosed",
    "case.is_escalated": "Case.IsEscalated",
    "contract.account": "Contract.AccountId",
    "contract.owner": "Contract.OwnerId",
    "contract.stage": "Contract.Status",
    "contract.starts_on": "Contract.StartDate",
    "contract.ends_on": "Contract.EndDate",
}
"""Fields that every org has, and ours that reps fill in.

Level, language and renewal date differ from org to org, so the admin names them.
"""

REQUIRED = frozenset({"contact.opted_out"})
"""Field security hides the opt-out by default; without it we would ask people who said no (fail closed)."""


def write_field_name(word: str) -> str:
    """Our field on their record: answered_on -> Closedloop_Answered_On__c."""
    return "Closedloop_" + "_".join(part.capitalize() for part in word.split("_")) + "__c"


REACH: Mapping[RecordKind, int] = {RecordKind.CASE: 731}
"""Days that go back 24 months at least: service desks keep millions of cases that were closed and left alone before."""

REP_FACTS: Mapping[str, WriteField] = {
    name: own
    for own in REP_FIELDS
    for name, source in SOURCES.items()
    if source == f"{OBJECTS[own.kind]}.{write_field_name(own.word)}"
}
"""Facts that reps fill in, with the field of ours behind each."""

NOT_EVERYWHERE = frozenset({"opportunity.contact", *REP_FACTS})
"""Fields that many orgs lack, so that their absence stops nothing; `check` tells of those that reps fill in."""

_LINKS = frozenset({"parent", "account", "contact", "owner", "counterpart", "manager"})
_QUEUE = "00G"
"""The beginning of the ids of groups: a queue may own a case, and is nobody."""
_NUMBERS = frozenset({"int", "double", "currency", "percent", "long"})
_COMPOUND = frozenset({"address", "location", "base64", "complexvalue", "json"})
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_LEVELS = {str(level): str(level) for level in Level}

Converter = Callable[[Any], FactValue]


def is_id(text: str) -> bool:
    """Whether a text has the form of a record id."""
    return _ID.fullmatch(text) is not None


def id18(text: str) -> str:
    """The 18-character form of an id: one check character per five, its bits saying which are capitals."""
    if len(text) != 15 or not is_id(text):
        return text
    chunks = (text[start : start + 5] for start in (0, 5, 10))
    return text + "".join(_CHECKS[sum(char.isupper() << bit for bit, char in enumerate(chunk))] for chunk in chunks)


def given_id(text: str) -> str | None:
    """An id as another CRM's field holds it, in the 18-character form; None where the text has no id's form."""
    stripped = text.strip()
    return id18(stripped) if is_id(stripped) else None


def moment(text: str) -> datetime:
    """2026-05-01T07:25:37.000+0000 as aware UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def moment_text(at: datetime) -> str:
    """A moment as SOQL and the replication calls take it, cut to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written_value(value: FactValue) -> Any:
    """A value of ours as JSON takes it; null clears a field."""
    if isinstance(value, datetime):
        return moment_text(value)
    return value.isoformat() if isinstance(value, date) else value


def split_source(source: str) -> tuple[str, str]:
    """Object and field of `Account.Type`; the object is "" where none is written."""
    name, dot, field = source.partition(".")
    return (name, field) if dot else ("", name)


def expected_types(word: str, fact_type: FactType) -> str:
    """Which types of field can hold a fact, for people."""
    if word in _LINKS:
        return "a lookup"
    names = {FactType.NUMBER: "a number", FactType.DATE: "a date", FactType.BOOLEAN: "a checkbox"}
    return names.get(fact_type, "a text, number or picklist")


def converter_for(
    word: str, fact_type: FactType, *, field_type: str, zone: Callable[[], tzinfo] | None = None
) -> Converter | None:
    """How a field's JSON becomes the fact's value; None where the field's type does not fit.

    `zone` gives the org's, which says on which day a date with time falls; without it such a field does not fit.
    """
    if word == "owner":
        return _owner if field_type in ("reference", "id") else None
    if word in _LINKS:
        return _link if field_type in ("reference", "id") else None
    if fact_type is FactType.NUMBER:
        return _number if field_type in _NUMBERS else None
    if fact_type is FactType.DATE:
        if field_type == "datetime":
            return _day_in(zone()) if zone else None
        return _date if field_type == "date" else None
    if fact_type is FactType.BOOLEAN:
        return _boolean if field_type == "boolean" else None
    if field_type in _COMPOUND:
        return None
    return _level if word in ("level", "rep_level") else _text


def _link(value: Any) -> FactValue:
    return id18(value) if value else None


def _owner(value: Any) -> FactValue:
    return None if str(value or "").startswith(_QUEUE) else _link(value)


def _text(value: Any) -> FactValue:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _level(value: Any) -> FactValue:
    return _LEVELS.get(str(value).strip().lower()) if value else None


def _number(value: Any) -> FactValue:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _boolean(value: Any) -> FactValue:
    return value if isinstance(value, bool) else None


def _date(value: Any) -> FactValue:
    return date.fromisoformat(value) if value else None


def _day_in(zone: tzinfo) -> Converter:
    """A date with time: its day in the org's time zone, as people see it there."""
    return lambda value: moment(value).astimezone(zone).date() if value else None


def field_of(described: Mapping[str, Any]) -> Field | None:
    """One entry of a describe as our Field; None for compound fields, whose parts are listed by themselves."""
    kind = described["type"]
    if kind in _COMPOUND:
        return None
    active = [entry["value"] for entry in described.get("picklistValues") or () if entry.get("active", True)]
    return Field(
        name=described["name"],
        label=described.get("label") or described["name"],
        type=_fact_type(kind),
        values=tuple(active),
        is_closed=bool(described.get("restrictedPicklist")),  # the API takes any text where it is not restricted
        is_multiple=kind == "multipicklist",
        is_writable=bool(described.get("updateable")),
    )


def _fact_type(field_type: str) -> FactType:
    if field_type in _NUMBERS:
        return FactType.NUMBER
    types = {"date": FactType.DATE, "datetime": FactType.DATE, "boolean": FactType.BOOLEAN}
    return types.get(field_type, FactType.TEXT)
