"""A page on its way in: its rows in a temporary table, each matched with the stored record it stands for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Table,
    and_,
    false,
    func,
    or_,
    update,
)

from connector.domain.addresses import normalise_address
from connector.domain.records import WELL_KNOWN, FactType, RecordKind
from connector.ports.crm import Page
from connector.storage.bulk import analyse, load
from connector.storage.records_json import member
from connector.storage.tables.kinds import RECORD_TABLES

_OURS = "ours."
_LEADING = ("n", "crm_id", "stamp", "cause")
_GIVEN = "address_given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What pages with these columns look like in the database; `words` have columns, `facts` and `ours` do not."""

    kind: RecordKind
    record: Table
    stage: Table
    words: tuple[str, ...]
    facts: tuple[str, ...]
    ours: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The typed columns that a page fills, in the stage and in the record alike."""
        return (*self.words, _GIVEN) if self.has_person_address else self.words

    @property
    def has_person_address(self) -> bool:
        """Whether the page says which addresses its contacts have."""
        return self.kind is RecordKind.CONTACT and "address" in self.words


@lru_cache(maxsize=64)
def shape_of(kind: RecordKind, columns: tuple[str, ...]) -> Shape:
    """The shape of pages of a kind with these columns."""
    words = tuple(word for word in columns[2:] if word in WELL_KNOWN[kind])
    ours = tuple(word.removeprefix(_OURS) for word in columns[2:] if word.startswith(_OURS))
    facts = tuple(word for word in columns[2:] if word not in WELL_KNOWN[kind] and not word.startswith(_OURS))
    record = RECORD_TABLES[kind]
    is_contact = kind is RecordKind.CONTACT
    copied = ["crm_id", "stamp", *words, *([_GIVEN] if is_contact and "address" in words else []), "facts", "ours"]
    stage = Table(
        f"stage_{kind}",
        MetaData(),
        Column("n", Integer, primary_key=True, autoincrement=False),
        Column("cause", record.c.crm.type, nullable=False),
        *(Column(name, record.c[name].type) for name in copied),
        Column("record_id", Integer),
        Column("person_id", Integer),
        *(Column(name, Boolean) for name in ("is_stale", "is_back", "is_changed", "is_touched", "is_leaving")),
        prefixes=["TEMPORARY"],
    )
    return Shape(kind=kind, record=record, stage=stage, words=words, facts=facts, ours=ours)


def stage_page(connection: Connection, shape: Shape, page: Page) -> None:
    """Put the page's rows into the stage: the newest of each id, without those that the page calls removed."""
    names = (*_LEADING, *shape.columns, "facts", "ours")
    load(connection, shape.stage, names, _staged_rows(shape, page))
    analyse(connection, shape.stage)


def match_stage(connection: Connection, shape: Shape, *, crm: str) -> None:
    """Note for each staged row which stored record it is, and whether it is older, restored, or differs."""
    record, stage = shape.record, shape.stage
    statement = (
        update(stage)
        .where(record.c.crm == crm, record.c.crm_id == stage.c.crm_id)
        .values(
            record_id=record.c.id,
            is_stale=func.coalesce(stage.c.stamp < record.c.stamp, false()),
            is_back=record.c.removed_at.is_not(None),
            is_changed=or_(false(), *(differs(shape, word) for word in (*shape.words, *shape.facts))),
            is_touched=or_(record.c.removed_at.is_not(None), *_touches(shape)),
        )
    )
    if shape.has_person_address:
        is_moved = record.c.address.is_distinct_from(stage.c.address)
        statement = statement.values(is_leaving=and_(record.c.removed_at.is_(None), is_moved))
    connection.execute(statement)


def differs(shape: Shape, word: str) -> ColumnElement[bool]:
    """Whether the stage and the record have two values of a fact; a value that was never seen is none."""
    record, stage = shape.record, shape.stage
    if word in shape.words:
        return record.c[word].is_distinct_from(stage.c[word])
    stored = member(record.c.facts, word)
    return and_(stored.is_not(None), stored.is_distinct_from(member(stage.c.facts, word)))


def _touches(shape: Shape) -> Iterator[ColumnElement[bool]]:
    """What makes a record's row change without a fact of it changing."""
    record, stage = shape.record, shape.stage
    yield stage.c.stamp > record.c.stamp
    yield and_(stage.c.stamp.is_not(None), record.c.stamp.is_(None))
    if shape.has_person_address:
        yield record.c[_GIVEN].is_distinct_from(stage.c[_GIVEN])
    for word in shape.facts:
        yield member(record.c.facts, word).is_(None)
    for word in shape.ours:
        yield member(record.c.ours, word).is_distinct_from(member(stage.c.ours, word))


def _staged_rows(shape: Shape, page: Page) -> Iterator[tuple[Any, ...]]:
    removed = {removal.crm_id for removal in page.removed}
    winners = {removal.merged_into for removal in page.removed if removal.merged_into}
    places = {word: place for place, word in enumerate(page.columns)}
    types = WELL_KNOWN[shape.kind]
    typed = [(places[word], types[word]) for word in shape.words]
    facts = [(word, places[word]) for word in shape.facts]
    ours = [(word, places[_OURS + word]) for word in shape.ours]
    address = shape.words.index("address") if shape.has_person_address else None
    for n, row in enumerate(_newest(page.rows)):
        if row[0] in removed:
            continue
        values = [_typed(row[place], fact_type) for place, fact_type in typed]
        if address is not None:
            values.append(values[address])
            values[address] = normalise_address(values[address])
        yield (
            n,
            row[0],
            row[1],
            "merge" if row[0] in winners else "crm",
            *values,
            {word: _plain(row[place]) for word, place in facts},
            {word: _plain(row[place]) for word, place in ours},
        )


def _newest(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    newest: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        earlier = newest.get(row[0])
        if earlier is None or row[1] is None or earlier[1] is None or row[1] >= earlier[1]:
            newest[row[0]] = row
    return iter(newest.values())


def _typed(value: Any, fact_type: FactType) -> Any:
    if value is None:
        return None
    match fact_type:
        case FactType.TEXT:
            return _storable(str(value))
        case FactType.NUMBER:
            return float(value)
        case FactType.BOOLEAN:
            return bool(value)
        case FactType.DATE:
            return value.date() if isinstance(value, datetime) else value


def _plain(value: Any) -> Any:
    """A value as JSON holds it, so that equal values have equal text."""
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def _storable(text: str) -> str:
    """PostgreSQL takes no NUL, and no database half of a surrogate pair; CRMs deliver both."""
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-8", "replace").decode()
