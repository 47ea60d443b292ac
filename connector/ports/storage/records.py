"""The records of CRMs: stored a page at a time, with their changes, removals and persons."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.domain.records import RecordKind
from connector.ports.crm import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a kind stands: the cursor to resume after, and whether its first load has ended."""

    cursor: str
    is_loaded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCounts:
    """What storing one page did, in records; `field_changes` in facts."""

    inserted: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    field_changes: int = 0

    def __add__(self, other: "PageCounts") -> "PageCounts":
        return PageCounts(
            inserted=self.inserted + other.inserted,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            removed=self.removed + other.removed,
            field_changes=self.field_changes + other.field_changes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Which connections' `same_as` facts name records of which other connection, and which connection is home.

    A connection that is pointed at points nowhere itself.
    """

    pairs: Mapping[str, str]
    home: str | None = None


class RecordStore(Protocol):
    """Records by (crm, kind, CRM id)."""

    def position(self, crm: str, kind: RecordKind) -> Position | None:
        """Where the next pull starts, or None before the first page."""
        ...

    def forget_position(self, crm: str, kind: RecordKind, *, moved: Iterable[str]) -> None:
        """Make the next pull a full one, in which changes of the words `moved` carry the cause `mapping`.

        Words add up until a full pull has ended; the records stay, and what else changed carries its own cause.
        """
        ...

    def pass_over(self, crm: str, kind: RecordKind, *, at: datetime) -> bool:
        """Note that a CRM does not show a kind, until a page of it comes; whether that is news."""
        ...

    def hidden(self, crm: str) -> Set[RecordKind]:
        """The kinds that a CRM did not show when they were asked for last."""
        ...

    def store_page(self, crm: str, page: Page, *, seen_at: datetime) -> PageCounts:
        """Store one page and its cursor: upsert, field changes, removals, persons and addresses.

        Storing a page again changes nothing. A row whose stamp is older than the stored one is passed over.
        After the last page of a full pull, records of the kind not seen since its first page are removed.
        Removed is a tombstone, never a delete; a merged record's alias leads to the winner. A first value is
        the row itself, a later one appends a field change; fields of ours never make one. Removed records lose
        their dirty marks; contacts and accounts that others were merged into, and restored ones, are marked, and so is
        what the answers of people count for who came, went, moved or stand for other contacts now.
        """
        ...

    def join(
        self, kind: RecordKind, joining: Joining, *, at: datetime, near: tuple[str, Sequence[str]] | None = None
    ) -> None:
        """Make accounts or contacts of several CRMs one, or part them, as their `same_as` facts say now.

        Live records that name one live record (or one that was merged into it) are a group with it. The first of a
        group stands for all: the home connection's record with the lowest id, else the one pointed at. Joins and their
        ends are kept with their moments; nothing is deleted, and records of a join or a split are marked dirty on both
        sides. A contact takes over the person of the contact it points at, and gets its own back when it points there
        no more. `near` (a connection and CRM ids of its) looks only at the groups of these records.
        """
        ...

    def mark_joined(self, kind: RecordKind, *, at: datetime) -> None:
        """Mark the live records of every join as dirty: another home changes where is written, not what is joined."""
        ...

    def shown_by_full_pull(self, crm: str, kind: RecordKind) -> int:
        """How many live records the full pull under way has shown so far; 0 where none is under way."""
        ...

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Live records by crm and kind."""
        ...
