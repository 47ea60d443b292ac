"""Derived facts: the sources that a fact is taken from, in the admin's order, and what each of them says."""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from connector.domain.condition import Condition
from connector.domain.records import PART, Fact, FactType, FactValue, Level, RecordKind
from connector.domain.titles import Levels, level_of

CHILDREN = (RecordKind.OPPORTUNITY, RecordKind.CASE, RecordKind.CONTRACT)
"""Kinds of records that belong to an account and that its facts can be derived from."""
FIRST_OF = "first of "
"""With this begins what a connection remembers as the source of a derived fact; no field's name does."""
FROM = f"{PART}from"
"""After a fact's word: which of its record's own sources gave the value."""


class Take(StrEnum):
    """Which of several dates: the earliest from today on, the latest through today, or the earliest of all."""

    NEXT = "next"
    LATEST = "latest"
    FIRST = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How far a count looks back from a day: whole months, or days."""

    months: int = 0
    days: int = 0

    def start(self, today: date) -> date:
        """The first day that counts; of a month that is shorter the last day."""
        year, month = divmod(today.year * 12 + today.month - 1 - self.months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(today.day, last)) - timedelta(days=self.days)

    def __str__(self) -> str:
        number, unit = (self.months, "months") if self.months else (self.days, "days")
        return f"{number} {unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPart:
    """A field of the record itself, as the admin wrote it."""

    source: str

    def __str__(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class TitlePart:
    """The level that a field with a job title stands for."""

    source: str
    levels: Levels = field(hash=False)

    def __str__(self) -> str:
        return f"titles {self.source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPart:
    """Who owns the contact, or its account."""

    kind: RecordKind

    def __str__(self) -> str:
        return f"{self.kind}.owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePart:
    """A date of one of the account's child records."""

    take: Take
    fact: Fact
    where: Condition | None = None

    def __str__(self) -> str:
        return f"{self.take} {self.fact.name}" + (f" where {self.where.text}" if self.where else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPart:
    """How many child records the account has: all, or those whose date `by` lies within a window that ends today."""

    kind: RecordKind
    where: Condition | None = None
    window: Window | None = None
    by: Fact | None = None

    def __str__(self) -> str:
        within = f" within {self.window} by {self.by.name}" if self.window and self.by else ""
        return f"count of {self.kind}" + (f" where {self.where.text}" if self.where else "") + within


OwnPart = FieldPart | TitlePart
ChildPart = DatePart | CountPart
Part = OwnPart | OwnerPart | ChildPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How a fact is derived: the first of its parts that has a value gives it."""

    fact: Fact
    parts: tuple[Part, ...]

    @property
    def is_of_record(self) -> bool:
        """Whether a record's own fields tell the fact, so that a page of them is enough."""
        return all(isinstance(part, OwnPart) for part in self.parts)

    @property
    def kinds(self) -> frozenset[RecordKind]:
        """The kinds of records that have to be loaded before the fact can be told."""
        return frozenset({self.fact.kind} | {fact.kind for fact in self.reads} | set(self._counted()))

    @property
    def reads(self) -> tuple[Fact, ...]:
        """The facts of ours that its parts read, each once."""
        return tuple(dict.fromkeys(fact for part in self.parts for fact in _facts_of(part)))

    @property
    def text(self) -> str:
        """All that decides about the value, as one line: another line means another fact."""
        titles = [part.levels for part in self.parts if isinstance(part, TitlePart)]
        patterns = [f"{level}: {list(levels.get(level, ()))}" for levels in titles[:1] for level in Level]
        patterns += [f"unknown: {list(levels[None])}" for levels in titles[:1] if levels.get(None)]
        return "; ".join([f"{FIRST_OF}{', '.join(str(part) for part in self.parts)} as {self.fact.type}", *patterns])

    def own(self) -> Iterator[tuple[Fact, OwnPart]]:
        """What is read of the record itself, each part under a word of its own."""
        for number, part in enumerate(self.parts, start=1):
            if isinstance(part, OwnPart):
                word, of_type = self.fact.word, self.fact.type
                if isinstance(part, TitlePart):
                    word, of_type = "title", FactType.TEXT
                yield Fact(kind=self.fact.kind, word=f"{word}{PART}{number}", type=of_type), part

    def tell(self, values: Sequence[FactValue]) -> tuple[FactValue, str | None]:
        """The fact of a record by the values of its own parts, in their order, and which part says so."""
        for (_, part), value in zip(self.own(), values, strict=True):
            said = _said(part, value)
            if said is not None:
                return said
        return None, None

    def _counted(self) -> Iterator[RecordKind]:
        return (part.kind for part in self.parts if isinstance(part, CountPart))


def default_counterpart() -> Derivation:
    """Who a contact's counterpart is where the settings do not say it."""
    fact = Fact(kind=RecordKind.CONTACT, word="counterpart", type=FactType.TEXT)
    return Derivation(fact=fact, parts=(OwnerPart(kind=RecordKind.CONTACT), OwnerPart(kind=RecordKind.ACCOUNT)))


def _said(part: OwnPart, value: FactValue) -> tuple[FactValue, str] | None:
    if isinstance(part, TitlePart):
        found = level_of(None if value is None else str(value), part.levels)
        return None if found is None else (found[0].value, f'{part}, which matches "{found[1]}"')
    return None if value is None or value == "" else (value, str(part))


def _facts_of(part: Part) -> Iterator[Fact]:
    match part:
        case OwnerPart(kind=kind):
            yield Fact(kind=kind, word="owner", type=FactType.TEXT)
        case DatePart(fact=fact, where=where):
            yield fact
            yield from where.facts() if where else ()
        case CountPart(where=where, by=by):
            yield from (by,) if by else ()
            yield from where.facts() if where else ()
