"""What the feedback loop has left in a CRM, in a form in which two runs can be compared text by text."""

from __future__ import annotations

from typing import Any

import orjson

from adapters.sandbox.salesforce.catalogue import ACCOUNT, CONTACT
from adapters.sandbox.salesforce.fields import Field, SObject
from adapters.sandbox.salesforce.shape import printed
from adapters.sandbox.state import State
from adapters.sandbox.tasks import MARKER, SeenTask, tasks

_PREFIX = "closedloop_"
Records = dict[str, dict[str, dict[str, Any]]]


def snapshot(state: State, crm: str) -> dict[str, Any]:
    """The loop's fields of all live records that have any, by kind and id, and all tasks but their ids and stamps.

    Markers in tasks are masked, as they may hold numbers that depend on the order of work; deleted tasks say so.
    """
    seen = tasks(state, crm)  # raises for a CRM that is not there
    records = _of_org(state) if crm == "salesforce" else _of_portal(state)
    told = sorted((_task(one) for one in seen), key=lambda one: orjson.dumps(one, option=orjson.OPT_SORT_KEYS))
    return {"crm": crm, "records": _sorted(records), "tasks": told}


def _task(one: SeenTask) -> dict[str, Any]:
    return {
        "body": MARKER.sub("closedloop:*", one.body),
        "due_on": one.due_on,
        "is_deleted": one.is_deleted,
        "owner": one.owner,
        "parents": list(one.parents),
        "status": one.status,
        "subject": one.subject,
    }


def _of_org(state: State) -> Records:
    return {obj.name: _rows(state, obj) for obj in (ACCOUNT, CONTACT)}


def _rows(state: State, obj: SObject) -> dict[str, dict[str, Any]]:
    own = [one for one in obj.fields if one.name.lower().startswith(_PREFIX)]
    names = ", ".join(f'"{one.name}"' for one in own)
    found: dict[str, dict[str, Any]] = {}
    for record_id, *values in state.rows(f'select Id, {names} from "{obj.name}" where IsDeleted = 0 order by Id'):
        told = {one.name: printed(one, cell) for one, cell in zip(own, values, strict=True) if _is_filled(one, cell)}
        if told:
            found[record_id] = told
    return found


def _is_filled(field: Field, value: Any) -> bool:
    """Whether somebody has filled it in; a box that is not ticked cannot be told from one that nobody has touched."""
    return bool(value) if field.type == "boolean" else value is not None


def _of_portal(state: State) -> Records:
    found: Records = {"companies": {}, "contacts": {}}
    rows = state.rows(
        "select kind, id, props from hub_record where kind in ('companies', 'contacts') and archived = 0"
        f" and props like '%\"{_PREFIX}%' order by id"
    )
    for kind, record_id, props in rows:
        values = orjson.loads(props)
        found[kind][str(record_id)] = {name: value for name, value in values.items() if name.startswith(_PREFIX)}
    return found


def _sorted(records: Records) -> Records:
    """The records with kinds, ids and fields in the order of their names."""
    return {
        kind: {record_id: dict(sorted(values.items())) for record_id, values in sorted(found.items())}
        for kind, found in sorted(records.items())
    }
