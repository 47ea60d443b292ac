"""Tasks of ours: made on contact and company, found again by their marker, and read back as reps left them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, tzinfo
from typing import Any

from adapters.hubspot.client import PAGE, HubspotClient
from adapters.hubspot.failures import RefusedBatch
from adapters.hubspot.html_text import as_html, as_text
from adapters.hubspot.mapping import is_read_only, moment, written_value
from connector.domain.markers import bears, marked
from connector.ports.crm import NewTask, TaskSeen, TaskState
from connector.ports.errors import CrmOwnerRefused, CrmRejected

OBJECT = "tasks"
_BODY, _STATUS, _OWNER = "hs_task_body", "hs_task_status", "hubspot_owner_id"
_SEEN = (_BODY, _STATUS, _OWNER)
_SET = ("hs_timestamp", "hs_task_subject", *_SEEN)
_DONE = "COMPLETED"
_TO_CONTACT, _TO_COMPANY = 204, 192
"""The association types from a task."""
_DUE_AT = time(17)
"""HubSpot wants an hour of the day: the end of work in the portal's zone, so that a task is not late on its day."""
_LONGEST_SUBJECT = 255
_LONGEST_BODY = 12_000
"""Each character may become five of HTML, and a text ends at 65,536."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """The tasks of one portal; `zone` is the portal's."""

    client: HubspotClient
    zone: tzinfo

    def open(self, task: NewTask, *, is_retry: bool) -> str:
        """The task's id; a retry first looks for the one that bears the marker, never by search, which lags."""
        if is_retry:
            task = self._following_merges(task)
            found = self._found(task)
            if found:
                return found
        try:
            return self._made(task)
        except RefusedBatch as error:
            return self._made_after_merge(task, error)

    def seen(self, ids: Sequence[str]) -> list[TaskSeen]:
        """The tasks as they are now, in the order of the ids; HubSpot leaves out what is in the bin."""
        known = list(dict.fromkeys(crm_id for crm_id in ids if crm_id.isdigit()))
        rows = {str(row["id"]): row for row in self.client.read(OBJECT, ids=known, properties=_SEEN)}
        return [_seen(crm_id, rows.get(crm_id)) for crm_id in ids]

    def _made(self, task: NewTask) -> str:
        return self.client.create(OBJECT, _body(task, zone=self.zone))

    def _made_after_merge(self, task: NewTask, refused: RefusedBatch) -> str:
        """Once more where a parent has another id by now; a refused create has made nothing."""
        moved = task if _OWNER in refused.properties else self._following_merges(task)
        if moved == task:
            raise _refusal(refused) from None
        try:
            return self._made(moved)
        except RefusedBatch as error:
            raise _refusal(error) from None

    def _following_merges(self, task: NewTask) -> NewTask:
        account_id = self._live_id("companies", task.account_id)
        contact_id = task.contact_id and self._live_id("contacts", task.contact_id)
        return replace(task, account_id=account_id, contact_id=contact_id)

    def _live_id(self, name: str, crm_id: str) -> str:
        """The id of the record that this one was merged into; its own where nobody knows it."""
        found = self.client.read(name, ids=[crm_id], properties=()) if crm_id.isdigit() else []
        return str(found[0]["id"]) if found else crm_id

    def _found(self, task: NewTask) -> str | None:
        for ids in self._tasks_on(task):
            for start in range(0, len(ids), PAGE):
                rows = self.client.read(OBJECT, ids=ids[start : start + PAGE], properties=[_BODY])
                ours = (row for row in rows if bears(as_text(row["properties"].get(_BODY) or ""), marker=task.marker))
                one = next((str(row["id"]) for row in ours), None)
                if one:
                    return one
        return None

    def _tasks_on(self, task: NewTask) -> Iterator[list[str]]:
        """Ids of the contact's tasks, who has fewer, then of the company's others; the newest first."""
        looked: set[str] = set()
        for name, crm_id in (("contacts", task.contact_id), ("companies", task.account_id)):
            if crm_id is None or not crm_id.isdigit():
                continue
            linked = self.client.associations(name, OBJECT, ids=[crm_id]).get(crm_id, [])
            new = {other for other, _ in linked} - looked
            looked |= new
            yield sorted(new, key=int, reverse=True)


def missing_rights(described: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Properties without which no task can be made or followed, each with the remedy."""
    seen = {entry["name"]: entry for entry in described}
    for name in _SET:
        if name not in seen:
            yield name, f"task.{name} is missing or hidden: no task can be made; make it visible to the app"
        elif is_read_only(seen[name]):
            yield name, f"task.{name} is read-only: no task can be made; let the app edit it"


def _body(task: NewTask, *, zone: tzinfo) -> dict[str, Any]:
    text = marked(task.body, marker=task.marker, longest=_LONGEST_BODY)
    values = {
        "hs_timestamp": written_value(datetime.combine(task.due_on, _DUE_AT, tzinfo=zone)),
        "hs_task_subject": " ".join(task.subject.split())[:_LONGEST_SUBJECT],
        _BODY: as_html(text),
        _STATUS: "NOT_STARTED",
        "hs_task_type": "TODO",
    }
    owned = {_OWNER: task.owner_id} if task.owner_id else {}
    ends = [_end(task.account_id, _TO_COMPANY)]
    ends += [_end(task.contact_id, _TO_CONTACT)] if task.contact_id else []
    return {"properties": {**values, **owned}, "associations": ends}


def _end(crm_id: str, number: int) -> dict[str, Any]:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]
    return {"to": {"id": crm_id}, "types": types}


def _refusal(error: RefusedBatch) -> CrmRejected:
    return (CrmOwnerRefused if _OWNER in error.properties else CrmRejected)(error.said, crm=error.crm)


def _seen(crm_id: str, row: Mapping[str, Any] | None) -> TaskSeen:
    if row is None:
        return TaskSeen(crm_id=crm_id, state=TaskState.GONE)
    values = row["properties"]
    return TaskSeen(
        crm_id=crm_id,
        state=TaskState.DONE if values.get(_STATUS) == _DONE else TaskState.OPEN,
        body=as_text(values.get(_BODY) or ""),
        owner_id=values.get(_OWNER) or None,
        changed_at=moment(row["updatedAt"]),
    )
