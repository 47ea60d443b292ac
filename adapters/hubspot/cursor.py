"""Where a pull stands, as the small JSON text that the engine keeps for us."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from adapters.hubspot.mapping import milliseconds, moment

_FORM = 1
_MOST_SEEN = 2_000
"""About 50 kB of text; what is forgotten beyond comes a second time, which is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """All changes before `mark` are stored (None: not even everything once).

    `bound` is set while a walk is under way: it ends there, and there the next one begins. `after` names the place
    in it: HubSpot's own in a walk over everything, the last id in one over changes; `is_sweeping` says that the
    changes are done and the recycle bin follows. `swept` and `bin_pages` say up to when the bin was looked through,
    and how long that took. `seen` are records of the overlap with the next walk by id, with their stamps in
    milliseconds.
    """

    mark: datetime | None = None
    bound: datetime | None = None
    after: str | None = None
    is_sweeping: bool = False
    swept: datetime | None = None
    bin_pages: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)


def cursor_text(cursor: Cursor) -> str:
    """The cursor as text."""
    values = {
        "form": _FORM,
        "mark": cursor.mark and milliseconds(cursor.mark),
        "bound": cursor.bound and milliseconds(cursor.bound),
        "after": cursor.after,
        "sweeping": cursor.is_sweeping or None,
        "swept": cursor.swept and milliseconds(cursor.swept),
        "bin_pages": cursor.bin_pages or None,
        "seen": _newest(cursor.seen) or None,
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
    times = {key: moment(str(found[key])) if key in found else None for key in ("mark", "bound", "swept")}
    return Cursor(
        **times,
        after=found.get("after"),
        is_sweeping=bool(found.get("sweeping")),
        bin_pages=int(found.get("bin_pages", 0)),
        seen=found.get("seen", {}),
    )


def without_old(cursor: Cursor, *, before: datetime) -> Cursor:
    """The cursor without what was seen so early that no walk will meet it again."""
    oldest = milliseconds(before)
    return replace(cursor, seen={crm_id: stamp for crm_id, stamp in cursor.seen.items() if stamp >= oldest})


def _newest(seen: Mapping[str, int]) -> dict[str, int]:
    if len(seen) <= _MOST_SEEN:
        return dict(seen)
    return dict(sorted(seen.items(), key=lambda entry: entry[1])[-_MOST_SEEN:])
