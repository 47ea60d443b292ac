"""What the contract suite asks of a CRM's test folder: a CRM to run against, and the hands to stir it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from connector.domain.records import Fact, FactValue, RecordKind
from connector.ports.crm import CrmAdapter, CrmSpec


class Fault(StrEnum):
    """How requests fail."""

    UNAVAILABLE = "unavailable"
    """An HTML page with status 503, as an edge server sends it."""
    CUT = "cut"
    """The line is cut before anything was done."""
    LOST = "lost"
    """The work is done, then the line is cut before the answer."""
    LIMIT = "limit"
    """The CRM says that its request limit is used up."""
    REFUSED = "refused"
    """The access token is refused, also one that was fetched this very moment."""


class Login(StrEnum):
    """Which credentials an adapter is opened with."""

    GOOD = "good"
    WRONG = "wrong"
    ANOTHER_ORG = "another org"
    """Good ones, while the connection is pinned to the id of another org."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskShown:
    """What a rep sees of a task, without its text."""

    subject: str
    due_on: date
    owner_id: str | None
    account_id: str | None
    contact_id: str | None


class CrmWorld(Protocol):
    """A CRM with at least 450 contacts on at least 30 accounts, some of them in trees; time moves by `settle` only.

    It is told from outside the adapter, by the CRM's own books. Words are ours, ids are the CRM's.
    """

    @property
    def spec(self) -> CrmSpec:
        """The adapter's spec."""
        ...

    @property
    def secrets(self) -> Sequence[str]:
        """Texts that must never appear outside: tokens, keys."""
        ...

    @property
    def declared(self) -> Mapping[Fact, str]:
        """Facts that adapters are opened with unless a test says otherwise."""
        ...

    @property
    def undeclarable(self) -> Mapping[Fact, str]:
        """A fact whose source does not exist in this CRM."""
        ...

    @property
    def renews_sessions(self) -> bool:
        """Whether an adapter can sign in again by itself; with a token that somebody put in it cannot."""
        ...

    def open(
        self, *, login: Login = Login.GOOD, sources: Mapping[Fact, str] | None = None, without_tasks: bool = False
    ) -> AbstractContextManager[CrmAdapter]:
        """A new adapter, patient for a second or two, pinned to the right org unless `login` says otherwise.

        `without_tasks` takes the capability from it.
        """
        ...

    def organisation(self) -> str:
        """The id of the org."""
        ...

    def now(self) -> datetime:
        """The world's time, aware UTC."""
        ...

    def ids(self, kind: RecordKind) -> set[str]:
        """All live records."""
        ...

    def touch(self, kind: RecordKind, ids: Sequence[str]) -> None:
        """Change these records now, all with one and the same stamp."""
        ...

    def fill_in(self, kind: RecordKind, crm_id: str, values: Mapping[str, FactValue]) -> None:
        """Let a rep fill in fields of ours, by word."""
        ...

    def touch_late(self, kind: RecordKind, crm_id: str) -> None:
        """A change whose transaction began before the last `settle` and before all touches since the one before.

        It cannot be seen before `commit_late`, and then bears the stamp of its beginning.
        """
        ...

    def commit_late(self) -> None:
        """End it."""
        ...

    def delete(self, kind: RecordKind, crm_id: str) -> None:
        """Delete a record now."""
        ...

    def merge(self, kind: RecordKind, loser: str, *, winner: str) -> None:
        """Merge one record into another now; a CRM may put a new record in the place of both."""
        ...

    def settle(self) -> None:
        """Let so much time pass that a pull must see all that was done before."""
        ...

    def hide(self, kind: RecordKind, word: str) -> None:
        """Hide the field behind a well-known word or a word of ours from the adapter's user."""
        ...

    def hide_kind(self, kind: RecordKind) -> None:
        """Hide all records of a kind from the adapter's user: switched off there, or a right is missing."""
        ...

    def close_case(self, crm_id: str) -> None:
        """Let somebody close an open case now."""
        ...

    def reopen_case(self, crm_id: str) -> None:
        """Let somebody open a closed case again now."""
        ...

    def reject(self, kind: RecordKind, crm_id: str, *, message: str) -> None:
        """Let the CRM refuse writes to a record with this text."""
        ...

    def fail_next(self, fault: Fault, *, times: int = 1, only_writes: bool = False) -> None:
        """Let the next requests for data (not the sign-in) fail."""
        ...

    def expire_after(self, requests: int) -> None:
        """Let every token alive die after so many further requests; new ones live."""
        ...

    def small_pages(self, *, size: int = 100) -> None:
        """Serve pages of so many rows at most, whatever is asked for."""
        ...

    def shown(self, kind: RecordKind, crm_id: str, word: str) -> FactValue:
        """What a rep sees in our field of a record."""
        ...

    @property
    def unknown_owner(self) -> str:
        """A well-formed id that no owner has."""
        ...

    def fail_next_task(self, fault: Fault, *, times: int = 1) -> None:
        """Let the next requests that make a task fail."""
        ...

    def hide_task_body(self) -> None:
        """Hide the text of tasks from the adapter's user."""
        ...

    def tasks_bearing(self, text: str) -> list[str]:
        """The ids of all live tasks whose text holds this one."""
        ...

    def task_shown(self, crm_id: str) -> TaskShown:
        """What a rep sees of a task."""
        ...

    def complete_task(self, crm_id: str) -> None:
        """Let a rep complete a task now."""
        ...

    def delete_task(self, crm_id: str) -> None:
        """Let a rep delete a task now."""
        ...

    def give_task(self, crm_id: str, *, owner_id: str) -> None:
        """Let a task have another owner."""
        ...

    def write_into_task(self, crm_id: str, text: str) -> None:
        """Let a rep add a line to a task's text, as the CRM's own editor stores it."""
        ...

    def requests(self) -> int:
        """How many requests the CRM has got."""
        ...

    def rows_written(self) -> int:
        """How many records the CRM has changed for us."""
        ...

    def calm(self) -> None:
        """Take all faults, hidden fields and refusals back, and end a late change."""
        ...
