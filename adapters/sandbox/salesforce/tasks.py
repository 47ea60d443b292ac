"""What the org itself fills in on a task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from adapters.sandbox.clock import stamp
from adapters.sandbox.duties import NewTask, remember
from adapters.sandbox.salesforce.fields import SObject
from adapters.sandbox.state import State

DEFAULTS = {"Status": "Not Started", "Priority": "Normal"}
_ACCOUNT_OF = (
    ("WhatId", "select Id from Account where Id = ?"),
    ("WhatId", "select AccountId from Opportunity where Id = ?"),
    ("WhoId", "select AccountId from Contact where Id = ?"),
)


def with_account(state: State, obj: SObject, stored: dict[str, Any], record_id: str | None = None) -> dict[str, Any]:
    """The values with the account that a task belongs to: what it is about first, else its person's."""
    if obj.name != "Task" or (record_id is not None and not {"WhoId", "WhatId"} & stored.keys()):
        return stored
    row = state.row("select WhoId, WhatId from Task where Id = ?", (record_id,)) or (None, None)
    links = {**dict(zip(("WhoId", "WhatId"), row, strict=True)), **stored}
    found = (state.value(statement, (links[name],)) for name, statement in _ACCOUNT_OF if links.get(name))
    return {**stored, "AccountId": next((one for one in found if one), None)}


def completed(
    state: State, obj: SObject, stored: dict[str, Any], record_id: str | None = None, *, at: datetime
) -> dict[str, Any]:
    """The values with the instant of completion, where they close a task or open it again."""
    if obj.name != "Task" or "IsClosed" not in stored:
        return stored
    was_closed = state.value("select IsClosed from Task where Id = ?", (record_id,)) or 0
    if was_closed == stored["IsClosed"]:
        return stored
    return {**stored, "CompletedDateTime": stamp(at) if stored["IsClosed"] else None}


def remember_task(state: State, record_id: str, stored: Mapping[str, Any], *, seed: int, at: datetime) -> None:
    """Let the owner of a task that was just made decide what to do about it."""
    due = stored.get("ActivityDate")
    task = NewTask(
        "salesforce",
        id=record_id,
        parents=[stored.get(name) or "" for name in ("WhoId", "WhatId")],
        subject=stored.get("Subject") or "",
        due_on=date.fromisoformat(due) if due else None,
    )
    remember(state, task, seed=seed, made=at)
