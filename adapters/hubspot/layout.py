"""Which properties are read of an object: what the portal has cut with what the facts ask for. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from adapters.hubspot.mapping import (
    MERGED_IDS,
    NOT_EVERYWHERE,
    OBJECTS,
    PLURALS,
    PRIMARY_COMPANY,
    REQUIRED,
    SOURCES,
    Converter,
    any_set,
    consent,
    converter_for,
    expected_types,
    first,
    is_read_only,
    joined,
    moment,
    write_property,
)
from connector.domain.records import WELL_KNOWN, Fact, FactType, FactValue, RecordKind
from connector.domain.write_back import WriteField
from connector.ports.crm import Removal
from connector.ports.errors import CrmMissingField

KEY_COLUMNS = ("crm_id", "stamp")
_JOINS: Mapping[str, Converter] = {"contact.name": joined, "contact.bounced": any_set, "case.is_closed": first}
"""Facts that stand on several properties, of which those that exist are enough; and the stage that tells of one."""
_WIDE = 2_000
"""Characters of property names: a search body ends at 3,000, an address worked up to 5,116."""

Links = Mapping[str, Mapping[str, str]]
"""By object type and record id: the one record that it is associated with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One of our words, the properties behind it, and how their texts become the value."""

    word: str
    properties: tuple[str, ...]
    convert: Converter


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkColumn:
    """One of our words that an association holds; without `primary_type` only a single associated record counts."""

    word: str
    target: str
    primary_type: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A word that cannot be read, and why; where it is required, nothing of the kind is read."""

    word: str
    message: str
    is_required: bool
    is_missing: bool = True


_ASSOCIATED: Mapping[str, LinkColumn] = {
    **{
        f"{kind}.account": LinkColumn(word="account", target="companies", primary_type=number)
        for kind, number in PRIMARY_COMPANY.items()
    },
    **{f"{kind}.contact": LinkColumn(word="contact", target="contacts") for kind in PRIMARY_COMPANY},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is read of one kind, and what is not."""

    kind: RecordKind
    columns: tuple[Column | LinkColumn, ...]
    gaps: tuple[Gap, ...]
    tells_merges: bool

    @property
    def object_name(self) -> str:
        """The object type as paths name it."""
        return PLURALS[self.kind]

    @property
    def words(self) -> tuple[str, ...]:
        """The columns of a page."""
        return (*KEY_COLUMNS, *(column.word for column in self.columns))

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties to ask for, each once: two words may read one."""
        named = [name for column in self.columns if isinstance(column, Column) for name in column.properties]
        return tuple(dict.fromkeys([*named, *([MERGED_IDS] if self.tells_merges else [])]))

    @property
    def is_wide(self) -> bool:
        """Whether the properties are too many for one request, so that records are read by id after their page."""
        return sum(len(name) + 3 for name in self.properties) > _WIDE

    @property
    def links(self) -> tuple[LinkColumn, ...]:
        """The columns that associations hold."""
        return tuple(column for column in self.columns if isinstance(column, LinkColumn))

    def row(self, record: Mapping[str, Any], *, links: Links) -> tuple[FactValue, ...]:
        """A record as a row of a page. Raises CrmMissingField where a property has vanished since it was listed."""
        crm_id, values = str(record["id"]), record["properties"]
        found: list[FactValue] = [crm_id, moment(record["updatedAt"])]
        for column in self.columns:
            if isinstance(column, LinkColumn):
                found.append(links.get(column.target, {}).get(crm_id))
            else:
                found.append(column.convert([self._value(values, name) for name in column.properties]))
        return tuple(found)

    def _value(self, values: Mapping[str, Any], name: str) -> str | None:
        """A property's text. An unset one is null; one that is left out does not exist any more, which is not empty."""
        if name not in values:
            object_name = OBJECTS[self.kind]
            raise CrmMissingField(f"{object_name}.{name} was left out of HubSpot's answer", kind=self.kind)
        return None if values[name] is None else str(values[name])


def merges_of(record: Mapping[str, Any]) -> list[Removal]:
    """The records that were merged into this one; a merge usually makes a new id, so that both old ones are gone."""
    crm_id = str(record["id"])
    former = str(record["properties"].get(MERGED_IDS) or "").split(";")
    return [Removal(crm_id=old.strip(), merged_into=crm_id) for old in former if old.strip() not in ("", crm_id)]


def picked(link: LinkColumn, targets: Sequence[tuple[str, frozenset[int]]]) -> str | None:
    """The one associated record that a word means, or None: never just the first."""
    if link.primary_type is not None:
        return next((crm_id for crm_id, types in targets if link.primary_type in types), None)
    ids = {crm_id for crm_id, _ in targets}
    return ids.pop() if len(ids) == 1 else None


def layout_of(
    kind: RecordKind,
    described: Sequence[Mapping[str, Any]],
    *,
    sources: Mapping[Fact, str],
    write_fields: Sequence[WriteField],
    zone: tzinfo,
) -> Layout:
    """The layout of a kind from its property list, the admin's sources above the defaults, and our own properties."""
    seen = {entry["name"].lower(): entry for entry in described}
    found: list[Column | LinkColumn | Gap] = []
    for wanted in _wanted(kind, sources):
        found += _resolved(wanted, seen, zone=zone)
    found += own_columns(kind, described, write_fields=write_fields, zone=zone)
    tells_merges = MERGED_IDS in seen
    if not tells_merges and kind in (RecordKind.ACCOUNT, RecordKind.CONTACT):
        found.append(_merge_gap(kind))
    return Layout(
        kind=kind,
        columns=tuple(item for item in found if not isinstance(item, Gap)),
        gaps=tuple(item for item in found if isinstance(item, Gap)),
        tells_merges=tells_merges,
    )


def _merge_gap(kind: RecordKind) -> Gap:
    message = f"{OBJECTS[kind]}.{MERGED_IDS} is missing or hidden: merges are not followed; make it visible"
    return Gap(word="merges", message=message, is_required=False)


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
    wanted: _Wanted, seen: Mapping[str, Mapping[str, Any]], *, zone: tzinfo
) -> list[Column | LinkColumn | Gap]:
    fact, object_name = wanted.fact, OBJECTS[wanted.fact.kind]
    if fact.name in _ASSOCIATED and not wanted.is_declared:
        return [_ASSOCIATED[fact.name]]
    named, _, rest = wanted.source.rpartition(".")
    if named and named.lower() != object_name:
        message = f"{fact.name} reads {wanted.source}, but facts of the {fact.kind} are properties of {object_name}"
        return [_gap(wanted, message)]
    names = [name.lower() for name in rest.split(" + ")]
    missing = [_gap(wanted, _missing(wanted, name)) for name in names if name not in seen]
    present = [seen[name] for name in names if name in seen]
    if not present:
        return [] if fact.name in NOT_EVERYWHERE and not wanted.is_declared else [*missing]
    return [_column(wanted, present, zone=zone), *missing]


def _column(wanted: _Wanted, present: Sequence[Mapping[str, Any]], *, zone: tzinfo) -> Column | Gap:
    fact = wanted.fact
    properties = tuple(entry["name"] for entry in present)
    if fact.name in _JOINS and not wanted.is_declared:
        return Column(word=fact.word, properties=properties, convert=_JOINS[fact.name])
    word = fact.read_as if fact.read_as in WELL_KNOWN[fact.kind] else ""
    fact_type = WELL_KNOWN[fact.kind].get(word, fact.type)
    convert = converter_for(word, fact_type, described=present[0], zone=zone)
    if convert is None:
        found = f"{fact.name} reads {wanted.source}, a property of type {present[0].get('type')}"
        message = f"{found}; expected {expected_types(word, fact_type)}"
        return replace(_gap(wanted, message), is_missing=False)
    return Column(word=fact.word, properties=properties, convert=consent if fact.name in REQUIRED else convert)


def _gap(wanted: _Wanted, message: str) -> Gap:
    is_required = wanted.is_declared or wanted.fact.name in REQUIRED
    return Gap(word=wanted.fact.word, message=message, is_required=is_required)


def _missing(wanted: _Wanted, name: str) -> str:
    start = f"{OBJECTS[wanted.fact.kind]}.{name} ({wanted.fact.name}) is missing or hidden"
    if wanted.fact.name in REQUIRED:
        return (
            f"{start}: without it people who opted out could be asked; make it visible to the app, or map"
            f" {wanted.fact.name} to the property that holds the opt-out"
        )
    if wanted.is_declared:
        return f"{start}: create it or make it visible to the app, or correct facts: in the settings"
    return f"{start}: what it says stays unknown; make it visible to the app"


def own_columns(
    kind: RecordKind, described: Sequence[Mapping[str, Any]], *, write_fields: Sequence[WriteField], zone: tzinfo
) -> list[Column]:
    """Our own properties where they exist, under the words of a page; one that is missing matters to a push only."""
    seen = {entry["name"].lower(): entry for entry in described}
    found = []
    for own in (own for own in write_fields if own.kind is kind):
        entry = seen.get(write_property(own.word))
        convert = entry and converter_for("", own.type, described=entry, zone=zone)
        if entry and convert:
            found.append(Column(word=f"ours.{own.word}", properties=(entry["name"],), convert=convert))
    return found


def write_gaps(
    kind: RecordKind, described: Sequence[Mapping[str, Any]], *, write_fields: Sequence[WriteField], zone: tzinfo
) -> list[Gap]:
    """Our properties of a kind that a push could not set, with the remedy."""
    seen = {entry["name"].lower(): entry for entry in described}
    gaps = []
    for own in (own for own in write_fields if own.kind is kind):
        problem = _write_problem(own, seen.get(write_property(own.word)), zone=zone)
        if problem:
            message = f"{OBJECTS[kind]}.{write_property(own.word)} {problem}"
            gaps.append(Gap(word=own.word, message=message, is_required=True))
    return gaps


def _write_problem(own: WriteField, entry: Mapping[str, Any] | None, *, zone: tzinfo) -> str | None:
    types = {FactType.NUMBER: "Number", FactType.DATE: "Date picker", FactType.BOOLEAN: "Single checkbox"}
    wanted = types.get(own.type, "Single-line text")
    if entry is None:
        return f"is missing or hidden: create it as {wanted}"
    if is_read_only(entry):
        return "is read-only: let the app edit it"
    # A date with time would show the day of whatever zone the rep's browser has.
    wrong = own.type is FactType.DATE and entry.get("type") != "date"
    if wrong or converter_for("", own.type, described=entry, zone=zone) is None:
        return f"has type {entry.get('type')}: create it as {wanted}"
    return None
