"""Derived facts in SQL: all records of a connection at once, written only where they differ."""

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    case,
    delete,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from connector.domain.derivation import FIRST_OF, FROM, CountPart, Derivation
from connector.domain.records import PART, Fact, FactType, RecordKind
from connector.ports.storage.deriving import DerivedSource
from connector.storage.bulk import analyse, for_this_page
from connector.storage.derived_values import Told, children_of, compared_as, told
from connector.storage.records_json import as_json, member, merged, only_member, without_null
from connector.storage.records_people import lock_persons
from connector.storage.records_upsert import FIELD_CHANGE, append_changes
from connector.storage.tables.derived import DerivationRow, DerivedSourceRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.records import FactMappingRow
from connector.storage.tables.rows import table_of
from connector.storage.tables.running import CursorRow
from connector.storage.upserts import insert_for

_SOURCE, _DERIVATION = table_of(DerivedSourceRow), table_of(DerivationRow)
_MAPPING, _CURSOR = table_of(FactMappingRow), table_of(CursorRow)
_SOURCED = ("part", "source_kind", "source_id", "source_on")
_CHUNK = 500


class SqlDerived:
    """The store of derived facts over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def definitions(self, crm: str) -> Mapping[str, str]:
        query = select(_DERIVATION.c.fact, _DERIVATION.c.definition).where(_DERIVATION.c.crm == crm)
        return {row.fact: row.definition for row in self._connection.execute(query)}

    def outdated(self, crm: str, reads: Mapping[str, Set[RecordKind]], *, since: datetime) -> Set[str]:
        derived = select(_DERIVATION.c.fact, _DERIVATION.c.derived_at).where(_DERIVATION.c.crm == crm)
        known = {row.fact: row.derived_at for row in self._connection.execute(derived)}
        is_changed = and_(_CURSOR.c.crm == crm, _CURSOR.c.changed_at.is_not(None))
        pages = self._connection.execute(select(_CURSOR.c.kind, _CURSOR.c.changed_at).where(is_changed))
        changed = {RecordKind(row.kind): row.changed_at for row in pages}
        return {
            fact
            for fact, kinds in reads.items()
            if fact not in known or known[fact] < max([since, *(changed[kind] for kind in kinds if kind in changed)])
        }

    def hold_pages(self, crm: str, kinds: Set[RecordKind]) -> datetime | None:
        lock_persons(self._connection)  # before any cursor, as a page of accounts or contacts takes it
        names = sorted(kind.value for kind in kinds)
        query = select(_CURSOR.c.synced_at).where(_CURSOR.c.crm == crm, _CURSOR.c.kind.in_(names))
        held = self._connection.scalars(query.order_by(_CURSOR.c.kind).with_for_update())
        return max(held, default=None)

    def derive(
        self,
        crm: str,
        derivation: Derivation,
        *,
        definition: str,
        today: date,
        at: datetime,
        unread: Set[RecordKind] = frozenset(),
    ) -> int:
        lock_persons(self._connection)  # before any row, as a page of accounts or contacts takes it
        fact, stage = derivation.fact, _stage(derivation.fact.type, is_count=_is_count(derivation))
        children = children_of(derivation, crm=crm, today=today, unread=unread)
        with for_this_page(self._connection, stage, *(table for table, _ in children.values())):
            for table, query in children.values():
                self._connection.execute(insert(table).from_select(["record_id", "number", "source_id"], query))
                analyse(self._connection, table)
            tables = {number: table for number, (table, _) in children.items()}
            says = told(derivation, children=tables, unread=unread)
            settled = self._settled(crm, fact, definition)
            self._fill(stage, fact, says, crm=crm, settled_at=settled)
            analyse(self._connection, stage)
            changed = self._count(stage)
            if changed:
                self._note(stage, fact, crm=crm, at=at)
                self._write(stage, fact)
            self._keep_sources(stage, fact)
        self._remember(crm, fact, definition=definition, at=at)
        return changed

    def forget(self, crm: str, *, kept: Sequence[str]) -> None:
        gone = [name for name in self.definitions(crm) if name not in kept]
        for name in gone:
            kind, _, word = name.partition(".")
            record = RECORD_TABLES[RecordKind(kind)]
            theirs = select(record.c.id).where(record.c.crm == crm)
            is_of = (_SOURCE.c.kind == kind, _SOURCE.c.fact == word, _SOURCE.c.record_id.in_(theirs))
            self._connection.execute(delete(_SOURCE).where(*is_of))
        if gone:
            is_gone = (_DERIVATION.c.crm == crm, _DERIVATION.c.fact.in_(gone))
            self._connection.execute(delete(_DERIVATION).where(*is_gone))

    def sources(self, kind: RecordKind, record_ids: Sequence[int]) -> Sequence[DerivedSource]:
        record, found, derived = RECORD_TABLES[kind], list[DerivedSource](), self._derived()
        for start in range(0, len(record_ids), _CHUNK):
            ids = record_ids[start : start + _CHUNK]
            stored = select(_SOURCE).where(_SOURCE.c.kind == kind.value, _SOURCE.c.record_id.in_(ids))
            found += [_source(row, kind) for row in self._connection.execute(stored)]
            own = select(record.c.id, record.c.crm, record.c.crm_id, record.c.facts).where(record.c.id.in_(ids))
            for row in self._connection.execute(own):
                found += _own_sources(row, kind, derived=derived)
        return sorted(found, key=lambda each: (each.record_id, each.fact))

    def _derived(self) -> frozenset[tuple[str, str]]:
        """The connections and names of facts with several sources; of others what a page once said of it is old."""
        query = select(_MAPPING.c.crm, _MAPPING.c.fact).where(_MAPPING.c.source.startswith(FIRST_OF, autoescape=True))
        return frozenset((row.crm, row.fact) for row in self._connection.execute(query))

    def _settled(self, crm: str, fact: Fact, definition: str) -> datetime | None:
        """When the fact was derived last by the same definition: records seen by then had their first value."""
        row = _DERIVATION.c
        query = select(row.derived_at).where(row.crm == crm, row.fact == fact.name, row.definition == definition)
        return self._connection.execute(query).scalar()

    def _fill(self, stage: Table, fact: Fact, says: Told, *, crm: str, settled_at: datetime | None) -> None:
        record = RECORD_TABLES[fact.kind]
        is_settled = false() if settled_at is None else record.c.first_seen_at <= settled_at
        rows = (
            select(
                record.c.id,
                says.value,
                says.part,
                says.source_kind,
                says.source_id,
                says.source_on,
                is_settled,
                compared_as(fact, record).is_distinct_from(says.compared),
            )
            .select_from(says.source)
            .where(record.c.crm == crm, record.c.removed_at.is_(None))
        )
        columns = ["record_id", "value", *_SOURCED, "is_settled", "is_changed"]
        self._connection.execute(insert(stage).from_select(columns, rows, include_defaults=False))

    def _count(self, stage: Table) -> int:
        return int(self._connection.execute(select(func.count()).where(stage.c.is_changed)).scalar_one())

    def _note(self, stage: Table, fact: Fact, *, crm: str, at: datetime) -> None:
        record, change = RECORD_TABLES[fact.kind], FIELD_CHANGE.c
        old = _as_json(fact, record)
        rows = select(
            literal(crm, change.crm.type),
            literal(fact.kind.value, change.kind.type),
            record.c.id,
            literal(fact.word, change.fact.type),
            old,
            as_json(stage.c.value),
            literal(at, change.seen_at.type),
            literal(None, change.stamp.type),
            case((stage.c.is_settled, literal("derived")), else_=literal("mapping")),
        ).where(record.c.id == stage.c.record_id, stage.c.is_changed, or_(stage.c.is_settled, old.is_not(None)))
        append_changes(self._connection, rows.order_by(record.c.id))

    def _write(self, stage: Table, fact: Fact) -> None:
        record = RECORD_TABLES[fact.kind]
        values: dict[str, ColumnElement[Any]] = {fact.word: stage.c.value}
        if not fact.is_well_known:
            word = literal(fact.word)
            values = {"facts": merged(record.c.facts, only_member(word, stage.c.value), word)}
        is_changed = and_(record.c.id == stage.c.record_id, stage.c.is_changed)
        self._connection.execute(update(record).where(is_changed).values(values))

    def _keep_sources(self, stage: Table, fact: Fact) -> None:
        """The sources of values that there are; those that stay as they are stay untouched."""
        is_of = (_SOURCE.c.kind == fact.kind.value, _SOURCE.c.fact == fact.word)
        nothing = select(stage.c.record_id).where(stage.c.part.is_(None))
        self._connection.execute(delete(_SOURCE).where(*is_of, _SOURCE.c.record_id.in_(nothing)))
        key = [literal(fact.kind.value, String), stage.c.record_id, literal(fact.word, String)]
        rows = select(*key, *(stage.c[name] for name in _SOURCED)).where(stage.c.part.is_not(None))
        names = ["kind", "record_id", "fact", *_SOURCED]
        statement = insert_for(self._connection, _SOURCE).from_select(names, rows, include_defaults=False)
        differs = or_(*(_SOURCE.c[name].is_distinct_from(statement.excluded[name]) for name in _SOURCED))
        statement = statement.on_conflict_do_update(
            index_elements=["kind", "record_id", "fact"],
            set_={name: statement.excluded[name] for name in _SOURCED},
            where=differs,
        )
        self._connection.execute(statement)

    def _remember(self, crm: str, fact: Fact, *, definition: str, at: datetime) -> None:
        values = {"definition": definition, "derived_at": at}
        statement = insert_for(self._connection, _DERIVATION).values(crm=crm, fact=fact.name, **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["crm", "fact"], set_=values))


def _is_count(derivation: Derivation) -> bool:
    return all(isinstance(part, CountPart) for part in derivation.parts)


@cache
def _stage(type_: FactType, *, is_count: bool) -> Table:
    """A row of each record: the value, where it comes from, and whether it is another one than the record's.

    One table for each type of value, as statements on a new one would be compiled anew.
    """
    types: dict[FactType, Any] = {FactType.DATE: Date, FactType.NUMBER: Integer if is_count else Float}
    return Table(
        "stage_derived",
        MetaData(),
        Column("record_id", Integer, primary_key=True, autoincrement=False),
        Column("value", types.get(type_, String)),
        *(Column(name, _SOURCE.c[name].type) for name in _SOURCED),
        Column("is_settled", Boolean, nullable=False),
        Column("is_changed", Boolean, nullable=False),
        prefixes=["TEMPORARY"],
    )


def _as_json(fact: Fact, record: Table) -> ColumnElement[Any]:
    return as_json(record.c[fact.word]) if fact.is_well_known else without_null(member(record.c.facts, fact.word))


def _source(row: Any, kind: RecordKind) -> DerivedSource:
    return DerivedSource(
        record_id=row.record_id,
        fact=f"{kind}.{row.fact}",
        part=row.part,
        kind=RecordKind(row.source_kind),
        crm_id=row.source_id,
        on=row.source_on,
    )


def _own_sources(row: Any, kind: RecordKind, *, derived: Set[tuple[str, str]]) -> list[DerivedSource]:
    """Of facts that the record's own fields tell; the page that brought them said which field it was."""
    names = {word: f"{kind}.{word.partition(PART)[0]}" for word in row.facts if word.endswith(FROM)}
    return [
        DerivedSource(record_id=row.id, fact=name, part=row.facts[word], kind=kind, crm_id=row.crm_id, on=None)
        for word, name in names.items()
        if row.facts[word] is not None and (row.crm, name) in derived
    ]
