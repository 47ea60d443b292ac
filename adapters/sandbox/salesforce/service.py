"""The objects of the org that tell of service and of agreements: Case and Contract; clients may only read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.sandbox.clock import stamp
from adapters.sandbox.salesforce.fields import Field, SObject
from adapters.sandbox.state import State

CLOSED = "Closed"
CASE_STATUSES = ("New", "Working", "On Hold", CLOSED)
ACTIVATED, EXPIRED = "Activated", "Expired"


def closed(
    state: State, obj: SObject, stored: Mapping[str, Any], record_id: str | None = None, *, at: datetime
) -> dict[str, Any]:
    """The values with what the org fills in where they close a case or open it again."""
    if obj.name != "Case" or "Status" not in stored:
        return dict(stored)
    is_closed = int(stored["Status"] == CLOSED)
    if is_closed == (state.value('select IsClosed from "Case" where Id = ?', (record_id,)) or 0):
        return dict(stored)
    # Opened again, a case has no ClosedDate any more.
    return {**stored, "IsClosed": is_closed, "ClosedDate": stamp(at) if is_closed else None}


def restricts(parent: str, child: str, field: Field) -> bool:
    """Whether a record cannot be deleted while it has such children; told by describe, and by nothing else here."""
    # unverified: what a real org does about each; here a deleted account takes them along.
    return parent == "Account" and child in ("Case", "Contract") and field.name == "AccountId"
