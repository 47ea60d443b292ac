"""Dirty records, wanted and last written values, and the write log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.domain.records import FactValue, RecordKind
from connector.domain.write_back import Standing
from connector.ports.crm import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class DirtyRecord:
    """A record with dirty marks: which marks were read, what its fields come from, what was written last, what shows.

    `shown` is what the CRM shows. A record that `is_known_at_home` stands for what the home CRM has a live record of
    too, which alone gets the writes (design 5.6).
    """

    crm: str
    kind: RecordKind
    record_id: int
    crm_id: str
    dirty_ids: Sequence[int]
    standing: Standing | None
    written: Mapping[str, FactValue]
    shown: Mapping[str, FactValue]
    is_known_at_home: bool = False


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

    def dirty(
        self,
        crm: str,
        kind: RecordKind,
        *,
        now: datetime,
        limit: int,
        home: str | None = None,
        accounts: Sequence[int] | None = None,
        after: int = 0,
    ) -> Sequence[DirtyRecord]:
        """Live records with dirty marks that are due, in order of record id and after that one.

        Where `accounts` are given, only those of these account records, and of their contacts.

        `home` names the CRM that gets the writes of what is known there too: an account of a joined account with a live
        record there, a contact whose person has a live contact there at the same joined account.
        """
        ...

    def at(self, kind: RecordKind, record_ids: Sequence[int], *, accounts: Sequence[int]) -> Collection[int]:
        """Those of the records that are one of these account records, or a contact of one."""
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
        """Mark every live contact of everybody who has answered, and their live accounts, for a full write-back."""
        ...

    def unread(self, crm: str, kind: RecordKind, *, words: Sequence[str]) -> Sequence[str]:
        """Those of the words that no whole pull of the kind brought since they were added: no old value is known."""
        ...

    def refusals(self) -> Sequence[Refusal]:
        """Refused values that still wait for another try, by CRM and message, the newest message first."""
        ...
