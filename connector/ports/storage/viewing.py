"""What pages look at, read-only: accounts by list and in full, what was heard lately, and what went wrong."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from connector.domain.programs import RelationshipRule
from connector.domain.surveys import AskKind
from connector.ports.storage.viewing_account import AccountView, VoiceView


class AccountOrder(StrEnum):
    """How accounts are listed: by most voices, by the lowest voice, by most overdue actions, or by name.

    Never by their mean scores: a mean of a few people is no measure by which accounts compare.
    """

    VOICES = "voices"
    LOWEST = "lowest"
    ACTIONS = "actions"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountQuery:
    """Which accounts: a part of the name, letters of either case, and a relationship type."""

    text: str = ""
    relationship: str | None = None
    order: AccountOrder = AccountOrder.VOICES
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One joined account: `score` is the mean of `voices` people's newest relationship scores, as the CRM shows it.

    `lowest` is the lowest of them: one person's voice.
    """

    id: int
    name: str | None
    relationship: str
    crms: Sequence[str]
    score: float | None
    lowest: float | None
    voices: int
    heard_at: datetime | None
    open_actions: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """Some lines of `total` that there are."""

    lines: Sequence[AccountLine]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramScores:
    """The newest score of each of `people` in one program; `squares` is the mean of their squares."""

    program: str
    kind: AskKind
    people: int
    mean: float
    squares: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Scores by program and the newest responses, newest first."""

    scores: Sequence[ProgramScores]
    newest: Sequence[VoiceView]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who a contact is, and the joined account that it stands on."""

    name: str | None
    account_id: int | None
    account_name: str | None


class TroubleKind(StrEnum):
    """What did not go as it should."""

    RUN_FAILED = "run failed"
    RUN_POSTPONED = "run postponed"
    RUN_DIED = "run died"
    WRITE_REFUSED = "write refused"
    MAIL_FAILED = "mail failed"
    MAIL_WAITING = "mail waiting"
    MAIL_UNCERTAIN = "mail uncertain"
    TASK_REFUSED = "task refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A record that a trouble touched: an account, or somebody at one."""

    label: str
    account_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One cause: where it showed, how often, on how many records (`touched` are the newest of them), and when.

    It `is_over` where the same job has ended well since, where a person who could not be mailed was mailed later or
    has another address by now, and where a mail that may have left is so old that no answer is to be expected.
    """

    kind: TroubleKind
    place: str
    cause: str
    count: int
    records: int
    touched: Sequence[Touched]
    first_at: datetime
    last_at: datetime
    is_over: bool = False


class ViewStore(Protocol):
    """Views as of one snapshot; each takes a fixed number of queries, however much it shows."""

    def accounts(self, query: AccountQuery, *, rules: Sequence[RelationshipRule], today: date) -> AccountPage:
        """Live joined accounts with their relationship type; an action is overdue when its due day is before today."""
        ...

    def account(self, account_id: int, *, limit: int) -> AccountView | None:
        """The joined account that an account's record belongs to by now, with at most `limit` of each kind of event."""
        ...

    def heard(self, *, limit: int) -> Heard:
        """What people said lately, in all programs."""
        ...

    def seats(self, contact_ids: Collection[int]) -> Mapping[int, Seat]:
        """Names for contacts, by id."""
        ...

    def troubles(self, *, now: datetime) -> Sequence[Trouble]:
        """Causes of whatever did not go well and is kept, those that stand first, then the newest.

        A cause of which some is over and some stands comes as two.
        """
        ...
