"""Which fields are read of an object: what it shows to us (describe) cut with what the facts ask for. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from adapters.salesforce.mapping import (
    NOT_EVERYWHERE,
    OBJECTS,
    REQUIRED,
    SOURCES,
    Converter,
    converter_for,
    expected_types,
    id18,
    moment,
    split_source,
    write_field_name,
)
from connector.domain.records import WELL_KNOWN, Fact, FactType, FactValue, RecordKind
from connector.domain.write_back import WriteField

KEY_FIELDS = ("Id", "SystemModstamp")
KEY_COLUMNS = ("crm_id", "stamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One of our words, the field behind it, and how its JSON becomes the value."""

    word: str
    field: str
    convert: Converter


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A word that cannot be read, and why; where it is required, nothing of the kind is read."""

    word: str
    message: str
    is_required: bool
    is_missing: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is read of one kind, and what is not."""

    kind: RecordKind
    object_name: str
    columns: tuple[Column, ...]
    gaps: tuple[Gap, ...]
    has_master: bool
    is_replicated: bool
    tells_closed: bool = False
    """Whether a record says if it is closed, in a field of that name that every such object has."""

    @property
    def words(self) -> tuple[str, ...]:
        """The columns of a page."""
        return (*KEY_COLUMNS, *(column.word for column in self.columns))

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a query, each once: two words may read one field."""
        return tuple(dict.fromkeys((*KEY_FIELDS, *(column.field for column in self.columns))))

    def rows(self, records: Sequence[Mapping[str, Any]]) -> list[tuple[FactValue, ...]]:
        """Records of a query as rows of a page."""
        reads: list[tuple[str, Callable[[Any], FactValue]]] = [("Id", id18), ("SystemModstamp", moment)]
        reads += [(column.field, column.convert) for column in self.columns]
        return [tuple(convert(record.get(field)) for field, convert in reads) for record in records]


def layout_of(
    kind: RecordKind,
    described: Mapping[str, Any],
    *,
    sources: Mapping[Fact, str],
    write_fields: Sequence[WriteField],
    zone: Callable[[], tzinfo],
) -> Layout:
    """The layout of a kind from its describe, the admin's sources above the defaults, and our own fields.

    `zone`, the org's, is asked for only where a date is read from a field with a time.
    """
    seen = {field["name"].lower(): field for field in described["fields"]}
    found = [_resolved(wanted, seen, zone=zone) for wanted in _wanted(kind, sources)]
    found += _ours(kind, seen, write_fields)
    return Layout(
        kind=kind,
        object_name=OBJECTS[kind],
        columns=tuple(item for item in found if isinstance(item, Column)),
        gaps=tuple(item for item in found if isinstance(item, Gap)),
        has_master="masterrecordid" in seen,
        is_replicated=bool(described.get("replicateable")),
        tells_closed="isclosed" in seen,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    fact: Fact
    source: str
    is_declared: bool


def _wanted(kind: RecordKind, sources: Mapping[Fact, str]) -> Iterator[_Wanted]:
    """The well-known words in their order, then the admin's own, each with the source that stands."""
    declared = {fact.word: (fact, source) for fact, source in sources.items() if fact.kind is kind}
    for word, fact_type in WELL_KNOWN[kind].items():
        if word in declared:
            fact, source = declared.pop(word)
            yield _Wanted(fact=fact, source=source, is_declared=True)
        elif f"{kind}.{word}" in SOURCES:
            fact = Fact(kind=kind, word=word, type=fact_type)
            yield _Wanted(fact=fact, source=SOURCES[fact.name], is_declared=False)
    for fact, source in declared.values():
        yield _Wanted(fact=fact, source=source, is_declared=True)


def _resolved(
    wanted: _Wanted, seen: Mapping[str, Mapping[str, Any]], *, zone: Callable[[], tzinfo]
) -> Column | Gap | None:
    fact, name = wanted.fact, wanted.fact.name
    is_required = wanted.is_declared or name in REQUIRED
    object_name, field_name = split_source(wanted.source)
    if object_name and object_name.lower() != OBJECTS[fact.kind].lower():
        message = f"{name} reads {wanted.source}, but facts of the {fact.kind} are fields of {OBJECTS[fact.kind]}"
        return Gap(word=fact.word, message=message, is_required=is_required)
    field = seen.get(field_name.lower())
    if field is None:
        if name in NOT_EVERYWHERE and not wanted.is_declared:
            return None
        return Gap(word=fact.word, message=_missing(wanted), is_required=is_required)
    word = fact.read_as if fact.read_as in WELL_KNOWN[fact.kind] else ""
    fact_type = WELL_KNOWN[fact.kind].get(word, fact.type)
    convert = converter_for(word, fact_type, field_type=field["type"], zone=zone)
    if convert is None:
        expected = expected_types(word, fact_type)
        message = f"{name} reads {wanted.source}, a field of type {field['type']}; expected {expected}"
        return Gap(word=fact.word, message=message, is_required=is_required, is_missing=False)
    return Column(word=fact.word, field=field["name"], convert=convert)


def _missing(wanted: _Wanted) -> str:
    place = f"{OBJECTS[wanted.fact.kind]}.{split_source(wanted.source)[1]}"
    start = f"{place} ({wanted.fact.name}) is missing or hidden from the integration user"
    if wanted.fact.name in REQUIRED:
        remedy = f"grant it read access to the field, or map {wanted.fact.name} to the field that holds the opt-out"
        return f"{start}: without it people who opted out could be asked; {remedy}"
    if wanted.is_declared:
        return f"{start}: grant it read access to the field, or correct facts: in the settings"
    return f"{start}: the fact stays unknown; grant it read access to the field"


def _ours(
    kind: RecordKind, seen: Mapping[str, Mapping[str, Any]], write_fields: Sequence[WriteField]
) -> Iterator[Column]:
    """Our own fields where they exist; one that is missing matters to a push only."""
    for own in (own for own in write_fields if own.kind is kind):
        field = seen.get(write_field_name(own.word).lower())
        convert = field and converter_for("", own.type, field_type=field["type"])
        if field and convert:
            yield Column(word=f"ours.{own.word}", field=field["name"], convert=convert)


def write_gaps(kind: RecordKind, described: Mapping[str, Any], *, write_fields: Sequence[WriteField]) -> list[Gap]:
    """Our fields of a kind that a push could not set, with the remedy."""
    seen = {field["name"].lower(): field for field in described["fields"]}
    gaps = []
    for own in (own for own in write_fields if own.kind is kind):
        problem = _write_problem(own, seen.get(write_field_name(own.word).lower()))
        if problem:
            message = f"{OBJECTS[kind]}.{write_field_name(own.word)} {problem}"
            gaps.append(Gap(word=own.word, message=message, is_required=True))
    return gaps


def _write_problem(own: WriteField, field: Mapping[str, Any] | None) -> str | None:
    wanted = {FactType.NUMBER: "Number", FactType.DATE: "Date", FactType.BOOLEAN: "Checkbox"}.get(own.type, "Text")
    if field is None:
        return f"is missing or hidden: create it as {wanted}, and grant the integration user read and edit access"
    if not field.get("updateable"):
        return "is read-only for the integration user: grant it edit access to the field"
    if converter_for("", own.type, field_type=field["type"]) is None:
        return f"has type {field['type']}: create it as {wanted}"
    return None
