"""The sandbox's Salesforce org as the world of the adapter contract; told by its control pages, not by the adapter."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from adapters.salesforce.adapter import open_adapter
from adapters.salesforce.client import Patience
from adapters.salesforce.settings import SalesforceSettings
from adapters.salesforce.spec import CAPABILITIES, SPEC
from connector.domain.records import Fact, FactType, FactValue, RecordKind
from connector.domain.write_back import WRITE_FIELDS
from connector.ports.crm import Connection, CrmAdapter, CrmSpec
from connector.testing.crm_world import Fault, Login

OBJECTS = {
    RecordKind.OWNER: "User",
    RecordKind.ACCOUNT: "Account",
    RecordKind.CONTACT: "Contact",
    RecordKind.OPPORTUNITY: "Opportunity",
}
FIELDS = {
    "opted_out": "HasOptedOutOfEmail",
    "title": "Title",
    "score": "Closedloop_Score__c",
    "answered_on": "Closedloop_Answered_On__c",
}
DECLARED = {
    Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT): "Account.Type",
    Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER): "Account.ARR__c",
    Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE): "Account.Renewal_Date__c",
    Fact(kind=RecordKind.CONTACT, word="level", type=FactType.TEXT): "Contact.Feedback_Level__c",
    Fact(kind=RecordKind.CONTACT, word="language", type=FactType.TEXT): "Contact.Language__c",
}
_STATUS = {Fault.UNAVAILABLE: "html", Fault.CUT: "cut", Fault.LIMIT: "limit", Fault.REFUSED: 401}
_STEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxWorld:
    """A `CrmWorld` over one running sandbox."""

    sandbox: Any
    org_id: str

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

    def settings(self, *, secret: str | None = None) -> SalesforceSettings:
        told = self.sandbox.ready["salesforce"]
        login = {
            "flow": "client_credentials",
            "url": told["url"],
            "client_id": told["client_id"],
            "client_secret": secret or told["client_secret"],
        }
        return SalesforceSettings.model_validate({"login": login, "api_version": told["api_version"]})

    def open(
        self, *, login: Login = Login.GOOD, sources: Mapping[Fact, str] | None = None
    ) -> AbstractContextManager[CrmAdapter]:
        connection = Connection(
            name="sf",
            settings=self.settings(secret="not-the-secret" if login is Login.WRONG else None),
            org_id="00D000000000062EAA" if login is Login.ANOTHER_ORG else self.org_id,
            sources=DECLARED if sources is None else sources,
            write_fields=WRITE_FIELDS,
            now=self.now,
        )
        patience = Patience(attempts=3, seconds=2.0, longest_wait_seconds=0.05)
        return open_adapter(connection, capabilities=CAPABILITIES, patience=patience)

    def organisation(self) -> str:
        return self.org_id

    def now(self) -> datetime:
        return datetime.fromisoformat(self.sandbox.get("clock")["now"]).astimezone(UTC)

    def ids(self, kind: RecordKind) -> set[str]:
        return {row["Id"] for row in self.sandbox.get(f"records/{OBJECTS[kind]}", limit=100_000)}

    def touch(self, kind: RecordKind, ids: Sequence[str]) -> None:
        for crm_id in ids:
            self.sandbox.fault("touch", object=OBJECTS[kind], id=crm_id)

    def touch_late(self, kind: RecordKind, crm_id: str) -> None:
        seconds = int(_STEP.total_seconds() * 1.5)
        self.sandbox.fault("late_commit", object=OBJECTS[kind], id=crm_id, seconds=seconds)

    def commit_late(self) -> None:
        self.sandbox.fault("commit_late")

    def delete(self, kind: RecordKind, crm_id: str) -> None:
        self.sandbox.fault("delete", object=OBJECTS[kind], ids=[crm_id])

    def merge(self, kind: RecordKind, loser: str, *, winner: str) -> None:
        self.sandbox.fault("merge", object=OBJECTS[kind], ids=[winner, loser])

    def settle(self) -> None:
        self.sandbox.post("clock", {"now": (self.now() + _STEP).isoformat()})

    def hide(self, kind: RecordKind, word: str) -> None:
        self.sandbox.fault("hide_field", object=OBJECTS[kind], field=FIELDS[word])

    def reject(self, kind: RecordKind, crm_id: str, *, message: str) -> None:
        self.sandbox.fault("reject_record", object=OBJECTS[kind], id=crm_id, message=message)

    def fail_next(self, fault: Fault, *, times: int = 1, only_writes: bool = False) -> None:
        place = "patch /services/data" if only_writes else "/services/data"
        if fault is Fault.LOST:
            self.sandbox.fault("answer_lost", count=times, path_contains=place)
        else:
            self.sandbox.fault("fail_next", count=times, path_contains=place, status=_STATUS[fault])

    def expire_after(self, requests: int) -> None:
        self.sandbox.fault("expire_after", requests=requests)

    def small_pages(self) -> None:
        self.sandbox.fault("small_pages", size=100)

    def shown(self, kind: RecordKind, crm_id: str, word: str) -> FactValue:
        value = self.sandbox.get(f"records/{OBJECTS[kind]}/{crm_id}")["values"][FIELDS[word]]
        return date.fromisoformat(value) if value and word.endswith("_on") else value

    def requests(self) -> int:
        return self.sandbox.get("counts")["salesforce"]["requests"]

    def rows_written(self) -> int:
        return self.sandbox.get("counts")["salesforce"]["rows_written"]

    def calm(self) -> None:
        self.sandbox.control.delete("faults").raise_for_status()
        self.commit_late()
