"""The objects of the invented org with their fields: people and business, service, tasks, and the org itself."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.salesforce.fields import Field, SObject, sobject
from adapters.sandbox.salesforce.service import ACTIVATED, CASE_STATUSES, EXPIRED

_READ: dict[str, Any] = {"createable": False, "updateable": False}


def _text(name: str, label: str, length: int, **more: Any) -> Field:
    return Field(name, type=more.pop("type", "string"), label=label, length=length, **more)


def _pick(name: str, label: str, values: str, **more: Any) -> Field:
    options = tuple(value.strip() for value in values.split(","))
    return Field(name, type="picklist", label=label, length=255, values=options, **more)


def _link(name: str, label: str, target: str, relation: str, **more: Any) -> Field:
    return Field(name, type="reference", label=label, length=18, target=target, relation=relation, **more)


def _flag(name: str, label: str, **more: Any) -> Field:
    return Field(name, type="boolean", label=label, required=True, defaulted=True, **more)


def _when(name: str, label: str, kind: str = "datetime", **more: Any) -> Field:
    return Field(name, type=kind, label=label, **more)


def _money(name: str, label: str) -> Field:
    return Field(name, type="currency", label=label, precision=18, scale=2)


def _id(label: str) -> Field:
    return Field("Id", type="id", label=label, length=18, required=True, defaulted=True, id_lookup=True, **_READ)


def _system(*, removable: bool, mergeable: bool = False) -> tuple[Field, ...]:
    gone = (_flag("IsDeleted", "Deleted", **_READ),) if removable else ()
    master = (_link("MasterRecordId", "Master Record ID", "", "", **_READ),) if mergeable else ()
    required: dict[str, Any] = {**_READ, "required": True, "defaulted": True}
    return (
        *gone,
        *master,
        _when("CreatedDate", "Created Date", **required),
        _link("CreatedById", "Created By ID", "User", "CreatedBy", **required),
        _when("LastModifiedDate", "Last Modified Date", **required),
        _link("LastModifiedById", "Last Modified By ID", "User", "LastModifiedBy", **required),
        _when("SystemModstamp", "System Modstamp", **required),
    )


def _owner() -> Field:
    return _link("OwnerId", "Owner ID", "User", "Owner", required=True, defaulted=True)


def _number(name: str, label: str, digits: int, scale: int = 0) -> Field:
    return Field(name, type="double", label=label, precision=digits, scale=scale)


_SCORE = _number("Closedloop_Score__c", "Closedloop Score", 4, 1)


def _account_fields() -> tuple[Field, ...]:
    return (
        _SCORE,
        _when("Closedloop_Score_On__c", "Closedloop Score On", "date"),
        _number("Closedloop_Voices__c", "Closedloop Voices", 6),
        _number("Closedloop_Open_Actions__c", "Closedloop Open Actions", 6),
    )


def _hold_fields() -> tuple[Field, ...]:
    reason = _text("Closedloop_Hold_Reason__c", "Closedloop Hold Reason", 255)
    return (_when("Closedloop_Hold_Until__c", "Closedloop Hold Until", "date"), reason)


ACCOUNT = sobject(
    "Account",
    label="Account",
    plural="Accounts",
    prefix="001",
    fields=(
        _id("Account ID"),
        _text("Name", "Account Name", 255, required=True, name_field=True),
        _pick("Type", "Account Type", "Customer, Partner, Prospect"),
        _link("ParentId", "Parent Account ID", "Account", "Parent"),
        _pick("Tier__c", "Tier", "A, B, C", restricted=True),
        _money("ARR__c", "ARR"),
        _pick("Industry", "Industry", "Instruments, Logistics, Energy, Healthcare, Food, Construction, Software"),
        _text("Website", "Website", 255, type="url"),
        _owner(),
        _when("Renewal_Date__c", "Renewal Date", "date"),
        *_account_fields(),
        *_hold_fields(),
        *_system(removable=True, mergeable=True),
    ),
)
CONTACT = sobject(
    "Contact",
    label="Contact",
    plural="Contacts",
    prefix="003",
    fields=(
        _id("Contact ID"),
        _link("AccountId", "Account ID", "Account", "Account"),
        _text("LastName", "Last Name", 80, required=True),
        _text("FirstName", "First Name", 40),
        _text("Name", "Full Name", 121, required=True, name_field=True, **_READ),
        _text("Email", "Email", 80, type="email", id_lookup=True),
        _text("Title", "Title", 128),
        _pick("Feedback_Level__c", "Feedback Level", "Executive, Manager, User", restricted=True),
        _pick("Language__c", "Language", "en, de, fr, es, nl", restricted=True),
        _owner(),
        _flag("HasOptedOutOfEmail", "Email Opt Out"),
        _text("EmailBouncedReason", "Email Bounced Reason", 255),
        _when("EmailBouncedDate", "Email Bounced Date"),
        _flag("IsEmailBounced", "Is Email Bounced", **_READ),
        _SCORE,
        _when("Closedloop_Answered_On__c", "Closedloop Answered On", "date"),
        *_hold_fields(),
        _pick("Closedloop_Level__c", "Closedloop Level", "Executive, Manager, User", restricted=True),
        _flag("Closedloop_Left_Company__c", "Closedloop Left Company"),
        *_system(removable=True, mergeable=True),
    ),
)
USER = sobject(
    "User",
    label="User",
    plural="Users",
    prefix="005",
    writable=False,
    fields=(
        _id("User ID"),
        _text("Username", "Username", 80, required=True, id_lookup=True),
        _text("LastName", "Last Name", 80, required=True),
        _text("FirstName", "First Name", 40),
        _text("Name", "Full Name", 121, required=True, name_field=True, **_READ),
        _text("Email", "Email", 128, type="email", required=True),
        _text("Title", "Title", 80),
        _flag("IsActive", "Active"),
        _pick("UserType", "User Type", "Standard, PowerPartner, CspLitePortal", required=True, **_READ),
        _link("ManagerId", "Manager ID", "User", "Manager"),
        _pick("TimeZoneSidKey", "Time Zone", "Pacific/Auckland, Europe/Berlin, Europe/London", required=True),
        _pick("LanguageLocaleKey", "Language", "en_US, de, fr, es, nl_NL", required=True),
        *_system(removable=False),
    ),
)
OPPORTUNITY = sobject(
    "Opportunity",
    label="Opportunity",
    plural="Opportunities",
    prefix="006",
    fields=(
        _id("Opportunity ID"),
        _link("AccountId", "Account ID", "Account", "Account"),
        _text("Name", "Name", 120, required=True, name_field=True),
        _pick("StageName", "Stage", "Prospecting, Proposal, Negotiation, Closed Won, Closed Lost", required=True),
        _money("Amount", "Amount"),
        _when("CloseDate", "Close Date", "date", required=True),
        _pick("Type", "Opportunity Type", "New Business, Renewal"),
        _flag("IsClosed", "Closed", **_READ),
        _flag("IsWon", "Won", **_READ),
        _link("ContactId", "Contact ID", "Contact", "Contact", updateable=False),
        _owner(),
        *_system(removable=True),
    ),
)
CASE = sobject(
    "Case",
    label="Case",
    plural="Cases",
    prefix="500",
    writable=False,
    fields=(
        _id("Case ID"),
        _text("CaseNumber", "Case Number", 30, required=True, name_field=True, **_READ),
        _link("ContactId", "Contact ID", "Contact", "Contact"),
        _link("AccountId", "Account ID", "Account", "Account"),
        _text("Subject", "Subject", 255),
        _pick("Status", "Status", ", ".join(CASE_STATUSES), defaulted=True),
        _pick("Priority", "Priority", "High, Medium, Low", defaulted=True),
        _pick("Origin", "Case Origin", "Phone, Email, Web"),
        _flag("IsClosed", "Closed", **_READ),
        _when("ClosedDate", "Closed Date", **_READ),
        _flag("IsEscalated", "Escalated"),
        _owner(),
        *_system(removable=True, mergeable=True),
    ),
)
CONTRACT = sobject(
    "Contract",
    label="Contract",
    plural="Contracts",
    prefix="800",
    writable=False,
    fields=(
        _id("Contract ID"),
        _text("ContractNumber", "Contract Number", 30, required=True, name_field=True, **_READ),
        _link("AccountId", "Account ID", "Account", "Account", required=True),
        # Labels differ from org to org; Expired is one that this org's admin has made.
        _pick("Status", "Status", f"Draft, In Approval Process, {ACTIVATED}, {EXPIRED}", required=True, defaulted=True),
        _when("StartDate", "Contract Start Date", "date"),
        Field("ContractTerm", type="int", label="Contract Term"),
        _when("EndDate", "Contract End Date", "date", **_READ),
        _owner(),
        *_system(removable=True),
    ),
)
TASK = sobject(
    "Task",
    label="Task",
    plural="Tasks",
    prefix="00T",
    fields=(
        _id("Activity ID"),
        _link("WhoId", "Name ID", "Contact", "Who"),
        _link("WhatId", "Related To ID", "Account", "What", also="Opportunity"),
        _text("Subject", "Subject", 255, name_field=True),
        _when("ActivityDate", "Due Date Only", "date"),
        _pick(
            "Status",
            "Status",
            "Not Started, In Progress, Completed, Waiting on someone else, Deferred",
            required=True,
            defaulted=True,
        ),
        _pick("Priority", "Priority", "High, Normal, Low", required=True, defaulted=True),
        _owner(),
        _text("Description", "Description", 32_000, type="textarea"),
        _flag("IsClosed", "Closed", **_READ),
        _when("CompletedDateTime", "Completed Date", **_READ),  # unverified: from which version on it is there
        _link("AccountId", "Account ID", "Account", "Account", **_READ),
        _text("Closedloop_Key__c", "Closedloop Key", 80, id_lookup=True, external_id=True),
        *_system(removable=True),
    ),
)
ORGANIZATION = sobject(
    "Organization",
    label="Organization",
    plural="Organizations",
    prefix="00D",
    writable=False,
    replicateable=False,
    fields=(
        _id("Organization ID"),
        _text("Name", "Name", 80, required=True, name_field=True),
        _text("InstanceName", "Instance Name", 5, **_READ),
        _flag("IsSandbox", "Is Sandbox", **_READ),
        _text("NamespacePrefix", "Namespace Prefix", 15, **_READ),
        _pick("OrganizationType", "Edition", "Enterprise Edition, Developer Edition, Unlimited Edition", **_READ),
        _when("TrialExpirationDate", "Trial Expiration Date", **_READ),
        _pick("TimeZoneSidKey", "Time Zone", "Pacific/Auckland, Europe/Berlin, Europe/London", required=True),
        _pick("LanguageLocaleKey", "Language", "en_US", required=True),
        *_system(removable=False),
    ),
)
OBJECTS: dict[str, SObject] = {
    one.name.lower(): one for one in (ACCOUNT, CASE, CONTACT, CONTRACT, OPPORTUNITY, ORGANIZATION, TASK, USER)
}


def find_object(name: str) -> SObject | None:
    """The object of this name in any case, or None."""
    return OBJECTS.get(name.lower())
