"""Write-back on SQL: dirty marks, what was written, and a log line before every push (design 5.12)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select, update

from connector.domain.records import FactType, FactValue, RecordKind
from connector.domain.write_back import WRITE_FIELDS
from connector.ports.crm import Receipt
from connector.ports.errors import Verdict
from connector.ports.storage.writing import DirtyRecord, LoggedWrite, Refusal
from connector.storage.records_dirty import mark_dirty
from connector.storage.records_voices import mark_accounts
from connector.storage.refusal import living_person
from connector.storage.standings import joined_of, known_at_home, standings_of
from connector.storage.tables.hearing import ResponseRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.records import FactMappingRow
from connector.storage.tables.rows import table_of
from connector.storage.tables.running import CursorRow
from connector.storage.tables.writing import DirtyRow, WriteLogRow

DIRTY, LOG, RESPONSE = table_of(DirtyRow), table_of(WriteLogRow), table_of(ResponseRow)
MAPPING, CURSOR = table_of(FactMappingRow), table_of(CursorRow)
CONTACT = RECORD_TABLES[RecordKind.CONTACT]
WRITTEN = "written"
DATES = frozenset(field.word for field in WRITE_FIELDS if field.type is FactType.DATE)


class SqlWriteBacks:
    """The write-back store over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def dirty(
        self,
        crm: str,
        kind: RecordKind,
        *,
        now: datetime,
        limit: int,
        home: str | None = None,
        accounts: Sequence[int] | None = None,
        after: int = 0,
    ) -> Sequence[DirtyRecord]:
        record = RECORD_TABLES[kind]
        is_due = or_(DIRTY.c.not_before.is_(None), DIRTY.c.not_before <= now)
        query = (
            select(DIRTY.c.record_id)
            .join(record, record.c.id == DIRTY.c.record_id)
            .where(DIRTY.c.kind == kind, record.c.crm == crm, record.c.removed_at.is_(None), is_due)
            .where(DIRTY.c.record_id > after)
            .group_by(DIRTY.c.record_id)
            .order_by(DIRTY.c.record_id)
            .limit(limit)
        )
        if accounts is not None:
            query = query.where(_is_at(kind, accounts))
        ids = self._connection.scalars(query).all()
        marks, standings, written = (
            self._marks(kind, ids),
            standings_of(self._connection, kind, ids),
            self._written(kind, ids),
        )
        at_home = frozenset() if home in (None, crm) else known_at_home(self._connection, kind, ids, home=home)
        rows = select(record.c.id, record.c.crm_id, record.c.ours).where(record.c.id.in_(ids)).order_by(record.c.id)
        return [
            DirtyRecord(
                crm=crm,
                kind=kind,
                record_id=row.id,
                crm_id=row.crm_id,
                dirty_ids=marks[row.id],
                standing=standings.get(row.id),
                written=written[row.id],
                shown=_values(row.ours or {}),
                is_known_at_home=row.id in at_home,
            )
            for row in self._connection.execute(rows)
        ]

    def at(self, kind: RecordKind, record_ids: Sequence[int], *, accounts: Sequence[int]) -> frozenset[int]:
        record = RECORD_TABLES[kind]
        query = select(record.c.id).where(record.c.id.in_(record_ids), _is_at(kind, accounts))
        return frozenset(self._connection.scalars(query))

    def _marks(self, kind: RecordKind, ids: Sequence[int]) -> Mapping[int, list[int]]:
        marks: dict[int, list[int]] = defaultdict(list)
        query = select(DIRTY.c.record_id, DIRTY.c.id).where(DIRTY.c.kind == kind, DIRTY.c.record_id.in_(ids))
        for row in self._connection.execute(query):
            marks[row.record_id].append(row.id)
        return marks

    def _written(self, kind: RecordKind, ids: Sequence[int]) -> Mapping[int, dict[str, FactValue]]:
        newest = (
            select(func.max(LOG.c.id))
            .where(LOG.c.kind == kind, LOG.c.record_id.in_(ids), LOG.c.outcome == WRITTEN)
            .group_by(LOG.c.record_id, LOG.c.word)
        )
        written: dict[int, dict[str, FactValue]] = defaultdict(dict)
        query = select(LOG.c.record_id, LOG.c.word, LOG.c.new).where(LOG.c.id.in_(newest))
        for row in self._connection.execute(query):
            written[row.record_id] |= _values({row.word: row.new})
        return written

    def log(self, writes: Sequence[LoggedWrite], *, at: datetime) -> None:
        rows = [
            {
                "crm": write.record.crm,
                "kind": write.record.kind,
                "record_id": write.record.record_id,
                "word": word,
                "old": _json(write.record.shown.get(word)),
                "new": _json(value),
                "key": write.key,
                "logged_at": at,
            }
            for write in writes
            for word, value in write.values.items()
        ]
        if rows:
            self._connection.execute(insert(LOG), rows)

    def settle(self, write: LoggedWrite, receipt: Receipt, *, at: datetime, retry_at: datetime) -> None:
        outcome = WRITTEN if receipt.verdict is None else receipt.verdict
        result = {"settled_at": at, "outcome": outcome, "message": receipt.message or None}
        # A write that is tried again has the same key, and its earlier lines say how the earlier tries ended.
        is_open = and_(LOG.c.key == write.key, LOG.c.word.in_(write.values), LOG.c.outcome.is_(None))
        self._connection.execute(update(LOG).where(is_open).values(result))
        if receipt.verdict is not None:
            marks = DIRTY.c.id.in_(write.record.dirty_ids)
            self._connection.execute(update(DIRTY).where(marks).values(not_before=retry_at))
            return
        self.clean([write.record])
        self._show(write)

    def _show(self, write: LoggedWrite) -> None:
        """What the CRM shows from now on, as the next pull will say too."""
        record = RECORD_TABLES[write.record.kind]
        shown = {word: _json(value) for word, value in {**write.record.shown, **write.values}.items()}
        self._connection.execute(update(record).where(record.c.id == write.record.record_id).values(ours=shown))

    def clean(self, records: Sequence[DirtyRecord]) -> None:
        ids = [each for record in records for each in record.dirty_ids]
        self._connection.execute(delete(DIRTY).where(DIRTY.c.id.in_(ids)))

    def mark_answered(self, *, at: datetime) -> None:
        answered = living_person(CONTACT.c.person_id).in_(select(living_person(RESPONSE.c.person_id)))
        contacts = select(CONTACT.c.id).where(CONTACT.c.removed_at.is_(None), answered)
        mark_dirty(self._connection, RecordKind.CONTACT, contacts, cause="full write-back", at=at)
        heard = select(joined_of(RESPONSE.c.account_id)).where(RESPONSE.c.person_id.is_not(None))
        mark_accounts(self._connection, heard, cause="full write-back", at=at)

    def unread(self, crm: str, kind: RecordKind, *, words: Sequence[str]) -> Sequence[str]:
        names = {f"{kind}.ours.{word}": word for word in words}
        known = select(MAPPING.c.fact).where(MAPPING.c.crm == crm, MAPPING.c.fact.in_(names))
        mapped = {names[fact] for fact in self._connection.scalars(known)}
        query = select(CURSOR.c.loaded_at, CURSOR.c.moved).where(CURSOR.c.crm == crm, CURSOR.c.kind == kind)
        row = self._connection.execute(query).one_or_none()
        if row is None or row.loaded_at is None:
            return list(words)
        # What a full pull still has to bring stands in `moved` until its last page.
        moved = set(row.moved or ())
        return [word for word in words if word not in mapped or f"ours.{word}" in moved]

    def refusals(self) -> Sequence[Refusal]:
        waits = exists().where(
            DIRTY.c.kind == LOG.c.kind, DIRTY.c.record_id == LOG.c.record_id, DIRTY.c.not_before.is_not(None)
        )
        newest = (
            select(func.max(LOG.c.id))
            .where(waits, LOG.c.outcome.is_not(None), LOG.c.outcome != Verdict.RETRY)
            .group_by(LOG.c.kind, LOG.c.record_id, LOG.c.word)
        )
        query = (
            select(LOG.c.crm, LOG.c.message, func.count().label("values"))
            .where(LOG.c.id.in_(newest), LOG.c.outcome != WRITTEN)
            .group_by(LOG.c.crm, LOG.c.message)
            .order_by(func.max(LOG.c.id).desc())
        )
        rows = self._connection.execute(query)
        return [Refusal(crm=crm, message=message or "", values=values) for crm, message, values in rows]


def _is_at(kind: RecordKind, accounts: Sequence[int]) -> ColumnElement[bool]:
    """Whether a record is one of these accounts, or a contact of one."""
    record, account = RECORD_TABLES[kind], RECORD_TABLES[RecordKind.ACCOUNT]
    if kind is RecordKind.ACCOUNT:
        return record.c.id.in_(accounts)
    its = (account.c.crm == record.c.crm, account.c.crm_id == record.c.account, account.c.id.in_(accounts))
    return exists().where(*its).correlate_except(account)


def _json(value: FactValue) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _values(stored: Mapping[str, Any]) -> dict[str, FactValue]:
    return {
        word: date.fromisoformat(value) if word in DATES and isinstance(value, str) else value
        for word, value in stored.items()
    }
