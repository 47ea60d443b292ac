"""The sandbox's Salesforce org as the world of the adapter contract; told by its control pages, not by the adapter."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from adapters.salesforce.adapter import open_adapter
from adapters.salesforce.client import Patience
from adapters.salesforce.settings import SalesforceSettings
from adapters.salesforce.spec import SPEC
from connector.domain.records import Fact, FactType, RecordKind
from connector.ports.crm import CrmAdapter, CrmSpec
from connector.testing.crm_world import Login, TaskShown
from tests.adapters import sandbox_world
from tests.adapters.sandbox_world import CrmNames

NAMES = CrmNames(
    crm="salesforce",
    connection="sf",
    objects={
        RecordKind.OWNER: "User",
        RecordKind.ACCOUNT: "Account",
        RecordKind.CONTACT: "Contact",
        RecordKind.OPPORTUNITY: "Opportunity",
        RecordKind.CASE: "Case",
        RecordKind.CONTRACT: "Contract",
    },
    fields={
        "opted_out": "HasOptedOutOfEmail",
        "title": "Title",
        "score": "Closedloop_Score__c",
        "answered_on": "Closedloop_Answered_On__c",
        "hold_until": "Closedloop_Hold_Until__c",
        "hold_reason": "Closedloop_Hold_Reason__c",
        "rep_level": "Closedloop_Level__c",
        "left_company": "Closedloop_Left_Company__c",
    },
    id_field="Id",
    tasks="Task",
    task_body="Description",
    limit="limit",
    sign_in="/services/oauth2/token",
    any_request="/services/data",
    any_write="patch /services/data",
    any_new_task="/composite/sobjects",
    closed_case={"Status": "Closed"},
    open_case={"Status": "Working"},
)
DECLARED = {
    Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT): "Account.Type",
    Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER): "Account.ARR__c",
    Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE): "Account.Renewal_Date__c",
    Fact(kind=RecordKind.CONTACT, word="level", type=FactType.TEXT): "Contact.Feedback_Level__c",
    Fact(kind=RecordKind.CONTACT, word="language", type=FactType.TEXT): "Contact.Language__c",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxWorld(sandbox_world.SandboxWorld):
    """A `CrmWorld` over one running sandbox."""

    names: ClassVar[CrmNames] = NAMES

    @property
    def spec(self) -> CrmSpec:
        return SPEC

    @property
    def secrets(self) -> Sequence[str]:
        told = self.sandbox.ready["salesforce"]
        return [told["client_id"], told["client_secret"], told["access_token"], "SELECT", "!"]

    @property
    def declared(self) -> Mapping[Fact, str]:
        return DECLARED

    @property
    def undeclarable(self) -> Mapping[Fact, str]:
        return {Fact(kind=RecordKind.ACCOUNT, word="size", type=FactType.TEXT): "Account.Nobody_Has_This__c"}

    @property
    def renews_sessions(self) -> bool:
        return True

    @property
    def unknown_owner(self) -> str:
        return "005000000000001AAA"

    def settings(self, *, secret: str | None = None, url: str | None = None) -> SalesforceSettings:
        """Settings that sign in, at another address where one is given."""
        told = self.sandbox.ready["salesforce"]
        login = {
            "flow": "client_credentials",
            "url": url or told["url"],
            "client_id": told["client_id"],
            "client_secret": secret or told["client_secret"],
        }
        return SalesforceSettings.model_validate({"login": login, "api_version": told["api_version"]})

    def settings_by_token(self, url: str) -> SalesforceSettings:
        """Settings with the token of the ready line: with them every request goes to this address."""
        told = self.sandbox.ready["salesforce"]
        login = {"flow": "token", "url": url, "access_token": told["access_token"]}
        return SalesforceSettings.model_validate({"login": login, "api_version": told["api_version"]})

    def open(
        self,
        *,
        login: Login = Login.GOOD,
        sources: Mapping[Fact, str] | None = None,
        without_tasks: bool = False,
        settings: SalesforceSettings | None = None,
    ) -> AbstractContextManager[CrmAdapter]:
        return self.opened(
            open_adapter,
            SPEC,
            settings=settings or self.settings(secret="not-the-secret" if login is Login.WRONG else None),
            org_id=self.org_for(login, another="00D000000000062EAA"),
            sources=DECLARED if sources is None else sources,
            patience=Patience(attempts=3, seconds=2.0, longest_wait_seconds=0.05),
            without_tasks=without_tasks,
        )

    def task_shown(self, crm_id: str) -> TaskShown:
        values = self.values("Task", crm_id)
        return TaskShown(
            subject=values["Subject"],
            due_on=date.fromisoformat(values["ActivityDate"]),
            owner_id=values["OwnerId"],
            account_id=values["WhatId"],
            contact_id=values["WhoId"],
        )

    def complete_task(self, crm_id: str) -> None:
        self.change_task(crm_id, Status="Completed")

    def write_into_task(self, crm_id: str, text: str) -> None:
        before = self.values("Task", crm_id)["Description"]
        self.change_task(crm_id, Description=f"{before}\r\n{text}")

    def give_task(self, crm_id: str, *, owner_id: str) -> None:
        self.change_task(crm_id, OwnerId=owner_id)
