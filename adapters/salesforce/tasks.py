"""Tasks of ours: made on account and contact, found again by their marker, and read back as reps left them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.salesforce import soql
from adapters.salesforce.client import SalesforceClient
from adapters.salesforce.failures import row_failure
from adapters.salesforce.mapping import id18, is_id, moment
from connector.domain.markers import bears, marked
from connector.ports.crm import NewTask, TaskSeen, TaskState
from connector.ports.errors import CrmUnavailable

OBJECT = "Task"
_OWNER = "OwnerId"
_SET = ("Subject", "Description", "ActivityDate", _OWNER, "WhoId", "WhatId")
_SEEN = ("Id", "IsClosed", "Description", _OWNER, "SystemModstamp")
_DEFAULTED = ("Status", "Priority")
_LONGEST_SUBJECT, _LONGEST_BODY = 255, 32_000
_SLACK = timedelta(days=1)
"""Between our clock and the org's when tasks are looked for that cannot be older."""
_IDS_A_CALL = 200
_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """The tasks of one org."""

    client: SalesforceClient

    def open(self, task: NewTask, *, described: Mapping[str, Any], is_retry: bool) -> str:
        """The task's id; a retry takes the one that bears the marker, also from the bin: a rep may have deleted it."""
        found = self._found(task) if is_retry else None
        return found or self._made(_row(task, described))

    def seen(self, ids: Sequence[str]) -> list[TaskSeen]:
        """The tasks as they are now, in the order of the ids."""
        rows: dict[str, Mapping[str, Any]] = {}
        known = list(dict.fromkeys(id18(crm_id) for crm_id in ids if is_id(crm_id)))
        for start in range(0, len(known), _IDS_A_CALL):
            found = self.client.read_rows(OBJECT, ids=known[start : start + _IDS_A_CALL], fields=_SEEN)
            rows.update((id18(row["Id"]), row) for row in found if row)
        return [_seen(crm_id, rows.get(id18(crm_id))) for crm_id in ids]

    def _found(self, task: NewTask) -> str | None:
        contact_id = task.contact_id if is_id(task.contact_id or "") else None
        if not is_id(task.account_id):
            return None
        since = task.opened_at - _SLACK
        query = soql.tasks_on(account_id=task.account_id, contact_id=contact_id, since=since)
        rows = self.client.query_rows(query, page_size=_PAGE, with_deleted=True)
        ours = (row for row in rows if bears(row.get("Description") or "", marker=task.marker))
        return next((id18(row["Id"]) for row in ours), None)

    def _made(self, row: Mapping[str, Any]) -> str:
        answer = self.client.create_row(row)
        if not answer.get("success"):
            raise row_failure(answer.get("errors") or [{}], crm=self.client.crm, owner_field=_OWNER)
        if not is_id(str(answer.get("id"))):
            raise CrmUnavailable(f"{self.client.crm}: the org's answer names no task", crm=self.client.crm)
        return id18(str(answer["id"]))


def missing_rights(described: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields without which no task can be made or followed, each with the remedy."""
    seen = {field["name"]: field for field in described["fields"]}
    if not described.get("createable", True):
        yield OBJECT, f"{OBJECT} cannot be created by the integration user: no task can be made; grant it Edit Tasks"
    for name in dict.fromkeys((*_SET, *_SEEN)):
        if name not in seen:
            yield name, f"{OBJECT}.{name} is missing or hidden: no task can be made; grant the user read access to it"
        elif name in _SET and not seen[name].get("createable", True):
            yield name, f"{OBJECT}.{name} is read-only: no task can be made; grant the integration user edit access"


def _row(task: NewTask, described: Mapping[str, Any]) -> dict[str, Any]:
    """The record as a collection call takes it; `attributes` must come first."""
    values = {
        "Subject": " ".join(task.subject.split())[:_LONGEST_SUBJECT],
        "Description": marked(task.body, marker=task.marker, longest=_LONGEST_BODY),
        "ActivityDate": task.due_on.isoformat(),
        _OWNER: task.owner_id,
        "WhoId": task.contact_id,
        "WhatId": task.account_id,
        **_defaults(described),
    }
    set_values = {name: value for name, value in values.items() if value is not None}
    return {"attributes": {"type": OBJECT}, **set_values}


def _defaults(described: Mapping[str, Any]) -> dict[str, str]:
    """The org's own first status and priority: these lists differ from org to org, and `Not Started` may be gone."""
    found: dict[str, str] = {}
    for field in described["fields"]:
        for entry in field.get("picklistValues") or () if field["name"] in _DEFAULTED else ():
            if entry.get("defaultValue") and entry.get("active", True):
                found[field["name"]] = entry["value"]
    return found


def _seen(crm_id: str, row: Mapping[str, Any] | None) -> TaskSeen:
    if row is None:
        return TaskSeen(crm_id=crm_id, state=TaskState.GONE)
    return TaskSeen(
        crm_id=crm_id,
        state=TaskState.DONE if row["IsClosed"] else TaskState.OPEN,
        body=(row["Description"] or "").replace("\r\n", "\n"),
        owner_id=id18(row[_OWNER]) if row[_OWNER] else None,
        changed_at=moment(row["SystemModstamp"]),
    )
