"""The sandbox's HubSpot portal as the world of the adapter contract; told by its control pages, not by the adapter."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import ClassVar
from zoneinfo import ZoneInfo

from adapters.hubspot.adapter import open_adapter
from adapters.hubspot.client import Patience
from adapters.hubspot.settings import HubspotSettings
from adapters.hubspot.spec import SPEC
from connector.domain.records import Fact, FactType, RecordKind
from connector.ports.crm import CrmAdapter, CrmSpec
from connector.testing.crm_world import Login, TaskShown
from tests.adapters import sandbox_world
from tests.adapters.sandbox_world import CrmNames

OBJECTS = {
    RecordKind.OWNER: "owners",
    RecordKind.ACCOUNT: "companies",
    RecordKind.CONTACT: "contacts",
    RecordKind.OPPORTUNITY: "deals",
    RecordKind.CASE: "tickets",
}
NAMES = CrmNames(
    crm="hubspot",
    connection="hub",
    objects=OBJECTS,
    fields={
        "opted_out": "hs_email_optout",
        "title": "jobtitle",
        "score": "closedloop_score",
        "answered_on": "closedloop_answered_on",
        "hold_until": "closedloop_hold_until",
        "hold_reason": "closedloop_hold_reason",
        "rep_level": "closedloop_level",
        "left_company": "closedloop_left_company",
    },
    id_field="id",
    tasks="tasks",
    task_body="hs_task_body",
    limit="daily",
    sign_in="/account-info/",
    any_request="/crm/",
    any_write="/batch/update",
    any_new_task="post /crm/objects/2026-03/tasks",
    closed_case={"hs_pipeline_stage": "1259930103"},  # of the repairs, which only the pipelines tell to be over
    open_case={"hs_pipeline_stage": "3"},
)
DECLARED = {
    Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT): "company.type",
    Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER): "company.arr",
    Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE): "company.renewal_date",
    Fact(kind=RecordKind.CONTACT, word="level", type=FactType.TEXT): "contact.feedback_level",
    Fact(kind=RecordKind.CONTACT, word="language", type=FactType.TEXT): "contact.hs_language",
}
_ZONE = ZoneInfo("Pacific/Auckland")
"""The zone of the sandbox's portal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxWorld(sandbox_world.SandboxWorld):
    """A `CrmWorld` over one running sandbox."""

    names: ClassVar[CrmNames] = NAMES

    @property
    def spec(self) -> CrmSpec:
        return SPEC

    @property
    def secrets(self) -> Sequence[str]:
        return [self.sandbox.ready["hubspot"]["access_token"], "filterGroups", "Bearer"]

    @property
    def declared(self) -> Mapping[Fact, str]:
        return DECLARED

    @property
    def undeclarable(self) -> Mapping[Fact, str]:
        return {Fact(kind=RecordKind.ACCOUNT, word="size", type=FactType.TEXT): "company.nobody_has_this"}

    @property
    def renews_sessions(self) -> bool:
        return False

    @property
    def unknown_owner(self) -> str:
        return "1"

    def settings(self, *, token: str | None = None, url: str | None = None) -> HubspotSettings:
        """Settings that sign in, at another address where one is given."""
        told = self.sandbox.ready["hubspot"]
        login = {"flow": "token", "url": url or told["url"], "access_token": token or told["access_token"]}
        return HubspotSettings.model_validate({"login": login})

    def settings_by_token(self, url: str) -> HubspotSettings:
        """Settings with which every request goes to this address."""
        return self.settings(url=url)

    def open(
        self,
        *,
        login: Login = Login.GOOD,
        sources: Mapping[Fact, str] | None = None,
        without_tasks: bool = False,
        settings: HubspotSettings | None = None,
    ) -> AbstractContextManager[CrmAdapter]:
        return self.opened(
            open_adapter,
            SPEC,
            settings=settings or self.settings(token="pat-eu1-not-the-token" if login is Login.WRONG else None),
            org_id=self.org_for(login, another="62"),
            sources=DECLARED if sources is None else sources,
            patience=Patience(attempts=3, seconds=2.0, longest_wait_seconds=0.05, searches_a_second=1000),
            without_tasks=without_tasks,
        )

    def task_shown(self, crm_id: str) -> TaskShown:
        page = self.sandbox.get(f"records/tasks/{crm_id}", crm="hubspot")
        values, others = page["values"], page["associations"]
        return TaskShown(
            subject=values["hs_task_subject"],
            due_on=datetime.fromisoformat(values["hs_timestamp"]).astimezone(_ZONE).date(),
            owner_id=values["hubspot_owner_id"],
            account_id=next(iter(others.get("companies", [])), None),
            contact_id=next(iter(others.get("contacts", [])), None),
        )

    def complete_task(self, crm_id: str) -> None:
        self.change_task(crm_id, hs_task_status="COMPLETED")

    def write_into_task(self, crm_id: str, text: str) -> None:
        before = self.values("tasks", crm_id)["hs_task_body"]
        shown = escape(text, quote=False)
        html = f'<div style="" dir="auto" data-top-level="true">\n<p style="margin:0;">{before}</p><p>{shown}</p></div>'
        self.change_task(crm_id, hs_task_body=html)

    def give_task(self, crm_id: str, *, owner_id: str) -> None:
        self.change_task(crm_id, hubspot_owner_id=owner_id)
