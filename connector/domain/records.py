"""Records as we hold them: the kinds, our words for their facts, and the types those facts have."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

FactValue = str | int | float | bool | date | datetime | None
PART = "#"
"""After a fact's word: a source of it, read by itself and named by no rule. SQLite's JSON paths take the sign as is."""


class RecordKind(StrEnum):
    """The kinds of CRM record that closedloop knows."""

    OWNER = "owner"
    ACCOUNT = "account"
    CONTACT = "contact"
    OPPORTUNITY = "opportunity"
    CASE = "case"
    CONTRACT = "contract"


OPTIONAL_KINDS = frozenset({RecordKind.CASE, RecordKind.CONTRACT})
"""Kinds that a CRM may have switched off, or not show to us: all others are read and planned without them."""


class FactType(StrEnum):
    """How a fact's value is compared and stored."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


class Level(StrEnum):
    """How high a contact stands at the account; unknown stays unknown."""

    EXECUTIVE = "executive"
    MANAGER = "manager"
    USER = "user"


WELL_KNOWN: dict[RecordKind, dict[str, FactType]] = {
    RecordKind.OWNER: {
        "name": FactType.TEXT,
        "address": FactType.TEXT,
        "is_active": FactType.BOOLEAN,
        "manager": FactType.TEXT,
    },
    RecordKind.ACCOUNT: {
        "name": FactType.TEXT,
        "parent": FactType.TEXT,
        "owner": FactType.TEXT,
        "renewal_on": FactType.DATE,
        "hold_until": FactType.DATE,
        "hold_reason": FactType.TEXT,
        "same_as": FactType.TEXT,
    },
    RecordKind.CONTACT: {
        "name": FactType.TEXT,
        "address": FactType.TEXT,
        "title": FactType.TEXT,
        "level": FactType.TEXT,
        "language": FactType.TEXT,
        "opted_out": FactType.BOOLEAN,
        "bounced": FactType.BOOLEAN,
        "account": FactType.TEXT,
        "owner": FactType.TEXT,
        "counterpart": FactType.TEXT,
        "hold_until": FactType.DATE,
        "hold_reason": FactType.TEXT,
        "rep_level": FactType.TEXT,
        "left_company": FactType.BOOLEAN,
        "same_as": FactType.TEXT,
    },
    RecordKind.OPPORTUNITY: {
        "name": FactType.TEXT,
        "account": FactType.TEXT,
        "contact": FactType.TEXT,
        "owner": FactType.TEXT,
        "stage": FactType.TEXT,
        "amount": FactType.NUMBER,
        "closes_on": FactType.DATE,
        "is_won": FactType.BOOLEAN,
        "is_closed": FactType.BOOLEAN,
    },
    RecordKind.CASE: {
        "account": FactType.TEXT,
        "contact": FactType.TEXT,
        "owner": FactType.TEXT,
        "stage": FactType.TEXT,
        "opened_on": FactType.DATE,
        "closed_on": FactType.DATE,
        "is_closed": FactType.BOOLEAN,
        "is_escalated": FactType.BOOLEAN,
    },
    RecordKind.CONTRACT: {
        "account": FactType.TEXT,
        "owner": FactType.TEXT,
        "stage": FactType.TEXT,
        "starts_on": FactType.DATE,
        "ends_on": FactType.DATE,
    },
}
"""Words with a column of their own (design 5.7).

`parent`, `account`, `contact`, `owner`, `counterpart` and `manager` hold the CRM's id, `same_as` the id of the same
record in another CRM. A contact's `counterpart` is the owner who is their person with us, by default whoever owns them.
`hold_until`, `hold_reason`, `rep_level` and `left_company` are fields of ours that a rep fills in. A case brings
no text with it: what customers wrote to the service desk stays there.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Something that a condition can name; `kind` is what stands before the dot."""

    kind: str
    word: str
    type: FactType

    @property
    def name(self) -> str:
        """The word as conditions write it, such as `account.kind`."""
        return f"{self.kind}.{self.word}"

    @property
    def is_well_known(self) -> bool:
        """Whether a record has a typed column for it."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Word):
    """One fact that an admin's configuration declares: our word for a CRM field."""

    kind: RecordKind

    @property
    def is_well_known(self) -> bool:
        """Whether the word has a typed column; others live in the record's JSON column."""
        return self.word in WELL_KNOWN[self.kind]

    @property
    def read_as(self) -> str:
        """The word whose values a CRM's field must hold: of a source of a fact, such as `level#1`, that fact's."""
        return self.word.partition(PART)[0]
