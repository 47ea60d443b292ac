"""The seam to a CRM: four verbs and declared capabilities; every adapter passes `connector.testing.crm_contract`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from connector.domain.records import Fact, FactType, FactValue, RecordKind
from connector.domain.write_back import WriteField
from connector.ports.errors import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an adapter can do, as data; the engine reads this and never the CRM's name.

    `reach` is for kinds of which not everything is read how many days a record may have been left alone, once closed.
    """

    reads: frozenset[RecordKind]
    writes: frozenset[RecordKind]
    incremental: bool = False
    deletions: bool = False
    tasks: bool = False
    max_batch: int = 1
    reach: Mapping[RecordKind, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something an admin should know before a run: what was found where, and what to do about it."""

    where: str
    message: str
    is_error: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a CRM object as the CRM describes it; `values` are the active picklist values.

    With `is_closed` a record can be given no other value; older records may still hold one that is not active any more.
    With `is_multiple` records hold several of them as one text, with `;` between them.
    """

    name: str
    label: str
    type: FactType
    values: tuple[str, ...] = ()
    is_closed: bool = True
    is_multiple: bool = False
    is_writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A record that is gone from the CRM; `merged_into` is the winner's id where it was merged."""

    crm_id: str
    merged_into: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of records of one kind.

    `columns` are "crm_id", "stamp" (the record's own stamp, aware UTC), then words of the kind, well-known
    or declared, then words of write-back fields prefixed "ours."; each row has a value for each column, of
    the fact's type. `cursor` is opaque and safe to resume after once this page is stored: repeats are
    allowed, losses never.
    """

    kind: RecordKind
    columns: tuple[str, ...]
    rows: Sequence[tuple[FactValue, ...]]
    cursor: str
    removed: Sequence[Removal] = ()
    is_full: bool = False
    """Whether this page belongs to a pull of everything, after whose last page unseen records are gone."""
    is_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Values by word for one record; pushing the same `key` twice makes one change."""

    key: str
    crm_id: str
    values: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The result of one write, in the order of the writes; `verdict` is None where it was taken.

    `message` is the CRM's code, a colon and the adapter's own sentence, with fields named: never the CRM's own text,
    which quotes values and addresses.
    """

    key: str
    crm_id: str
    verdict: Verdict | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task for an owner, as reps see it on account and contact.

    `marker` is a text of ours that no other task has; the adapter keeps it on the task so that it can be found again.
    Ids are the CRM's own; without `owner_id` the task has nobody. `body` is plain text with line breaks. `opened_at`
    (aware UTC) is when the task was first meant to be made: no task with its marker can be older.
    """

    marker: str
    account_id: str
    contact_id: str | None
    owner_id: str | None
    subject: str
    body: str
    due_on: date
    opened_at: datetime


class TaskState(StrEnum):
    """What has become of a task in the CRM."""

    OPEN = "open"
    DONE = "done"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSeen:
    """A task as the CRM shows it now; `body` is plain text, with what the rep has written into it."""

    crm_id: str
    state: TaskState
    body: str = ""
    owner_id: str | None = None
    changed_at: datetime | None = None


class CrmAdapter(Protocol):
    """What the engine asks of a CRM. Times are aware UTC, ids are text, no secret shows in `repr`."""

    @property
    def capabilities(self) -> Capabilities:
        """The same value as the spec's."""
        ...

    def organisation(self) -> str:
        """The id of the org or portal that the credentials open.

        Raises CrmWrongOrg where the settings name another one, so that nothing is pinned, sent or written by mistake;
        CrmAuthError, CrmUnavailable.
        """
        ...

    def check(self) -> list[Problem]:
        """Sign in, then look for missing rights, missing required fields and fields of the wrong type."""
        ...

    def fields(self, kind: RecordKind) -> list[Field]:
        """The fields of the object behind a kind. Raises UnsupportedKind before any request.

        Raises CrmHiddenKind where the CRM does not show the kind, which is one of OPTIONAL_KINDS, declared or not.
        """
        ...

    def pull(self, kind: RecordKind, since: str | None) -> Iterator[Page]:
        """Pages of everything (`since` None), or of what changed since a cursor; at least one page, the last marked.

        Raises UnsupportedKind before any request, CrmMissingField where a required field is missing, and CrmHiddenKind
        where the CRM does not show the kind, which is one of OPTIONAL_KINDS, and no declared fact is one of it.
        """
        ...

    def push(self, kind: RecordKind, writes: Sequence[Write]) -> list[Receipt]:
        """Write values, at most `max_batch` at a time; one bad row fails alone. Raises as `pull`."""
        ...

    def open_task(self, task: NewTask, *, is_retry: bool) -> str:
        """Make a task and return its id. A retry looks for the marker on the account first and makes no second one.

        Raises CrmRejected where the CRM refuses this task for good (CrmOwnerRefused where its owner is the reason),
        UnsupportedKind where `tasks` is no capability, and else as `push`; after CrmUnavailable it may have been made.
        """
        ...

    def tasks(self, crm_ids: Sequence[str]) -> list[TaskSeen]:
        """The tasks with these ids as they are now, in their order; one that was deleted is `gone`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What an adapter is opened with: its checked settings, the admin's fact sources and our fields.

    `sources` maps a declared fact to the CRM's field as the admin wrote it (`Account.Type`), and stands
    above the adapter's own defaults for well-known words. `org_id` is the pinned one, if any.
    """

    name: str
    settings: Any
    org_id: str | None
    sources: Mapping[Fact, str]
    write_fields: Sequence[WriteField]
    now: Callable[[], datetime]


ASKED = {"x-asked": True}
"""Beside a setting that is optional to the model (`json_schema_extra`): whoever begins is to say it all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyField:
    """The field that an organisation is likely to have behind a fact, and our words for its values."""

    source: str
    type: FactType | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def stripped_id(text: str) -> str | None:
    """An id as most CRMs write it: the text without spaces around it, None where nothing is left."""
    return text.strip() or None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmSpec:
    """What a CRM offers; cheap to import: no network, no vendor library.

    `settings` is a pydantic model of the connection's own keys, `objects` names the CRM's object of each
    kind as it stands before the dot in `facts:`, `sources` are the default fields of well-known facts.
    `read_id` gives an id of this CRM that another one holds the form in which this one pulls it; None for no id.
    `likely` are fields to begin with for facts that the default ones do not bring, by fact; `twins` those that usually
    hold the ids of another CRM's records, by that CRM's name and then by kind.
    """

    name: str
    label: str
    capabilities: Capabilities
    settings: type[Any]
    objects: Mapping[RecordKind, str]
    sources: Mapping[str, str]
    open: Callable[[Connection], AbstractContextManager[CrmAdapter]]
    read_id: Callable[[str], str | None] = stripped_id
    likely: Mapping[str, LikelyField] = field(default_factory=dict)
    twins: Mapping[str, Mapping[RecordKind, str]] = field(default_factory=dict)
