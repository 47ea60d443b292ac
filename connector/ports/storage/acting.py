"""Actions, their tasks, and where and with whom a task can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from connector.domain.actions import ActionState, OwnedBy, Place, TaskStage
from connector.domain.gates import Gate
from connector.domain.owners import Assigned, Owner
from connector.domain.records import Fact, FactValue
from connector.domain.surveys import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The score that the same person gave at the same joined account the last time, and in which survey."""

    score: float
    survey_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A response whose action rules are still to be looked at, with its person and account as they stand now.

    `account_id` is the one that was asked, or that it was merged into, None where it was asked of no account;
    `account_name` and `facts` are those of the joined account and of the person there, facts by name.
    """

    response_id: int
    program: str
    survey_version: str
    person_id: int | None
    contact_id: int | None
    contact_name: str | None
    account_id: int | None
    account_name: str | None
    answers: Sequence[Answer]
    score: float | None
    answered_at: datetime
    earlier: Earlier | None
    facts: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """An action with everything that it makes; `task_body` has no marker yet, and without `crm` there is no task."""

    answered: Answered
    rule: str
    owned_by: OwnedBy
    crm: str | None
    owner: Assigned
    subject: str
    cause: str
    due_on: date
    task_body: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task of an open action, as it is to be made, or was made last."""

    id: int
    action_id: int
    program: str
    n: int
    crm: str
    marker: str
    body: str
    stage: TaskStage
    crm_id: str | None
    attempts: int
    opened_at: datetime
    subject: str
    due_on: date
    owned_by: OwnedBy
    owner_id: str | None
    account_id: int
    person_id: int | None
    contact_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCounts:
    """How actions stand: how many are open, overdue, done and dropped, of the open ones by CRM those without a task,
    and what the CRMs said of tasks that they refused.
    """

    open: int
    overdue: int
    done: int
    dropped: int
    without_task: Mapping[str, int]
    refused: Mapping[str, Sequence[str]]


class ActionStore(Protocol):
    """Actions: opened once for a response and rule, closed once; both marks the account's records dirty."""

    def unacted(self, *, facts: Mapping[str, Sequence[Fact]], limit: int) -> Sequence[Answered]:
        """Responses whose action rules were not looked at yet, oldest first; `facts` to read, by program."""
        ...

    def acted(self, response_id: int, *, at: datetime) -> bool:
        """Note that a response's rules were looked at; False where that was noted before."""
        ...

    def open(self, new: NewAction, *, mark: str) -> int:
        """Store an action, its first event and the intent of its task; returns its id.

        The task's marker is `closedloop:<mark>-<action id>-<n>` and the last line of its body. Raises StorageError
        where this rule opened an action for this response before.
        """
        ...

    def close(self, action_id: int, *, state: ActionState, resolution: str | None, at: datetime) -> bool:
        """Close an open action; False where it was closed before."""
        ...

    def assign(self, action_id: int, owner: Assigned, *, at: datetime) -> None:
        """Note who has an action now; nothing where that is no news."""
        ...

    def move(self, action_id: int, place: Place, *, at: datetime) -> None:
        """Let an action whose account is gone be one of the account at a place, which shows it from now on."""
        ...

    def overdue(self, *, today: date) -> Mapping[str, int]:
        """How many open actions each owner has whose due day is before a day, by `crm/owner id`.

        Only actions with a task that the CRM shows: nobody can complete another. An owner with the same address in
        another CRM counts as the same one.
        """
        ...

    def counts(self, *, today: date) -> ActionCounts:
        """How actions stand on a day of the organisation's."""
        ...


class TaskStore(Protocol):
    """The tasks of open actions."""

    def due(
        self, crm: str, *, now: datetime, without: Sequence[str], limit: int, gate: Gate | None = None
    ) -> Sequence[Task]:
        """Tasks to be made now in a CRM, oldest first: intents and refused ones; none of the programs `without`.

        The gate keeps back those of programs that are not open, except at the accounts that are listed.
        """
        ...

    def attempt(self, task_id: int) -> int:
        """Count one more attempt; returns how many there are with it."""
        ...

    def settle(
        self,
        task_id: int,
        stage: TaskStage,
        *,
        at: datetime,
        crm_id: str | None = None,
        error: str | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Note how an attempt ended, or what the CRM shows now; a new stage is an event of the action."""
        ...

    def renew(self, task: Task, *, crm: str, mark: str, at: datetime) -> None:
        """Intend the task anew, in this CRM, with the next number and a marker of its own."""
        ...

    def gone(self, action_id: int) -> int:
        """How many tasks of an action were deleted in a CRM."""
        ...

    def unseen(self, crm: str, *, before: datetime, limit: int) -> Sequence[Task]:
        """Made tasks of open actions that the CRM showed last before a moment, the longest unseen first."""
        ...


class PlaceStore(Protocol):
    """Where a task can live, and who can have it."""

    def places(
        self, account_id: int, *, person_id: int | None, contact_id: int | None, pairs: Mapping[str, str]
    ) -> Sequence[Place]:
        """Live records of the joined account in every CRM, with the person's live contact there; by age of the record.

        Also another CRM's record of the invited contact where `same_as` says so, with its account there. Of an account
        that is gone: the records in other CRMs that name it, or that it named. `pairs` tells of which other connection
        a connection's `same_as` facts name records.
        """
        ...

    def parted(
        self, account_id: int, *, crm: str, person_id: int | None, contact_id: int | None, since: datetime
    ) -> Sequence[Place]:
        """Live records in a CRM that were one with the account at a moment or later and are not any more.

        Also the accounts there of contacts that were one with the invited contact.
        """
        ...

    def owners(self, crm: str) -> Mapping[str, Owner]:
        """The owners of a CRM by id, removed ones left out."""
        ...
