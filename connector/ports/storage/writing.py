"""Dirty records, wanted and last written values, and the write log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.domain.records import FactValue, RecordKind
from connector.domain.write_back import LatestScore
from connector.ports.crm import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class DirtyRecord:
    """A record with dirty marks: which marks were read, the newest score, what was written last, what the CRM shows."""

    crm: str
    kind: RecordKind
    record_id: int
    crm_id: str
    dirty_ids: Sequence[int]
    latest: LatestScore | None
    open_actions: int | None
    """How many are open for an account; None for other kinds."""
    written: Mapping[str, FactValue]
    shown: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedWrite:
    """One record's changed values with the old ones, as logged before the push; `key` is its idempotency key."""

    record: DirtyRecord
    key: str
    values: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """How many values a CRM refused with a message and does not show."""

    crm: str
    message: str
    values: int


class WriteBackStore(Protocol):
    """What to write where, what was written, and what the CRM said."""

    def dirty(self, crm: str, kind: RecordKind, *, now: datetime, limit: int) -> Sequence[DirtyRecord]:
        """Live records with dirty marks that are due, in order of record id."""
        ...

    def log(self, writes: Sequence[LoggedWrite], *, at: datetime) -> None:
        """Log every value with its old one, before the push."""
        ...

    def settle(self, write: LoggedWrite, receipt: Receipt, *, at: datetime, retry_at: datetime) -> None:
        """Note a receipt. Taken: the read dirty marks go; else they wait until `retry_at`, and a newer one does not.

        Only log lines without an outcome are settled: a write that is tried again has the same key.
        """
        ...

    def clean(self, records: Sequence[DirtyRecord]) -> None:
        """Delete the marks that were read of records with nothing to write."""
        ...

    def mark_answered(self, *, at: datetime) -> None:
        """Mark every live contact of everybody who has answered as dirty, for a full write-back."""
        ...

    def refusals(self) -> Sequence[Refusal]:
        """Refused values that still wait for another try, by CRM and message, the newest message first."""
        ...
