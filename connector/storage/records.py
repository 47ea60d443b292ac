"""Records in SQL: a page and its cursor in one transaction, set-based, with changes, removals and persons."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, func, select, update
from sqlmodel import SQLModel

from connector.domain.records import RecordKind
from connector.ports.crm import Page
from connector.ports.storage.records import Joining, PageCounts, Position
from connector.storage import tables
from connector.storage.bulk import for_this_page
from connector.storage.records_gone import join_merged, mark_merged, part_restored, remove_given, remove_unseen
from connector.storage.records_joined import join_records, lead_accounts, mark_joined
from connector.storage.records_people import lock_persons, seat_persons
from connector.storage.records_stage import match_stage, shape_of, stage_page
from connector.storage.records_upsert import note_changes, store_stage, tally_of
from connector.storage.records_voices import voices_followed
from connector.storage.tables.derived import DerivationRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import table_of
from connector.storage.upserts import insert_for

_CURSOR: Table = SQLModel.metadata.tables[tables.running.CursorRow.__tablename__]
_DERIVATION = table_of(DerivationRow)
_START = ""
"""The cursor of a kind that starts again from everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pull:
    """Where a kind's pull stands when a page of it arrives; `full_since` is set while a full one is under way."""

    full_since: datetime | None
    moved: tuple[str, ...]
    loaded_at: datetime | None
    changed_at: datetime | None


class SqlRecords:
    """Records by (crm, kind, CRM id)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def position(self, crm: str, kind: RecordKind) -> Position | None:
        """Where the next pull starts, or None where it has to be a full one."""
        query = select(_CURSOR.c.cursor, _CURSOR.c.loaded_at).where(_CURSOR.c.crm == crm, _CURSOR.c.kind == kind.value)
        row = self._connection.execute(query).one_or_none()
        if row is None or row.cursor == _START:
            return None
        return Position(cursor=row.cursor, is_loaded=row.loaded_at is not None)

    def forget_position(self, crm: str, kind: RecordKind, *, moved: Iterable[str]) -> None:
        """Make the next pull a full one, in which changes of the words `moved` carry the cause `mapping`."""
        is_ours = (_CURSOR.c.crm == crm, _CURSOR.c.kind == kind.value)
        before = self._connection.execute(select(_CURSOR.c.moved).where(*is_ours).with_for_update()).scalar()
        words = sorted({*(before or ()), *moved})
        values = {"cursor": _START, "full_started_at": None, "moved": words}
        self._connection.execute(update(_CURSOR).where(*is_ours).values(values))

    def pass_over(self, crm: str, kind: RecordKind, *, at: datetime) -> bool:
        """Note that a CRM does not show a kind, until a page of it comes; whether that is news."""
        if kind in self.hidden(crm):
            return False
        values = {"cursor": _START, "hidden_at": at, "synced_at": at}
        statement = insert_for(self._connection, _CURSOR).values(crm=crm, kind=kind.value, **values)
        changed = {"hidden_at": at}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["crm", "kind"], set_=changed))
        return True

    def hidden(self, crm: str) -> Set[RecordKind]:
        """The kinds that a CRM did not show when they were asked for last."""
        query = select(_CURSOR.c.kind).where(_CURSOR.c.crm == crm, _CURSOR.c.hidden_at.is_not(None))
        return {RecordKind(kind) for kind in self._connection.scalars(query)}

    def store_page(self, crm: str, page: Page, *, seen_at: datetime) -> PageCounts:
        """Store one page and its cursor; see the port. Removals come first, so that a winner may take an address."""
        # Before any row is locked, as joining takes it too: of two pages each would wait for the other's records.
        if page.kind in (RecordKind.ACCOUNT, RecordKind.CONTACT):
            lock_persons(self._connection)
        pull = self._pull(crm, page, seen_at)
        # A full pull's rows must not look older than its beginning where the clock stands still or went back.
        seen_at = max(self._after_derived(crm, seen_at), pull.full_since or seen_at)
        counts = self._remove(crm, page, seen_at) + self._upsert(crm, page, seen_at, pull.moved)
        if page.removed or counts.inserted:
            self._join_merged(crm, page.kind, seen_at)
        if page.is_last and pull.full_since is not None:
            gone = remove_unseen(self._connection, page.kind, crm=crm, since=pull.full_since, seen_at=seen_at)
            counts += PageCounts(removed=gone[0], field_changes=gone[1])
        is_changed = bool(counts.inserted or counts.changed or counts.removed)
        self._save_cursor(crm, page, pull, seen_at=seen_at, changed_at=seen_at if is_changed else pull.changed_at)
        return counts

    def join(
        self, kind: RecordKind, joining: Joining, *, at: datetime, near: tuple[str, Sequence[str]] | None = None
    ) -> None:
        """Join and part records of several CRMs as their `same_as` facts say now; see the port."""
        lock_persons(self._connection)
        join_records(self._connection, kind, joining, at=at, near=near)

    def mark_joined(self, kind: RecordKind, *, at: datetime) -> None:
        """Mark every record of a join as dirty; see the port."""
        mark_joined(self._connection, kind, at=at)

    def shown_by_full_pull(self, crm: str, kind: RecordKind) -> int:
        """How many live records the full pull under way has shown so far; 0 where none is under way."""
        record = RECORD_TABLES[kind].c
        query = select(func.count()).where(
            _CURSOR.c.crm == crm,
            _CURSOR.c.kind == kind.value,
            record.crm == crm,
            record.removed_at.is_(None),
            record.seen_at >= _CURSOR.c.full_started_at,
        )
        return int(self._connection.execute(query).scalar_one())

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Live records by crm and kind, with a number for each kind."""
        live: dict[str, dict[str, int]] = {}
        for kind, record in RECORD_TABLES.items():
            query = select(record.c.crm, func.count()).where(record.c.removed_at.is_(None)).group_by(record.c.crm)
            for crm, count in self._connection.execute(query):
                live.setdefault(crm, {each.value: 0 for each in RECORD_TABLES})[kind.value] = count
        return live

    def _pull(self, crm: str, page: Page, seen_at: datetime) -> _Pull:
        query = select(_CURSOR).where(_CURSOR.c.crm == crm, _CURSOR.c.kind == page.kind.value).with_for_update()
        row = self._connection.execute(query).one_or_none()
        stands = {name: getattr(row, name, None) for name in ("loaded_at", "changed_at")}  # None before the first page
        if not page.is_full:
            return _Pull(full_since=None, moved=(), **stands)
        moved = tuple(row.moved or ()) if row is not None else ()
        if row is not None and row.full_started_at is not None:
            return _Pull(full_since=row.full_started_at, moved=moved, **stands)
        return _Pull(full_since=self._after_all_seen(crm, page.kind, seen_at), moved=moved, **stands)

    def _after_derived(self, crm: str, seen_at: datetime) -> datetime:
        """When a page is seen: later than all that was derived without it, also where it waited for that to end."""
        query = select(func.max(_DERIVATION.c.derived_at)).where(_DERIVATION.c.crm == crm)
        latest = self._connection.execute(query).scalar_one()
        return seen_at if latest is None else max(seen_at, latest + timedelta(microseconds=1))

    def _after_all_seen(self, crm: str, kind: RecordKind, seen_at: datetime) -> datetime:
        """The beginning of a full pull: later than any moment at which a record was seen so far."""
        record = RECORD_TABLES[kind].c
        latest = self._connection.execute(select(func.max(record.seen_at)).where(record.crm == crm)).scalar_one()
        return seen_at if latest is None else max(seen_at, latest + timedelta(microseconds=1))

    def _remove(self, crm: str, page: Page, seen_at: datetime) -> PageCounts:
        removed, changes = remove_given(self._connection, page.kind, page.removed, crm=crm, seen_at=seen_at)
        return PageCounts(removed=removed, field_changes=changes)

    def _join_merged(self, crm: str, kind: RecordKind, seen_at: datetime) -> None:
        if not join_merged(self._connection, kind, crm=crm, seen_at=seen_at):
            return
        if kind is RecordKind.ACCOUNT:
            lead_accounts(self._connection)
        mark_merged(self._connection, kind, seen_at=seen_at)

    def _upsert(self, crm: str, page: Page, seen_at: datetime, moved: Iterable[str]) -> PageCounts:
        if not page.rows:
            return PageCounts()
        shape = shape_of(page.kind, page.columns)
        with for_this_page(self._connection, shape.stage):
            stage_page(self._connection, shape, page)
            match_stage(self._connection, shape, crm=crm)
            tally = tally_of(self._connection, shape)
            changes = 0
            if tally.changed:
                changes = note_changes(self._connection, shape, crm=crm, seen_at=seen_at, moved=frozenset(moved))
            if tally.back:
                part_restored(self._connection, shape, seen_at=seen_at)
                if page.kind is RecordKind.ACCOUNT:
                    lead_accounts(self._connection)
            if page.kind is RecordKind.CONTACT:
                seat_persons(self._connection, shape, seen_at=seen_at)
            with voices_followed(self._connection, shape, crm=crm, at=seen_at):
                store_stage(self._connection, shape, crm=crm, seen_at=seen_at, tally=tally)
        unchanged = tally.rows - tally.inserted - tally.changed
        return PageCounts(inserted=tally.inserted, changed=tally.changed, unchanged=unchanged, field_changes=changes)

    def _save_cursor(
        self, crm: str, page: Page, pull: _Pull, *, seen_at: datetime, changed_at: datetime | None
    ) -> None:
        is_ending = page.is_last or pull.full_since is None
        loaded_at = pull.loaded_at
        if loaded_at is None and page.is_last and pull.full_since is not None:
            loaded_at = seen_at
        values = {
            "cursor": page.cursor,
            "full_started_at": None if is_ending else pull.full_since,
            "moved": None if is_ending else list(pull.moved),
            "loaded_at": loaded_at,
            "hidden_at": None,
            "changed_at": changed_at,
            "synced_at": seen_at,
        }
        statement = insert_for(self._connection, _CURSOR).values(crm=crm, kind=page.kind.value, **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["crm", "kind"], set_=values))
