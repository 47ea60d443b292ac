"""HubSpot's words and values <-> ours. Pure: no request, no clock."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from connector.domain.records import FactType, FactValue, Level, RecordKind
from connector.domain.write_back import REP_FIELDS, WriteField
from connector.ports.crm import Field

OBJECTS: Mapping[RecordKind, str] = {
    RecordKind.OWNER: "owner",
    RecordKind.ACCOUNT: "company",
    RecordKind.CONTACT: "contact",
    RecordKind.OPPORTUNITY: "deal",
    RecordKind.CASE: "ticket",
}
PLURALS: Mapping[RecordKind, str] = {
    RecordKind.ACCOUNT: "companies",
    RecordKind.CONTACT: "contacts",
    RecordKind.OPPORTUNITY: "deals",
    RecordKind.CASE: "tickets",
}
"""Object types as paths name them."""

SOURCES: Mapping[str, str] = {
    "owner.name": "owner.firstName + lastName",
    "owner.address": "owner.email",
    "owner.is_active": "owner.archived",
    "owner.manager": "owner.manager_owner_id",
    "account.name": "company.name",
    "account.parent": "company.hs_parent_company_id",
    "account.owner": "company.hubspot_owner_id",
    "account.hold_until": "company.closedloop_hold_until",
    "account.hold_reason": "company.closedloop_hold_reason",
    "contact.name": "contact.firstname + lastname",
    "contact.address": "contact.email",
    "contact.title": "contact.jobtitle",
    "contact.level": "contact.hs_seniority",
    "contact.account": "contact.associatedcompanyid",
    "contact.owner": "contact.hubspot_owner_id",
    "contact.opted_out": "contact.hs_email_optout",
    "contact.bounced": "contact.hs_email_hard_bounce_reason_enum + hs_email_bad_address + hs_email_quarantined",
    "contact.hold_until": "contact.closedloop_hold_until",
    "contact.hold_reason": "contact.closedloop_hold_reason",
    "contact.rep_level": "contact.closedloop_level",
    "contact.left_company": "contact.closedloop_left_company",
    "opportunity.name": "deal.dealname",
    "opportunity.account": "deal.associations.companies",
    "opportunity.contact": "deal.associations.contacts",
    "opportunity.owner": "deal.hubspot_owner_id",
    "opportunity.stage": "deal.dealstage",
    "opportunity.amount": "deal.amount",
    "opportunity.closes_on": "deal.closedate",
    "opportunity.is_won": "deal.hs_is_closed_won",
    "opportunity.is_closed": "deal.hs_is_closed",
    "case.account": "ticket.associations.companies",
    "case.contact": "ticket.associations.contacts",
    "case.owner": "ticket.hubspot_owner_id",
    "case.stage": "ticket.hs_pipeline_stage",
    "case.opened_on": "ticket.createdate",
    "case.closed_on": "ticket.closed_date",
    "case.is_closed": "ticket.hs_pipeline_stage",
}
"""Properties that every portal has, and ours that reps fill in; `+` joins several into one fact.

There is no standard renewal date or language. `owner.manager` is a property of HubSpot's users, not of owners.
"""

REQUIRED = frozenset({"contact.opted_out"})
"""Without the opt-out we would ask people who said no (fail closed)."""


def write_property(word: str) -> str:
    """Our property on their record: score -> closedloop_score."""
    return f"closedloop_{word}"


REP_FACTS: Mapping[str, WriteField] = {
    name: own
    for own in REP_FIELDS
    for name, source in SOURCES.items()
    if source == f"{OBJECTS[own.kind]}.{write_property(own.word)}"
}
"""Facts that reps fill in, with the property of ours behind each."""

NOT_EVERYWHERE = frozenset({"contact.level", *REP_FACTS})
"""Properties that portals may lack, so that their absence stops nothing; `check` tells of those that reps fill in."""

MERGED_IDS = "hs_merged_object_ids"
"""The former ids of a record that others were merged into."""
PRIMARY_COMPANY: Mapping[RecordKind, int] = {RecordKind.OPPORTUNITY: 5, RecordKind.CASE: 26}
"""The association types of a deal's and a ticket's primary company."""

_LINKS = frozenset({"parent", "account", "contact"})
_USERS = frozenset({"owner", "counterpart"})
_UNREADABLE = frozenset({"json", "object_coordinates"})
_LEVELS: Mapping[str, str] = {
    **{str(level): str(level) for level in Level},
    **dict.fromkeys(("owner", "partner", "vp"), str(Level.EXECUTIVE)),
    "director": str(Level.MANAGER),
    **dict.fromkeys(("senior", "employee", "entry"), str(Level.USER)),
}
"""Our own words, and the values of `hs_seniority` (which of them is which level is our choice); others are unknown."""

Converter = Callable[[Sequence[str | None]], FactValue]
"""From the values of a fact's properties, in their order, to the fact's value."""


def modified_property(kind: RecordKind) -> str:
    """The property that a search for changes filters by; that of contacts is an older one than all others."""
    return "lastmodifieddate" if kind is RecordKind.CONTACT else "hs_lastmodifieddate"


def moment(text: str) -> datetime:
    """A date-time, in ISO form or as milliseconds since 1970, as aware UTC."""
    if text.removeprefix("-").isdigit():
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def milliseconds(at: datetime) -> int:
    """A moment as filters take it; exact, as a float of seconds would not be."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def written_value(value: FactValue) -> str:
    """A value of ours as HubSpot takes it: all values are texts, and an empty one clears the property."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(milliseconds(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def expected_types(word: str, fact_type: FactType) -> str:
    """Which types of property can hold a fact, for people."""
    if word in _USERS:
        return "a HubSpot user"
    if word in _LINKS:
        return "a number that holds a record id"
    names = {FactType.NUMBER: "a number", FactType.DATE: "a date", FactType.BOOLEAN: "a single checkbox"}
    return names.get(fact_type, "a text, number or selection")


def converter_for(word: str, fact_type: FactType, *, described: Mapping[str, Any], zone: tzinfo) -> Converter | None:
    """How a property's text becomes the fact's value; None where its type does not fit.

    `zone` is the portal's: it says on which day a date with time falls.
    """
    kind, field_type = described.get("type"), described.get("fieldType")
    if word in _USERS:
        return _link if described.get("referencedObjectType") == "OWNER" or described.get("externalOptions") else None
    if word in _LINKS:
        return _link if kind == "number" else None
    if fact_type is FactType.NUMBER:
        return _number if kind == "number" else None
    if fact_type is FactType.DATE:
        return {"date": _date, "datetime": _day_in(zone)}.get(str(kind))
    if fact_type is FactType.BOOLEAN:
        return _boolean if kind == "bool" or field_type == "booleancheckbox" else None
    if kind in _UNREADABLE:
        return None
    return _level if word in ("level", "rep_level") else first


def joined(values: Sequence[str | None]) -> FactValue:
    """The parts of a name as one."""
    return " ".join(part.strip() for part in values if part and part.strip()) or None


def first(values: Sequence[str | None]) -> FactValue:
    """A property's text as it stands."""
    return values[0] or None


def any_set(values: Sequence[str | None]) -> FactValue:
    """Whether any of several signals is there: a reason, or a yes."""
    return any(value not in (None, "", "false") for value in values)


def consent(values: Sequence[str | None]) -> FactValue:
    """An opt-out: whatever is neither empty nor a plain no counts as one (fail closed)."""
    return values[0] not in (None, "", "false")


def record_id(text: str | None) -> str | None:
    """An id in a number property, which may be shown with a decimal point."""
    number = (text or "").removesuffix(".0")
    return number if number.isdigit() else None


def _link(values: Sequence[str | None]) -> FactValue:
    return record_id(values[0])


def _level(values: Sequence[str | None]) -> FactValue:
    return _LEVELS.get((values[0] or "").strip().lower())


def _number(values: Sequence[str | None]) -> FactValue:
    try:
        number = float(values[0] or "")
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _boolean(values: Sequence[str | None]) -> FactValue:
    return {"true": True, "false": False}.get(values[0] or "")


def _date(values: Sequence[str | None]) -> FactValue:
    """A date: its day is the one in UTC, whatever zone the portal has."""
    return moment(values[0]).date() if values[0] else None


def _day_in(zone: tzinfo) -> Converter:
    """A date with time: its day in the portal's zone; midnight in UTC is a day that somebody gave without a time."""

    def day(values: Sequence[str | None]) -> FactValue:
        if not values[0]:
            return None
        at = moment(values[0])
        is_day = at.time() == at.time().min
        return at.date() if is_day else at.astimezone(zone).date()

    return day


def field_of(described: Mapping[str, Any]) -> Field | None:
    """One entry of a property list as our Field; None for what no fact can hold."""
    kind = str(described.get("type"))
    if kind in _UNREADABLE:
        return None
    active = [str(option["value"]) for option in described.get("options") or () if not option.get("hidden")]
    return Field(
        name=described["name"],
        label=described.get("label") or described["name"],
        type=_fact_type(kind, described.get("fieldType")),
        values=() if kind == "bool" else tuple(active),
        is_multiple=kind == "enumeration" and described.get("fieldType") == "checkbox",
        is_writable=not is_read_only(described),
    )


def is_read_only(described: Mapping[str, Any]) -> bool:
    """Whether nobody can set a property by the API."""
    return bool((described.get("modificationMetadata") or {}).get("readOnlyValue") or described.get("calculated"))


def _fact_type(kind: str, field_type: Any) -> FactType:
    if kind == "bool" or field_type == "booleancheckbox":
        return FactType.BOOLEAN
    types = {"number": FactType.NUMBER, "date": FactType.DATE, "datetime": FactType.DATE}
    return types.get(kind, FactType.TEXT)
