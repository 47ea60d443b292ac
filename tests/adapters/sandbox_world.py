"""What the worlds of both CRMs share: the sandbox's control pages as hands of the adapter contract."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from connector.domain.records import Fact, FactValue, RecordKind
from connector.domain.write_back import WRITE_FIELDS, WriteField
from connector.ports.crm import Connection, CrmAdapter, CrmSpec
from connector.testing.crm_world import Fault, Login

_STEP = timedelta(minutes=5)
_STATUS: Mapping[Fault, str | int] = {Fault.UNAVAILABLE: "html", Fault.CUT: "cut", Fault.REFUSED: 401}
_SCORES = (replace(own, kind=RecordKind.ACCOUNT) for own in WRITE_FIELDS if own.word == "score")
_BY_WORD = {(own.kind, own.word): own for own in (*_SCORES, *WRITE_FIELDS)}
OUR_FIELDS: tuple[WriteField, ...] = tuple(_BY_WORD.values())
"""What an adapter may write in these worlds: a score on accounts too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmNames:
    """How one CRM calls what the contract stirs, in the sandbox's books."""

    crm: str
    connection: str
    objects: Mapping[RecordKind, str]
    fields: Mapping[str, str]
    id_field: str
    tasks: str
    task_body: str
    limit: str
    sign_in: str
    any_request: str
    any_write: str
    any_new_task: str
    closed_case: Mapping[str, str]
    open_case: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxWorld:
    """The part of a `CrmWorld` that is the same over every CRM of one running sandbox."""

    names: ClassVar[CrmNames]
    sandbox: Any
    org_id: str

    def opened(
        self,
        open_adapter: Callable[..., AbstractContextManager[CrmAdapter]],
        spec: CrmSpec,
        *,
        settings: Any,
        org_id: str,
        sources: Mapping[Fact, str],
        patience: Any,
        without_tasks: bool,
    ) -> AbstractContextManager[CrmAdapter]:
        """A new adapter of this world."""
        connection = Connection(
            name=self.names.connection,
            settings=settings,
            org_id=org_id,
            sources=sources,
            write_fields=OUR_FIELDS,
            now=self.now,
        )
        capabilities = replace(spec.capabilities, tasks=spec.capabilities.tasks and not without_tasks)
        return open_adapter(connection, capabilities=capabilities, patience=patience)

    def organisation(self) -> str:
        return self.org_id

    def now(self) -> datetime:
        return datetime.fromisoformat(self.sandbox.get("clock")["now"]).astimezone(UTC)

    def ids(self, kind: RecordKind) -> set[str]:
        return {row[self.names.id_field] for row in self.rows(self.names.objects[kind])}

    def touch(self, kind: RecordKind, ids: Sequence[str]) -> None:
        for crm_id in ids:
            self.switch("touch", object=self.names.objects[kind], id=crm_id)

    def fill_in(self, kind: RecordKind, crm_id: str, values: Mapping[str, FactValue]) -> None:
        fields = {self.names.fields[word]: _plain(value) for word, value in values.items()}
        self.switch("touch", object=self.names.objects[kind], id=crm_id, fields=fields)

    def touch_late(self, kind: RecordKind, crm_id: str) -> None:
        seconds = int(_STEP.total_seconds() * 1.5)
        self.switch("late_commit", object=self.names.objects[kind], id=crm_id, seconds=seconds)

    def commit_late(self) -> None:
        self.switch("commit_late")

    def delete(self, kind: RecordKind, crm_id: str) -> None:
        self.switch("delete", object=self.names.objects[kind], ids=[crm_id])

    def merge(self, kind: RecordKind, loser: str, *, winner: str) -> None:
        self.switch("merge", object=self.names.objects[kind], ids=[winner, loser])

    def settle(self) -> None:
        self.sandbox.post("clock", {"now": (self.now() + _STEP).isoformat()})

    def hide(self, kind: RecordKind, word: str) -> None:
        self.switch("hide_field", object=self.names.objects[kind], field=self.names.fields[word])

    def hide_kind(self, kind: RecordKind) -> None:
        self.switch("hide_object", object=self.names.objects[kind])

    def close_case(self, crm_id: str) -> None:
        self.switch("touch", object=self.names.objects[RecordKind.CASE], id=crm_id, fields=self.names.closed_case)

    def reopen_case(self, crm_id: str) -> None:
        self.switch("touch", object=self.names.objects[RecordKind.CASE], id=crm_id, fields=self.names.open_case)

    def hide_task_body(self) -> None:
        self.switch("hide_field", object=self.names.tasks, field=self.names.task_body)

    def reject(self, kind: RecordKind, crm_id: str, *, message: str) -> None:
        self.switch("reject_record", object=self.names.objects[kind], id=crm_id, message=message)

    def fail_next(self, fault: Fault, *, times: int = 1, only_writes: bool = False) -> None:
        self._fail(fault, times=times, place=self.names.any_write if only_writes else self.names.any_request)

    def fail_next_task(self, fault: Fault, *, times: int = 1) -> None:
        self._fail(fault, times=times, place=self.names.any_new_task)

    def expire_after(self, requests: int) -> None:
        self.switch("expire_after", requests=requests)

    def small_pages(self, *, size: int = 100) -> None:
        self.switch("small_pages", size=size)

    def shown(self, kind: RecordKind, crm_id: str, word: str) -> FactValue:
        text = self.values(self.names.objects[kind], crm_id)[self.names.fields[word]]
        if text is None or text == "":
            return None
        return date.fromisoformat(text) if word.endswith("_on") else float(text)

    def tasks_bearing(self, text: str) -> list[str]:
        bodies = {row[self.names.id_field]: row[self.names.task_body] for row in self.rows(self.names.tasks)}
        return sorted(crm_id for crm_id, body in bodies.items() if text in (body or ""))

    def delete_task(self, crm_id: str) -> None:
        self.switch("delete", object=self.names.tasks, ids=[crm_id])

    def requests(self) -> int:
        return int(self.sandbox.get("counts")[self.names.crm]["requests"])

    def rows_written(self) -> int:
        return int(self.sandbox.get("counts")[self.names.crm]["rows_written"])

    def calm(self) -> None:
        self.sandbox.control.delete("faults").raise_for_status()
        self.commit_late()

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The live records of an object, as the CRM's books hold them."""
        return list(self.sandbox.get(f"records/{name}", limit=100_000, crm=self.names.crm))

    def values(self, name: str, crm_id: str) -> dict[str, Any]:
        """The raw fields of one record."""
        return dict(self.sandbox.get(f"records/{name}/{crm_id}", crm=self.names.crm)["values"])

    def switch(self, name: str, **values: Any) -> None:
        """Switch a fault on, or do something by hand."""
        self.sandbox.fault(name, crm=self.names.crm, **values)

    def change_task(self, crm_id: str, **fields: Any) -> None:
        """Set fields of a task, as its owner would."""
        self.switch("touch", object=self.names.tasks, id=crm_id, fields=fields)

    def org_for(self, login: Login, *, another: str) -> str:
        """The org that a login is pinned to."""
        return another if login is Login.ANOTHER_ORG else self.org_id

    def _fail(self, fault: Fault, *, times: int, place: str) -> None:
        if fault is Fault.LOST:
            self.switch("answer_lost", count=times, path_contains=place)
        else:
            status = self.names.limit if fault is Fault.LIMIT else _STATUS[fault]
            self.switch("fail_next", count=times, path_contains=place, status=status)


def _plain(value: FactValue) -> Any:
    return value.isoformat() if isinstance(value, date) else value
