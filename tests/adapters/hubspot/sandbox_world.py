"""The sandbox's HubSpot portal as the world of the adapter contract; told by its control pages, not by the adapter."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from adapters.hubspot.adapter import open_adapter
from adapters.hubspot.client import Patience
from adapters.hubspot.settings import HubspotSettings
from adapters.hubspot.spec import CAPABILITIES, SPEC
from connector.domain.records import Fact, FactType, FactValue, RecordKind
from connector.domain.write_back import WRITE_FIELDS
from connector.ports.crm import Connection, CrmAdapter, CrmSpec
from connector.testing.crm_world import Fault, Login

OBJECTS = {
    RecordKind.OWNER: "owners",
    RecordKind.ACCOUNT: "companies",
    RecordKind.CONTACT: "contacts",
    RecordKind.OPPORTUNITY: "deals",
}
PROPERTIES = {
    "opted_out": "hs_email_optout",
    "title": "jobtitle",
    "score": "closedloop_score",
    "answered_on": "closedloop_answered_on",
}
DECLARED = {
    Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT): "company.type",
    Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER): "company.arr",
    Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE): "company.renewal_date",
    Fact(kind=RecordKind.CONTACT, word="level", type=FactType.TEXT): "contact.feedback_level",
    Fact(kind=RecordKind.CONTACT, word="language", type=FactType.TEXT): "contact.hs_language",
}
_STATUS = {Fault.UNAVAILABLE: "html", Fault.CUT: "cut", Fault.LIMIT: "daily", Fault.REFUSED: 401}
_STEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxWorld:
    """A `CrmWorld` over one running sandbox."""

    sandbox: Any
    portal_id: str

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

    def settings(self, *, token: str | None = None) -> HubspotSettings:
        told = self.sandbox.ready["hubspot"]
        login = {"flow": "token", "url": told["url"], "access_token": token or told["access_token"]}
        return HubspotSettings.model_validate({"login": login})

    def open(
        self, *, login: Login = Login.GOOD, sources: Mapping[Fact, str] | None = None
    ) -> AbstractContextManager[CrmAdapter]:
        connection = Connection(
            name="hub",
            settings=self.settings(token="pat-eu1-not-the-token" if login is Login.WRONG else None),
            org_id="62" if login is Login.ANOTHER_ORG else self.portal_id,
            sources=DECLARED if sources is None else sources,
            write_fields=WRITE_FIELDS,
            now=self.now,
        )
        patience = Patience(attempts=3, seconds=2.0, longest_wait_seconds=0.05, searches_a_second=1000)
        return open_adapter(connection, capabilities=CAPABILITIES, patience=patience)

    def organisation(self) -> str:
        return self.portal_id

    def now(self) -> datetime:
        return datetime.fromisoformat(self.sandbox.get("clock")["now"]).astimezone(UTC)

    def ids(self, kind: RecordKind) -> set[str]:
        return {row["id"] for row in self.sandbox.get(f"records/{OBJECTS[kind]}", limit=100_000, crm="hubspot")}

    def touch(self, kind: RecordKind, ids: Sequence[str]) -> None:
        for crm_id in ids:
            self._switch("touch", object=OBJECTS[kind], id=crm_id)

    def touch_late(self, kind: RecordKind, crm_id: str) -> None:
        seconds = int(_STEP.total_seconds() * 1.5)
        self._switch("late_commit", object=OBJECTS[kind], id=crm_id, seconds=seconds)

    def commit_late(self) -> None:
        self._switch("commit_late")

    def delete(self, kind: RecordKind, crm_id: str) -> None:
        self._switch("delete", object=OBJECTS[kind], ids=[crm_id])

    def merge(self, kind: RecordKind, loser: str, *, winner: str) -> None:
        self._switch("merge", object=OBJECTS[kind], ids=[winner, loser])

    def settle(self) -> None:
        self.sandbox.post("clock", {"now": (self.now() + _STEP).isoformat()})

    def hide(self, kind: RecordKind, word: str) -> None:
        self._switch("hide_field", object=OBJECTS[kind], field=PROPERTIES[word])

    def reject(self, kind: RecordKind, crm_id: str, *, message: str) -> None:
        self._switch("reject_record", object=OBJECTS[kind], id=crm_id, message=message)

    def fail_next(self, fault: Fault, *, times: int = 1, only_writes: bool = False) -> None:
        place = "/batch/update" if only_writes else "/crm/"
        if fault is Fault.LOST:
            self._switch("answer_lost", count=times, path_contains=place)
        else:
            self._switch("fail_next", count=times, path_contains=place, status=_STATUS[fault])

    def expire_after(self, requests: int) -> None:
        self._switch("expire_after", requests=requests)

    def small_pages(self) -> None:
        self._switch("small_pages", size=100)

    def shown(self, kind: RecordKind, crm_id: str, word: str) -> FactValue:
        values = self.sandbox.get(f"records/{OBJECTS[kind]}/{crm_id}", crm="hubspot")["values"]
        text = values[PROPERTIES[word]]
        if not text:
            return None
        return date.fromisoformat(text) if word.endswith("_on") else float(text)

    def requests(self) -> int:
        return self.sandbox.get("counts")["hubspot"]["requests"]

    def rows_written(self) -> int:
        return self.sandbox.get("counts")["hubspot"]["rows_written"]

    def calm(self) -> None:
        self.sandbox.control.delete("faults").raise_for_status()
        self.commit_late()

    def _switch(self, name: str, **values: Any) -> None:
        self.sandbox.fault(name, crm="hubspot", **values)
