"""One database by one URL, SQLite or PostgreSQL, and the transactions that every unit of work runs in."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from connector.ports.errors import StorageError
from connector.storage import backups, claims, refusals
from connector.storage.migrations import apply
from connector.storage.unit import SqlUnit

_SNAPSHOT = "closedloop_snapshot"
_OLDEST_SQLITE = (3, 38, 0)
"""The first with the `->` operator on JSON."""
_BUSY_MILLISECONDS = 30_000
"""How long a writer waits for another: the longest commit of ours, a plan's or a page's, takes seconds."""


def open_storage(url: str) -> "SqlStorage":
    """The storage behind `sqlite:///path` or `postgresql://...`; connects at the first unit.

    Raises StorageError for another kind of database, a missing driver, or a SQLite that is too old.
    """
    return SqlStorage(_engine(_normalised(url)))


class SqlStorage:
    """Opens units of work on one database. Each unit has a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def begin(self) -> Iterator[SqlUnit]:
        """A unit that reads and writes; SQLite: the only writer from its first statement on."""
        with refusals.refusals_named(), self.engine.connect() as connection:
            yield SqlUnit(connection)

    @contextmanager
    def snapshot(self) -> Iterator[SqlUnit]:
        """A unit that only reads, all of it as of its first statement; a write raises StorageError."""
        options: dict[str, Any] = {_SNAPSHOT: True}
        if self.engine.dialect.name == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with refusals.refusals_named(), self.engine.connect() as connection:
            yield SqlUnit(connection.execution_options(**options))

    def migrate(self) -> None:
        """Bring the schema to this version, creating it in an empty database; again changes nothing.

        A SQLite database of an older version is backed up beside it first. Raises StorageError, and changes nothing,
        where the database is at a revision that this version does not know or cannot be backed up.
        """
        with refusals.refusals_named(), self.engine.begin() as connection:
            revision = apply.outdated(connection)
            if revision is not None:
                backups.back_up(self.engine, revision=revision)
            apply.upgrade(connection)

    def claim(self, key: str) -> AbstractContextManager[bool]:
        """Hold the claim of a key while the block runs; False, without waiting, where somebody else has it."""
        return claims.claiming(self.engine, key)

    def close(self) -> None:
        """Close every idle connection."""
        self.engine.dispose()


def _normalised(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        raise StorageError("The database URL cannot be read; sqlite:///path or postgresql://... expected") from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return url.set(drivername="sqlite+pysqlite")
    raise StorageError(f"No database of kind {url.drivername!r}; sqlite:///path or postgresql://... expected")


def _engine(url: URL) -> Engine:
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite and sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StorageError(f"SQLite {sqlite3.sqlite_version} is too old; 3.38 or newer is needed")
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=not is_sqlite,
            json_serializer=_json_text,
            json_deserializer=_json_value,
        )
    except ModuleNotFoundError:
        raise StorageError("PostgreSQL needs its driver: install closedloop[postgres]") from None
    if is_sqlite:
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    return engine


def _json_text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _json_value(stored: str | bytes | int | float) -> Any:
    """SQLite keeps a JSON number as a number, since the declared type JSON has numeric affinity."""
    return stored if isinstance(stored, int | float) else orjson.loads(stored)


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself: it would begin them late, and never IMMEDIATE.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={_BUSY_MILLISECONDS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    is_snapshot = connection.get_execution_options().get(_SNAPSHOT, False)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if is_snapshot else 'OFF'}")
    # IMMEDIATE: a transaction that reads first and then wants to write would fail at once beside another writer.
    connection.exec_driver_sql("BEGIN" if is_snapshot else "BEGIN IMMEDIATE")
