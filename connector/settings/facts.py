"""The facts that CRM connections declare: our word, its type, and the CRM's field behind it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from connector.conditions.parsing import is_usable_word
from connector.domain.derivation import default_counterpart
from connector.domain.records import WELL_KNOWN, Fact, FactType, Level, RecordKind
from connector.ports.crm import CrmSpec
from connector.settings.checking import Checker
from connector.settings.derived_keys import SEVERAL, implied_type
from connector.settings.documents import Path
from connector.settings.house_keys import FactKeys

KINDS = tuple(kind for kind in RecordKind if kind is not RecordKind.OWNER)
"""Kinds of records whose facts can be declared."""

_NAME = re.compile(rf"({'|'.join(KINDS)})\.([a-z][a-z0-9_]*)")
_KINDS_TOLD = f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"
_FIELD = re.compile(r"([A-Za-z]\w*)\.([A-Za-z]\w*)", re.ASCII)
COUNTERPART = default_counterpart().fact
OWNERS = ("contact.owner", "account.owner")
"""What a counterpart can be beside a field: our words, since the account is another record."""
SAME_AS = "same_as"
"""The word that holds the id of the same record in another CRM; it has keys of its own and no condition may read it."""


_IDS = frozenset({"parent", "owner", "counterpart", "manager", "account", "contact"})
_FIXED = frozenset({"level", "rep_level"})


@dataclass(frozen=True, slots=True)
class Declared:
    """What one connection declares: each fact's field, and our words for the values of some.

    `several` are the facts of several sources with their paths; `connector.settings.derived` reads those.
    """

    sources: dict[Fact, str] = field(default_factory=dict)
    values: dict[Fact, dict[str, str]] = field(default_factory=dict)
    several: dict[Fact, Path] = field(default_factory=dict)


@dataclass(slots=True)
class FactBook:
    """All facts by name, the place that fixed each type first, and those whose type is not known for mistakes."""

    facts: dict[str, Fact] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)

    def add_defaults(self, spec: CrmSpec) -> None:
        """The well-known facts that a CRM delivers without being told."""
        for name in spec.sources:
            kind, _, word = name.partition(".")
            if kind in KINDS:
                of = RecordKind(kind)
                self.facts.setdefault(name, Fact(kind=of, word=word, type=default_type(of, word=word)))
        if set(OWNERS) <= spec.sources.keys():
            self.facts.setdefault(COUNTERPART.name, COUNTERPART)


def read_facts(checker: Checker, *, data: Any, path: Path, spec: CrmSpec, book: FactBook) -> Declared:
    """The valid declarations of one connection; a fact whose field alone is wrong still counts in the book."""
    declared = Declared()
    for name, value in data.items() if isinstance(data, dict) else ():
        at = (*path, name)
        kind_and_word = _read_name(name, checker=checker, path=at)
        if is_of_several(name, value):
            if kind_and_word is not None:
                fact = _enter_several(kind_and_word, value=value, checker=checker, path=at, book=book)
                declared.several[fact] = at
            continue
        raw = {"field": value} if isinstance(value, str) else value
        keys = checker.check(FactKeys, raw, at=at)
        if kind_and_word is None:
            continue
        stated = keys.fact_type if keys is not None else None
        is_sound = keys is not None
        fact = _enter(kind_and_word, stated=stated, is_sound=is_sound, checker=checker, path=at, book=book)
        if keys is None:
            continue
        if check_field(keys.field, fact=fact, spec=spec, checker=checker, path=at):
            declared.sources[fact] = keys.field
        if keys.values and may_have_values(fact, checker=checker, path=at):
            declared.values[fact] = keys.values
    return declared


def is_of_several(name: str, value: Any) -> bool:
    """Whether a declaration names sources instead of one field."""
    if isinstance(value, str):
        return name == COUNTERPART.name and value in OWNERS
    return isinstance(value, dict) and bool(SEVERAL & value.keys())


def _enter_several(
    kind_and_word: tuple[RecordKind, str], *, value: Any, checker: Checker, path: Path, book: FactBook
) -> Fact:
    said = value.get("type") if isinstance(value, dict) else None
    stated = FactType(said) if said in list(FactType) else None
    implied = implied_type(value) if isinstance(value, dict) else None
    is_sound = said is None or stated is not None
    return _enter(
        kind_and_word, stated=stated, implied=implied, is_sound=is_sound, checker=checker, path=path, book=book
    )


def _read_name(name: str, *, checker: Checker, path: Path) -> tuple[RecordKind, str] | None:
    match = _NAME.fullmatch(name)
    if match is not None and is_usable_word(match[2]) and match[2] != SAME_AS:
        return RecordKind(match[1]), match[2]
    expected = f"expected {_KINDS_TOLD}, a dot, and a word in small letters"
    if match is not None and match[2] == SAME_AS:
        expected = f"expected it as `{SAME_AS}: {{crm: ..., {match[1]}: ...}}` beside `facts`"
    elif match is not None:
        expected = f"expected another word: `{match[2]}` has a meaning of its own in conditions"
    checker.add_key(path, found=f"found the fact name `{name}`", expected=expected)
    return None


def _enter(
    kind_and_word: tuple[RecordKind, str],
    *,
    stated: FactType | None,
    implied: FactType | None = None,
    is_sound: bool,
    checker: Checker,
    path: Path,
    book: FactBook,
) -> Fact:
    """The fact, entered in the book; a stated type that contradicts the word or an earlier place is a mistake."""
    kind, word = kind_and_word
    name = f"{kind}.{word}"
    earlier = book.facts.get(name)
    fact = earlier or Fact(kind=kind, word=word, type=stated or implied or default_type(kind, word=word))
    if word in WELL_KNOWN[kind]:
        fact = Fact(kind=kind, word=word, type=WELL_KNOWN[kind][word])
    if stated is not None and stated is not fact.type:
        by = "its word" if fact.is_well_known else book.places[name]
        checker.add((*path, "type"), found=f"found {name} as {stated}", expected=f"expected {fact.type}, as {by} says")
    if not is_sound and not fact.is_well_known:
        book.doubtful.add(name)
    place = checker.document.value_place(path)
    book.facts[name] = fact
    book.places.setdefault(name, f"{checker.document.file}:{place.line}:{place.column}")
    return fact


def default_type(kind: RecordKind, *, word: str) -> FactType:
    """The type of a fact that states none: by its word where that is well known, else by its ending or beginning."""
    known = WELL_KNOWN[kind].get(word)
    if known is not None:
        return known
    if word.endswith("_on"):
        return FactType.DATE
    return FactType.BOOLEAN if word.startswith(("is_", "has_")) else FactType.TEXT


def may_have_values(fact: Fact, *, checker: Checker, path: Path) -> bool:
    """Whether a fact's values can be ours: those of a text that is neither an id nor one of our own levels."""
    if fact.type is not FactType.TEXT:
        expected = "expected them beside a text only"
    elif fact.is_well_known and fact.word in _IDS:
        expected = "expected none: it holds the id of a record"
    elif fact.is_well_known and fact.word in _FIXED:
        expected = f"expected none: its words are {', '.join(Level)}"
    else:
        return True
    checker.add_key((*path, "values"), found=f"found `values` for {fact.name}", expected=expected)
    return False


def check_field(source: str, *, fact: Fact, spec: CrmSpec, checker: Checker, path: Path) -> bool:
    """Whether a field is one of the CRM's object behind the fact's kind; a mistake where it is not."""
    where = (*path, "field") if checker.document.has((*path, "field")) else path
    wanted = spec.objects.get(fact.kind)
    match = _FIELD.fullmatch(source)
    if wanted is None:
        expected = f"expected none: {spec.label} has no {fact.kind} here"
    elif match is None:
        expected = f"expected a field such as {wanted}.Field"
    elif match[1] != wanted:
        near = f" Did you mean {wanted}.{match[2]}?" if get_close_matches(match[1], [wanted]) else ""
        expected = f"expected a field of {wanted}, which is our {fact.kind}.{near}"
    else:
        return True
    checker.add(where, found=f"found '{source}'", expected=expected)
    return False


def as_mapping(book: FactBook) -> Mapping[str, Fact]:
    """The facts by name, in the order of names."""
    return dict(sorted(book.facts.items()))
