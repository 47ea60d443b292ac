"""What the page of one joined account looks at: its records, its people, and what happened there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connector.domain.actions import ActionState, TaskStage
from connector.domain.invitations import MessageState
from connector.domain.programs import Track
from connector.domain.records import FactValue, RecordKind
from connector.domain.selection import Reason, VerdictKind
from connector.domain.surveys import Answer, AskKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """One live CRM record of the account; `values` are its facts by word, dates of declared facts as ISO text."""

    id: int
    crm: str
    crm_id: str
    name: str | None
    owner: str | None
    parent_id: int | None
    parent: str | None
    first_seen_at: datetime
    values: Mapping[str, FactValue]

    @property
    def key(self) -> str:
        """The record's name without surrogate ids."""
        return f"{self.crm}/{self.crm_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """One person with a live contact at the account, over all their contacts there.

    `level` is what a rep says, else what the CRM does. `opted_out` and `bounced` say where that was found. `score` is
    their newest relationship score, which came at `answered_at`.
    """

    person_id: int
    name: str | None
    title: str | None
    level: str | None
    address: str | None
    keys: Sequence[str]
    opted_out: str | None
    bounced: str | None
    left_company: bool
    hold_until: date | None
    hold_reason: str | None
    score: float | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceView:
    """One response as it was given; `account_id` is the joined account's, `person_id` that of who the person is by now.

    `level` is that of the contact who was asked, as a rep says or else the CRM does.
    """

    id: int
    person_id: int | None
    person: str | None
    level: str | None
    account_id: int | None
    account: str | None
    program: str
    milestone: str
    kind: AskKind
    survey_version: str
    score: float | None
    answers: Sequence[Answer]
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """The newest verdict about one candidate with its reasons, and how far the mail of an ask has come."""

    id: int
    person: str | None
    program: str
    milestone: str
    due_on: date
    track: Track
    verdict: VerdictKind
    rule: str
    until_on: date | None
    reasons: Sequence[Reason]
    decided_at: datetime
    mail: MessageState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionView:
    """An action with its owner's name, what the owner wrote, and its newest task in a CRM."""

    id: int
    person: str | None
    subject: str
    cause: str
    owner: str | None
    owner_reason: str
    due_on: date
    state: ActionState
    opened_at: datetime
    closed_at: datetime | None
    resolution: str | None
    crm: str | None
    task: str | None
    task_state: TaskStage | None
    task_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A fact of the account, or of somebody there, changed in a CRM."""

    kind: RecordKind
    whose: str | None
    crm: str
    fact: str
    old: Any
    new: Any
    cause: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteView:
    """A value that we wrote, or tried to; `outcome` is None while the push is under way."""

    kind: RecordKind
    whose: str | None
    crm: str
    word: str
    old: Any
    new: Any
    outcome: str | None
    message: str | None
    logged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """One joined account; `records` begin with the one that stands for all, everything else with the newest.

    `score` is the mean of `people_heard` people's newest relationship scores, told as in the list of accounts.
    """

    id: int
    score: float | None
    people_heard: int
    records: Sequence[AccountRecord]
    people: Sequence[PersonView]
    voices: Sequence[VoiceView]
    decisions: Sequence[DecisionView]
    actions: Sequence[ActionView]
    changes: Sequence[ChangeView]
    writes: Sequence[WriteView]
