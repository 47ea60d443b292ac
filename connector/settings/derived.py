"""Facts that several sources tell: `first_of`, titles, dates and numbers of child records, and counterparts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.domain.derivation import (
    CHILDREN,
    CountPart,
    DatePart,
    Derivation,
    FieldPart,
    OwnerPart,
    Part,
    Take,
    TitlePart,
)
from connector.domain.records import Fact, FactType, RecordKind
from connector.domain.titles import Levels
from connector.ports.crm import CrmSpec
from connector.settings.checking import Checker
from connector.settings.derived_keys import DATES, CountKeys, DateKeys, DerivedKeys, TitlesKeys
from connector.settings.documents import Path
from connector.settings.facts import COUNTERPART, OWNERS, Declared, FactBook, check_field, may_have_values
from connector.settings.program_keys import Vocabulary
from connector.settings.scopes import check_scope

COUNTED_BY = {
    RecordKind.OPPORTUNITY: "opportunity.closes_on",
    RecordKind.CASE: "case.opened_on",
    RecordKind.CONTRACT: "contract.starts_on",
}
"""The date that says whether a record lies within a count's time, where `by` names no other."""
_CONSENT = frozenset({"contact.opted_out", "contact.bounced"})
_CHILDREN_TOLD = f"{', '.join(CHILDREN[:-1])} or {CHILDREN[-1]}"
_LEVEL = Fact(kind=RecordKind.CONTACT, word="level", type=FactType.TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What the sources of one fact are checked with."""

    fact: Fact
    checker: Checker
    spec: CrmSpec
    words: Vocabulary
    levels: Levels | None


def read_derived(
    checker: Checker, *, declared: Declared, spec: CrmSpec, book: FactBook, levels: Levels | None
) -> tuple[Derivation, ...]:
    """The valid derivations of a connection; the fields that they read are added to its sources."""
    words = Vocabulary(facts=_known(declared, spec=spec, book=book), doubtful=frozenset(book.doubtful))
    derivations: list[Derivation] = []
    for fact, path in declared.several.items():
        reading = _Reading(fact=fact, checker=checker, spec=spec, words=words, levels=levels)
        parts = _read_parts(reading, path=path, declared=declared)
        if parts:
            derivations.append(Derivation(fact=fact, parts=tuple(parts)))
    for derivation in derivations:
        declared.sources.update({fact: part.source for fact, part in derivation.own()})
    return tuple(derivations)


def _known(declared: Declared, *, spec: CrmSpec, book: FactBook) -> Mapping[str, Fact]:
    """The facts of this connection; what it does not read cannot be counted in it."""
    names = {fact.name for fact in (*declared.sources, *declared.several)} | set(spec.sources)
    return {name: fact for name, fact in sorted(book.facts.items()) if name in names}


def _read_parts(reading: _Reading, *, path: Path, declared: Declared) -> list[Part] | None:
    """The sources in their order; None with mistakes."""
    fact, checker = reading.fact, reading.checker
    if fact.name in _CONSENT:
        found, expected = f"found several sources for {fact.name}", "expected one field: a no anywhere is a no"
        checker.add(path, found=found, expected=expected)
        return None
    data = checker.document.at(path)
    if not isinstance(data, dict) or "first_of" not in data:
        part = _read_part(reading, data, path=path)
        return None if part is None else [part]
    keys = checker.check(DerivedKeys, data, at=path)
    if keys is not None and keys.values and may_have_values(fact, checker=checker, path=path):
        declared.values[fact] = keys.values
    items = data["first_of"] if isinstance(data["first_of"], list) else []
    read = [_read_part(reading, item, path=(*path, "first_of", index)) for index, item in enumerate(items)]
    for index, part in enumerate(read[:-1]):
        if isinstance(part, CountPart):
            at = (*path, "first_of", index)
            checker.add(at, found="found `count` before others", expected="expected it last: it is never unknown")
    parts = [part for part in read if part is not None]
    return parts if keys is not None and len(parts) == len(read) else None


def _read_part(reading: _Reading, item: Any, *, path: Path) -> Part | None:
    if isinstance(item, str):
        return _read_field(reading, item, path=path)
    if isinstance(item, dict) and "titles" in item:
        return _read_titles(reading, item, path=path)
    if isinstance(item, dict) and "count" in item:
        return _read_count(reading, item, path=path)
    if isinstance(item, dict) and any(key in item for key in DATES):
        return _read_date(reading, item, path=path)
    expected = "expected a field, or a mapping with titles, count, next, latest or first"
    reading.checker.add(path, found="found no source", expected=expected)
    return None


def _read_field(reading: _Reading, source: str, *, path: Path) -> Part | None:
    fact, checker, spec = reading.fact, reading.checker, reading.spec
    if fact == COUNTERPART and source in OWNERS:
        if source in (reading.words.facts or {}):
            return OwnerPart(kind=RecordKind(source.partition(".")[0]))
        checker.add(path, found=f"found {source}", expected="expected a fact that is mapped under `facts:`")
        return None
    return FieldPart(source=source) if check_field(source, fact=fact, spec=spec, checker=checker, path=path) else None


def _read_titles(reading: _Reading, item: Any, *, path: Path) -> TitlePart | None:
    fact, checker, at = reading.fact, reading.checker, (*path, "titles")
    keys = checker.check(TitlesKeys, item, at=path)
    if fact != _LEVEL:
        checker.add_key(at, found=f"found `titles` for {fact.name}", expected="expected it for contact.level only")
        return None
    if not checker.document.has(("levels",)):
        expected = "expected `levels:` in this file, with patterns such as executive: [chief *]"
        checker.add_key(at, found="found `titles`", expected=expected)
    title = Fact(kind=RecordKind.CONTACT, word="title", type=FactType.TEXT)
    if keys is None or not check_field(keys.titles, fact=title, spec=reading.spec, checker=checker, path=at):
        return None
    return TitlePart(source=keys.titles, levels=reading.levels or {})


def _read_date(reading: _Reading, item: Any, *, path: Path) -> DatePart | None:
    checker = reading.checker
    said = [key for key in DATES if key in item]
    if len(said) != 1:
        checker.add(path, found=f"found {' and '.join(said)}", expected=f"expected one of {', '.join(DATES)}")
        return None
    at, kind = (*path, said[0]), str(item[said[0]]).partition(".")[0]
    if kind in list(CHILDREN) and not _can_read(reading, RecordKind(kind), FactType.DATE, path=at):
        return None
    keys = checker.check(DateKeys, item, at=path, context=reading.words)
    date: Fact | None = getattr(keys, said[0]) if keys is not None else None
    if keys is None or date is None or not _is_date(reading, date, path=at):
        return None
    _check_where(reading, keys, kind=date.kind, path=path)
    return DatePart(take=Take(said[0]), fact=date, where=keys.where)


def _read_count(reading: _Reading, item: Any, *, path: Path) -> CountPart | None:
    keys = reading.checker.check(CountKeys, item, at=path, context=reading.words)
    if keys is None:
        return None
    kind = RecordKind(keys.count)
    if not _can_read(reading, kind, FactType.NUMBER, path=(*path, "count")):
        return None
    _check_where(reading, keys, kind=kind, path=path)
    if keys.within is None:
        if "by" in item:
            reading.checker.add_key((*path, "by"), found="found `by`", expected="expected it beside `within` only")
        return CountPart(kind=kind, where=keys.where)
    by = keys.by or (reading.words.facts or {}).get(COUNTED_BY[kind])
    if not isinstance(by, Fact) or by.kind is not kind or by.type is not FactType.DATE:
        at = (*path, "by") if "by" in item else (*path, "within")
        found = f"found {by.name}" if by is not None else f"found `within`, and {COUNTED_BY[kind]} is not mapped"
        reading.checker.add(at, found=found, expected=f"expected `by` with a date of the {kind}")
        return None
    return CountPart(kind=kind, where=keys.where, window=keys.within, by=by)


def _is_date(reading: _Reading, fact: Fact, *, path: Path) -> bool:
    if fact.kind in CHILDREN and fact.type is FactType.DATE:
        return True
    expected = f"expected a date of an {_CHILDREN_TOLD}"
    reading.checker.add(path, found=f"found {fact.name}, a {fact.type}", expected=expected)
    return False


def _can_read(reading: _Reading, kind: RecordKind, gives: FactType, *, path: Path) -> bool:
    """Whether records of a kind can tell the fact: those that the CRM shows, for an account, of the fact's type."""
    fact, spec = reading.fact, reading.spec
    found = f"found records of kind {kind}"
    if fact.kind is not RecordKind.ACCOUNT:
        expected = "expected fields only: child records tell facts of accounts"
    elif kind not in spec.capabilities.reads or f"{kind}.account" not in (reading.words.facts or {}):
        expected = f"expected none: {spec.label} has no {kind} here"
    elif fact.type is not gives:
        found, expected = f"found a {gives} for {fact.name}", f"expected a {fact.type}, which it is"
    else:
        return True
    reading.checker.add(path, found=found, expected=expected)
    return False


def _check_where(reading: _Reading, keys: DateKeys | CountKeys, *, kind: RecordKind, path: Path) -> None:
    why = f"`where` reads the {kind} that is looked at only"
    check_scope(keys.where, checker=reading.checker, path=(*path, "where"), kinds={kind}, why=why)
