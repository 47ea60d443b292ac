"""Derived facts: written from other records, each value with its source."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from connector.domain.derivation import Derivation
from connector.domain.records import RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedSource:
    """What gave one record's fact its value: a part of the settings, and the record that it read.

    `crm_id` is None for a count, which reads many; `on` is the date that was taken, if the part takes one.
    """

    record_id: int
    fact: str
    part: str
    kind: RecordKind
    crm_id: str | None
    on: date | None

    def __str__(self) -> str:
        """Such as `contract 800A (next contract.ends_on)`."""
        return self.part if self.crm_id is None else f"{self.kind} {self.crm_id} ({self.part})"


class DerivedStore(Protocol):
    """Facts that are derived from several records, by connection."""

    def definitions(self, crm: str) -> Mapping[str, str]:
        """By which definition each fact of a connection was derived last."""
        ...

    def outdated(self, crm: str, reads: Mapping[str, Set[RecordKind]], *, since: datetime) -> Set[str]:
        """Of facts, with the kinds that each reads: which were not derived since then and since those changed last.

        A kind changes with a page that brings, changes or removes a record of it.
        """
        ...

    def hold_pages(self, crm: str, kinds: Set[RecordKind]) -> datetime | None:
        """Let pages of these kinds wait until this unit ends; returns when the last of them was seen.

        What is derived at that moment or later knows them all, and every page after it is seen later than it.
        """
        ...

    def derive(
        self,
        crm: str,
        derivation: Derivation,
        *,
        definition: str,
        today: date,
        at: datetime,
        unread: Set[RecordKind] = frozenset(),
    ) -> int:
        """Let a fact of every live record be what its parts say now, and note the sources; how many values changed.

        A change of a record's value is a field change with the cause `derived`. Where the definition is another one
        than last time, or the record is new since, it is one of the mapping, and noted only where a value was known.
        Dates that are past or to come are so on `today`, the organisation's day. Of kinds that are `unread` nothing is
        known: what child records of such a kind tell has no value, not even a count of 0.
        """
        ...

    def forget(self, crm: str, *, kept: Sequence[str]) -> None:
        """Forget how facts other than these were derived, with the sources of their values."""
        ...

    def sources(self, kind: RecordKind, record_ids: Sequence[int]) -> Sequence[DerivedSource]:
        """Where the derived facts of records come from, in the order of records and facts.

        Also of facts that the records' own fields tell, for which the part names the field.
        """
        ...
