"""Where a pull stands, as the small JSON text that the engine keeps for us."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from adapters.salesforce.mapping import moment, moment_text

_FORM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """All changes before `mark` are stored (None: not even everything once).

    `bound` is set while a walk is under way: it ends there, and there the next one begins. `stamp` and `crm_id`
    name the last record stored of that walk; a walk over everything goes by id alone.
    """

    mark: datetime | None = None
    bound: datetime | None = None
    stamp: datetime | None = None
    crm_id: str | None = None


def cursor_text(cursor: Cursor) -> str:
    """The cursor as text."""
    values = {
        "form": _FORM,
        "mark": cursor.mark and moment_text(cursor.mark),
        "bound": cursor.bound and moment_text(cursor.bound),
        "stamp": cursor.stamp and moment_text(cursor.stamp),
        "id": cursor.crm_id,
    }
    return orjson.dumps({key: value for key, value in values.items() if value is not None}).decode()


def read_cursor(text: str | None) -> Cursor:
    """The cursor in a text; one that is none of ours counts as the beginning: repeats are allowed, losses never."""
    try:
        found: Any = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return Cursor()
    if not isinstance(found, dict) or found.get("form") != _FORM:
        return Cursor()
    times = {key: moment(found[key]) if key in found else None for key in ("mark", "bound", "stamp")}
    return Cursor(**times, crm_id=found.get("id"))
