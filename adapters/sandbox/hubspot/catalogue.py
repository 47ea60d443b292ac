"""The properties the portal begins with: some of its own, and those that the invented account's admin has made."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, NOTES, TASKS, TICKETS, USERS, Kind
from adapters.sandbox.hubspot.property import Property
from adapters.sandbox.hubspot.ticket_stages import TICKET_PIPELINES

OWN_GROUP = "closedloop"
_FIELD_TYPES = {"string": "text", "number": "number", "date": "date", "datetime": "date", "bool": "booleancheckbox"}
_FLAG = (("true", "Yes"), ("false", "No"))
_GROUPS = {
    "contacts": "contactinformation",
    "companies": "companyinformation",
    "deals": "dealinformation",
    "tickets": "ticketinformation",
    "tasks": "engagement",
    "notes": "engagement",
    "users": "userinformation",
}


def _make(group: str, name: str, kind: str, label: str, **more: Any) -> Property:
    field_type = more.pop("field_type", "select" if kind == "enumeration" else _FIELD_TYPES[kind])
    options = more.pop("options", _FLAG if kind == "bool" else ())
    return Property(name, type=kind, field_type=field_type, label=label, group=group, options=options, **more)


def _choices(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((value, value.replace("_", " ").capitalize()) for value in text.split())


def _same(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((value, value) for value in text.split(","))


def _owner(group: str) -> Property:
    return _make(group, "hubspot_owner_id", "enumeration", "Owner", reference="OWNER")


def _system(kind: Kind, group: str) -> tuple[Property, ...]:
    return (
        _make(group, "hs_object_id", "number", "Record ID", read_only=True),
        _make(group, kind.created, "datetime", "Create Date", read_only=True),
        _make(group, kind.modified, "datetime", "Last Modified Date", read_only=True),
        _make(group, "hs_merged_object_ids", "enumeration", "Merged record IDs", field_type="checkbox", read_only=True),
        _make(group, "hs_object_source", "string", "Record creation source", read_only=True),
        _make(group, "hs_object_source_id", "string", "Record creation source ID", read_only=True),
    )


_PERSON_SCORES = (
    ("closedloop_score", "number", "Closedloop score"),
    ("closedloop_answered_on", "date", "Closedloop answered on"),
)
_COMPANY_SCORES = (
    ("closedloop_score", "number", "Closedloop score"),
    ("closedloop_score_on", "date", "Closedloop score on"),
    ("closedloop_voices", "number", "Closedloop voices"),
    ("closedloop_open_actions", "number", "Closedloop open actions"),
)
_HOLDS = (
    ("closedloop_hold_until", "date", "Closedloop hold until"),
    ("closedloop_hold_reason", "string", "Closedloop hold reason"),
)


def _feedback(*, person: bool) -> tuple[Property, ...]:
    """The fields of the feedback loop, as its set-up makes them."""
    scores = _PERSON_SCORES if person else _COMPANY_SCORES
    made = tuple(_make(OWN_GROUP, name, kind, label, custom=True) for name, kind, label in (*scores, *_HOLDS))
    if not person:
        return made
    level = _same("Executive,Manager,User")
    return (
        *made,
        _make(OWN_GROUP, "closedloop_level", "enumeration", "Closedloop level", options=level, custom=True),
        _make(OWN_GROUP, "closedloop_left_company", "bool", "Closedloop left company", custom=True),
    )


def _contacts() -> tuple[Property, ...]:
    group = _GROUPS["contacts"]
    read = {"read_only": True}
    levels, seniorities = _same("Executive,Manager,User"), _choices("executive director vp manager senior entry")
    reasons = _choices("CONTENT MAILBOX_FULL OTHER POLICY SPAM UNKNOWN_USER")
    return (
        _make(group, "email", "string", "Email"),
        _make(group, "firstname", "string", "First Name"),
        _make(group, "lastname", "string", "Last Name"),
        _make(group, "jobtitle", "string", "Job Title"),
        _make(group, "hs_seniority", "enumeration", "Seniority", options=seniorities),
        _make(group, "hs_language", "enumeration", "Preferred language", options=_same("en,de,fr,es,nl")),
        _make(group, "lifecyclestage", "enumeration", "Lifecycle Stage", options=_STAGES, field_type="radio"),
        _make(group, "associatedcompanyid", "number", "Primary Associated Company ID", **read),
        _make(group, "hs_email_optout", "bool", "Unsubscribed from all email", **read),
        _make(group, "hs_email_bad_address", "bool", "Invalid email address", **read),
        _make(group, "hs_email_hard_bounce_reason_enum", "enumeration", "Hard bounce reason", options=reasons, **read),
        _make(group, "hs_email_quarantined", "bool", "Email address quarantined", **read),
        _make(group, "hs_calculated_merged_vids", "enumeration", "Merged vids", field_type="checkbox", **read),
        _make(group, "salesforcecontactid", "string", "Salesforce Contact ID"),
        _make(group, "feedback_level", "enumeration", "Feedback level", options=levels, custom=True),
        _owner(group),
        *_feedback(person=True),
    )


_STAGES = _choices("subscriber lead marketingqualifiedlead salesqualifiedlead opportunity customer evangelist other")
_INDUSTRIES = _choices("MACHINERY LOGISTICS_AND_SUPPLY_CHAIN OIL_ENERGY FOOD_BEVERAGES COMPUTER_SOFTWARE")


def _companies() -> tuple[Property, ...]:
    group = _GROUPS["companies"]
    return (
        _make(group, "name", "string", "Company name"),
        _make(group, "domain", "string", "Company Domain Name"),
        _make(group, "website", "string", "Website URL"),
        _make(group, "type", "enumeration", "Type", options=_choices("CUSTOMER PARTNER PROSPECT VENDOR OTHER")),
        _make(group, "industry", "enumeration", "Industry", options=_INDUSTRIES),
        _make(group, "annualrevenue", "number", "Annual Revenue"),
        _make(group, "lifecyclestage", "enumeration", "Lifecycle Stage", options=_STAGES, field_type="radio"),
        _make(group, "hs_parent_company_id", "number", "Parent Company", read_only=True, calculated=True),
        _make(group, "hs_num_child_companies", "number", "Number of child companies", read_only=True, calculated=True),
        _make(group, "salesforceaccountid", "string", "Salesforce Account ID"),
        _make(group, "tier", "enumeration", "Tier", options=_same("A,B,C"), custom=True),
        _make(group, "arr", "number", "ARR", custom=True),
        _make(group, "renewal_date", "date", "Renewal date", custom=True),
        _owner(group),
        *_feedback(person=False),
    )


def _deals() -> tuple[Property, ...]:
    group = _GROUPS["deals"]
    calculated: dict[str, Any] = {"read_only": True, "calculated": True}
    stages = tuple((stage, label) for stages in PIPELINES.values() for stage, label, _ in stages)
    return (
        _make(group, "dealname", "string", "Deal Name"),
        # The ids of stages and pipelines differ from portal to portal; their labels come from the pipelines.
        _make(group, "dealstage", "enumeration", "Deal Stage", options=stages, field_type="radio"),
        _make(group, "pipeline", "enumeration", "Pipeline", options=tuple((one, one) for one in PIPELINES)),
        _make(group, "amount", "number", "Amount"),
        _make(group, "closedate", "datetime", "Close Date"),
        _make(group, "dealtype", "enumeration", "Deal Type", options=_choices("newbusiness existingbusiness")),
        _make(group, "hs_is_closed", "bool", "Is Closed", **calculated),
        _make(group, "hs_is_closed_won", "bool", "Is Closed Won", **calculated),
        _make(group, "hs_primary_associated_company", "number", "Primary Associated Company", **calculated),
        _owner(group),
    )


def _tickets() -> tuple[Property, ...]:
    group = _GROUPS["tickets"]
    stages = tuple((one.id, one.label) for stages in TICKET_PIPELINES.values() for one in stages)
    return (
        _make(group, "subject", "string", "Ticket name"),
        _make(group, "content", "string", "Ticket description", field_type="textarea"),
        _make(group, "hs_pipeline", "enumeration", "Pipeline", options=tuple((one, one) for one in TICKET_PIPELINES)),
        _make(group, "hs_pipeline_stage", "enumeration", "Ticket status", options=stages),
        _make(group, "hs_ticket_priority", "enumeration", "Priority", options=_choices("LOW MEDIUM HIGH URGENT")),
        _make(group, "hs_ticket_category", "enumeration", "Category", options=_choices("PRODUCT_ISSUE BILLING_ISSUE")),
        # unverified: whether a client may set it; here the portal keeps it.
        _make(group, "closed_date", "datetime", "Close date", read_only=True),
        _owner(group),
    )


def _tasks() -> tuple[Property, ...]:
    group = _GROUPS["tasks"]
    states = _choices("NOT_STARTED IN_PROGRESS WAITING DEFERRED COMPLETED")
    return (
        _make(group, "hs_timestamp", "datetime", "Due date"),
        _make(group, "hs_task_subject", "string", "Task Title"),
        _make(group, "hs_task_body", "string", "Task Notes", field_type="html"),
        _make(group, "hs_task_status", "enumeration", "Task Status", options=states),
        _make(group, "hs_task_priority", "enumeration", "Priority", options=_choices("NONE LOW MEDIUM HIGH")),
        _make(group, "hs_task_type", "enumeration", "Task Type", options=_choices("TODO CALL EMAIL")),
        _make(group, "hs_task_completion_date", "datetime", "Completed at", read_only=True),
        _make(group, "hs_task_is_completed", "number", "Is completed", read_only=True, calculated=True),
        # unverified: whether every account lets a task have a unique property; hide_field makes one that does not.
        _make(OWN_GROUP, "closedloop_key", "string", "Closedloop key", unique=True, custom=True),
        _owner(group),
    )


def _notes() -> tuple[Property, ...]:
    group = _GROUPS["notes"]
    return (
        _make(group, "hs_timestamp", "datetime", "Activity date"),
        _make(group, "hs_note_body", "string", "Note body", field_type="html"),
        _owner(group),
    )


def _users() -> tuple[Property, ...]:
    group = _GROUPS["users"]
    return (
        _make(group, "hs_email", "string", "Email", read_only=True),
        _make(group, "hs_given_name", "string", "First name", read_only=True),
        _make(group, "hs_family_name", "string", "Surname", read_only=True),
        _make(group, "hs_job_title", "string", "Job title"),
        _make(group, "hubspot_owner_id", "number", "Owner ID", read_only=True),
        # The portal itself knows no managers: this property is the invented admin's.
        _make(group, "manager_owner_id", "number", "Manager (owner ID)", custom=True),
    )


PIPELINES: dict[str, tuple[tuple[str, str, float], ...]] = {
    "default": (
        ("appointmentscheduled", "Appointment Scheduled", 0.2),
        ("presentationscheduled", "Presentation Scheduled", 0.6),
        ("contractsent", "Contract Sent", 0.9),
        ("closedwon", "Closed Won", 1.0),
        ("closedlost", "Closed Lost", 0.0),
    ),
    "761040501": (
        ("1103377301", "Renewal due", 0.5),
        ("1103377302", "Renewal offered", 0.8),
        ("1103377303", "Renewed", 1.0),
        ("1103377304", "Not renewed", 0.0),
    ),
}
"""Stages in order with label and probability; a probability of 1 or 0 closes."""
PIPELINE_LABELS = {"default": "Sales Pipeline", "761040501": "Renewals"}

_MAKERS = ((CONTACTS, _contacts), (COMPANIES, _companies), (DEALS, _deals), (TICKETS, _tickets), (TASKS, _tasks))
CATALOGUE: dict[str, dict[str, Property]] = {
    kind.name: {one.name: one for one in (*_system(kind, _GROUPS[kind.name]), *make())}
    for kind, make in (*_MAKERS, (NOTES, _notes), (USERS, _users))
}
GROUPS: dict[str, dict[str, str]] = {
    name: {group: group, **({OWN_GROUP: "Closedloop"} if name in ("contacts", "companies", "tasks") else {})}
    for name, group in _GROUPS.items()
}
