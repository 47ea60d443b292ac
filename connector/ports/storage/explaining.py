"""What `explain` reads: who somebody is, what was decided and why, and how near the rest has come. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from connector.domain.evaluation import Values
from connector.domain.occurrences import Occurrence
from connector.domain.programs import Milestone, Policy, Program
from connector.domain.records import FactValue
from connector.domain.selection import Candidate, Outcome, Reason
from connector.domain.surveys import AskKind
from connector.ports.storage.viewing_account import ActionView, VoiceView


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSeen:
    """A contact that stands for a person; `account_id` is that of the joined account, None where it has none."""

    id: int
    crm: str
    key: str
    name: str | None
    address: str | None
    title: str | None
    level: str | None
    rep_level: str | None
    account_id: int | None
    account: str | None
    account_name: str | None
    first_seen_at: datetime
    removed_at: datetime | None
    account_removed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictSeen:
    """A verdict as it was reached, with every reason; `until_on` of the newest is as the last plan has left it."""

    verdict: str
    rule: str
    until_on: date | None
    reasons: Sequence[Reason]
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSeen:
    """A decision with its verdicts, newest first, and what became of its mail; `invitation` and `mail` are states.

    `mail_error` is what the relay, or we, said of it last; it names no address. A mail that waits is tried at
    `mail_next_at`, or with the next run after it. `kept_back` is what came between a decision to ask and its mail.
    """

    id: int
    track: str
    program: str
    milestone: str
    anchor: str
    contact: str
    due_on: date
    expires_on: date
    occurrence_state: str
    occurrence_reason: str | None
    outcome: Outcome
    verdicts: Sequence[VerdictSeen]
    invitation: str | None
    mail: str | None
    mail_at: datetime | None
    mail_attempts: int = 0
    mail_error: str | None = None
    mail_next_at: datetime | None = None
    kept_back: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSeen:
    """An answer of the person's, without its words; `acted_at` is when the rules for actions were looked at."""

    id: int
    program: str
    milestone: str
    kind: AskKind
    score: float | None
    source: str
    answered_at: datetime
    acted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSeen:
    """A joined account: its first record, all its live records, its relationship type and what the rules saw."""

    id: int
    key: str
    name: str | None
    records: Sequence[str]
    owner: str | None
    relationship: str
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorSeen:
    """A record that a milestone could fall due for; `where` is whether its condition holds, None where unknown.

    `values` are those of the facts that the condition reads, `moment` that of the milestone's own, `changed_at` when
    it was last seen changing there. `planned_through` is how far the milestone was planned. `is_theirs` is false for a
    case that somebody else has brought, `brought_by` then tells who, None where it names nobody.
    """

    key: str
    where: bool | None
    values: Values
    moment: FactValue
    changed_at: datetime | None
    occurrence: Occurrence | None
    planned_through: date | None
    is_theirs: bool = True
    brought_by: str | None = None

    @property
    def crm(self) -> str:
        """The connection that the record came from."""
        return self.key.partition("/")[0]


class ExplanationStore(Protocol):
    """Persons by what somebody types, and all that is stored of one."""

    def persons(self, text: str, *, limit: int) -> Sequence[int]:
        """Ids of persons by a mail address, present or former, a contact's `crm/id`, a CRM's id alone, or a name.

        A name is compared without regard to case (on SQLite: of ASCII letters); where none is equal, a part of it will
        do. The first so many, by id; a text of nothing but spaces fits nobody.
        """
        ...

    def contacts(self, person_ids: Sequence[int]) -> Mapping[int, Sequence[ContactSeen]]:
        """The contacts of each person, live ones first, then by key."""
        ...

    def decisions(self, person_id: int, *, today: date) -> Sequence[DecisionSeen]:
        """What was decided about a person and whoever was joined into them, newest first; outcomes as on a day."""
        ...

    def responses(self, person_id: int) -> Sequence[ResponseSeen]:
        """What they answered, newest first."""
        ...

    def voices(self, person_id: int) -> Sequence[VoiceView]:
        """The same answers with their words, newest first."""
        ...

    def actions(self, response_ids: Sequence[int]) -> Mapping[int, Sequence[ActionView]]:
        """What answers have led to, by response."""
        ...

    def known_since(self, candidates: Sequence[Candidate]) -> Sequence[Mapping[str, datetime]]:
        """Of each candidate, by blocking rule: since when what the rule saw has been known here.

        A value has been known since its last change, or since its record was first seen; left out where nobody knows.
        """
        ...


class ProspectStore(Protocol):
    """How near the milestones of an account are that have not decided about somebody yet."""

    def near(self, person_id: int) -> Sequence[int]:
        """The joined accounts at which a plan may decide about a person, by id.

        Where their contacts stand, live or not, where they brought a case, and where they were drawn before.
        """
        ...

    def account(self, account_id: int, *, policy: Policy) -> AccountSeen:
        """A joined account by the id of its first record, with the relationship type that it has now."""
        ...

    def anchors(
        self, account_id: int, *, person_id: int, program: Program, milestone: Milestone
    ) -> Sequence[AnchorSeen]:
        """Live records of the account that the milestone is about; of contacts, the person's own only."""
        ...
