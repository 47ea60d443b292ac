"""The tasks of both CRMs in one form, for the control pages that count and compare them."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass

from adapters.sandbox.state import State

MARKER = re.compile(r"closedloop:[A-Za-z0-9._~+/=-]+")


@dataclass(frozen=True, slots=True)
class SeenTask:
    """One task as it stands; `parents` are the ids of what it hangs on, `made_on` a day of the sandbox's time."""

    id: str
    _: KW_ONLY
    parents: tuple[str, ...]
    subject: str
    body: str
    status: str
    due_on: str
    owner: str
    made_on: str
    is_done: bool
    is_deleted: bool

    @property
    def marker(self) -> str:
        """The marker that its maker has written into it, empty without one."""
        found = MARKER.search(self.body)
        return found.group() if found else ""


def tasks(state: State, crm: str) -> list[SeenTask]:
    """All tasks of a CRM by id, those in the bin too; raises ValueError for a CRM that is not there."""
    if crm not in ("salesforce", "hubspot"):
        raise ValueError(f"no CRM is called {crm!r}; there are: salesforce, hubspot")
    return _in_org(state) if crm == "salesforce" else _in_portal(state)


def count(state: State, crm: str) -> dict[str, int]:
    """How many tasks were made through the API, how many of those that are there are done, how many were deleted."""
    found = tasks(state, crm)
    return {
        "tasks_made": state.tallies(f"{crm}.").get("tasks_made", 0),
        "tasks_done": sum(one.is_done and not one.is_deleted for one in found),
        "tasks_deleted": sum(one.is_deleted for one in found),
    }


def _in_org(state: State) -> list[SeenTask]:
    rows = state.rows(
        "select Id, WhoId, WhatId, Subject, Description, Status, ActivityDate, OwnerId, substr(CreatedDate, 1, 10),"
        " IsClosed, IsDeleted from Task order by Id"
    )
    return [
        SeenTask(
            row[0],
            parents=tuple(one for one in row[1:3] if one),
            subject=row[3] or "",
            body=row[4] or "",
            status=row[5],
            due_on=row[6] or "",
            owner=row[7] or "",
            made_on=row[8],
            is_done=bool(row[9]),
            is_deleted=bool(row[10]),
        )
        for row in rows
    ]


def _in_portal(state: State) -> list[SeenTask]:
    names = ("hs_task_subject", "hs_task_body", "hs_task_status", "hs_timestamp", "hubspot_owner_id")
    values = ", ".join(f"coalesce(json_extract(props, '$.{name}'), '')" for name in names)
    rows = state.rows(
        f"select id, substr(created, 1, 10), archived, {values} from hub_record where kind = 'tasks' order by id"
    )
    parents: dict[int, list[str]] = {}
    statement = (
        "select distinct l.a, l.b from hub_link l join hub_record t on t.id = l.a and t.kind = 'tasks' order by 1, 2"
    )
    for task, parent in state.rows(statement):
        parents.setdefault(task, []).append(str(parent))
    return [
        SeenTask(
            str(row[0]),
            parents=tuple(parents.get(row[0], ())),
            subject=row[3],
            body=row[4],
            status=row[5],
            due_on=row[6][:10],
            owner=row[7],
            made_on=row[1],
            is_done=row[5] == "COMPLETED",
            is_deleted=row[2] != 0,
        )
        for row in rows
    ]
