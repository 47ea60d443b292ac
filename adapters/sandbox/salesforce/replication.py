"""Which rows were changed or deleted in a window, as the replication calls tell it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.sandbox.clock import Clock, stamp, whole_minute
from adapters.sandbox.faults import Faults
from adapters.sandbox.salesforce.errors import Refusal
from adapters.sandbox.salesforce.fields import SObject
from adapters.sandbox.state import State

_LONGEST = timedelta(days=30)
_BIN = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Replication:
    """Answers updated and deleted; both count in whole minutes."""

    state: State
    _: KW_ONLY
    clock: Clock
    faults: Faults

    def updated(self, obj: SObject, start: str, end: str) -> dict[str, Any]:
        """Ids of rows stamped in the window, and up to when the answer is complete."""
        begin, until = self._window(obj, start, end)
        rows = self.state.rows(
            f'select Id from "{obj.name}" where SystemModstamp >= ? and SystemModstamp < ? and IsDeleted = 0'
            " order by SystemModstamp, Id",
            (stamp(begin), stamp(until)),
        )
        return {"ids": [row[0] for row in rows], "latestDateCovered": stamp(self._covered(until))}

    def deleted(self, obj: SObject, start: str, end: str) -> dict[str, Any]:
        """Ids of rows deleted in the window, how far back the log goes and up to when it is complete."""
        begin, until = self._window(obj, start, end)
        earliest = self.clock.now() - _BIN
        rows = self.state.rows(
            "select id, at from deletion where object = ? and at >= ? and at < ? order by at, id",
            (obj.name, stamp(max(begin, earliest)), stamp(until)),
        )
        return {
            "deletedRecords": [{"deletedDate": at, "id": record_id} for record_id, at in rows],
            "earliestDateAvailable": stamp(whole_minute(earliest)),
            "latestDateCovered": stamp(self._covered(until)),
        }

    def _covered(self, until: datetime) -> datetime:
        """The end of the window, but never later than now or than the start of a transaction still open."""
        return min(until, self.clock.now(), self.faults.oldest_open() or until)

    def _window(self, obj: SObject, start: str, end: str) -> tuple[datetime, datetime]:
        if not obj.replicateable:  # unverified: the code
            raise Refusal(400, "INVALID_TYPE_FOR_OPERATION", f"entity type {obj.name} does not support replication")
        begin, until = whole_minute(_instant(start)), whole_minute(_instant(end))
        if begin >= until:
            raise _bad_date("startDate before org replication enabled date or not before endDate")
        if begin < whole_minute(self.clock.now()) - _LONGEST:
            raise _bad_date("The specified start_time cannot be more than 30 days ago")
        return begin, until


def _instant(text: str) -> datetime:
    # A plus sign that was not encoded arrives as a space.
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise _bad_date(f"{text} is not a valid dateTime") from None
    if instant.tzinfo is None:
        raise _bad_date(f"{text} is not a valid dateTime")
    return instant.astimezone(UTC)


def _bad_date(message: str) -> Refusal:
    return Refusal(400, "INVALID_REPLICATION_DATE", message)  # unverified: the texts
