"""What the org itself fills in on a task."""

from __future__ import annotations

from typing import Any

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
