"""The sandbox's memory: one SQLite connection behind one lock, safe to use from every thread of the process."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TABLES = """
create table if not exists meta (name text primary key, value text not null);
create table if not exists tally (name text primary key, n integer not null);
create table if not exists deletion (object text, id text, at text, primary key (object, id));
create table if not exists cursor_ (locator text primary key, soql text, everything integer, size integer,
                                    at integer, rowids blob);
create table if not exists grant_ (token text primary key, until real, requests_left integer);
create table if not exists mail (id integer primary key, at text not null, sender text, recipient text,
                                 feedback_id text, raw blob not null, seen integer not null default 0);
create table if not exists link (mail integer, url text, method text, status text, primary key (mail, url, method));
create table if not exists errand (address text, feedback_id text, mail integer, kind text, due text, state text,
                                   note text, primary key (address, feedback_id));
create table if not exists answer (id integer primary key, address text, feedback_id text, url text, fields text,
                                   at text, status integer, again integer);
create table if not exists duty (crm text, task text, step text, at text not null, comment text not null,
                                 state text not null, note text not null, primary key (crm, task, step));
create table if not exists helped (address text, company text, at text not null, own real, whole real);
create table if not exists low_answer (address text, feedback_id text, at text not null, score real,
                                       primary key (address, feedback_id));
create table if not exists story_record (crm text, id text, story text not null, place integer not null,
                                         primary key (crm, id));
create index if not exists errand_due on errand (state, due);
create index if not exists duty_at on duty (state, at);
create index if not exists helped_company on helped (company);
create index if not exists helped_address on helped (address);
create index if not exists mail_seen on mail (seen);
"""


class State:
    """All rows of the world; reads see whole changes only, because both take the same lock."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # An invented world may be lost with the machine: speed matters more than durability here.
        self._connection.executescript("pragma journal_mode=wal; pragma synchronous=off; pragma cache_size=-64000;")
        self._connection.executescript(_TABLES)

    def script(self, statements: str) -> None:
        """Run several statements that create tables or indexes."""
        with self._lock:
            self._connection.executescript(statements)

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        with self._lock:
            found: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
            return found

    def value(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.row(statement, values)
        return None if found is None else found[0]

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or, after an exception, nothing; an inner one is a savepoint."""
        with self._lock:
            name = f"inner{self._depth}"
            self._connection.execute(f"savepoint {name}" if self._depth else "begin immediate")
            self._depth += 1
            try:
                yield self._connection
            except BaseException:
                self._depth -= 1
                self._connection.execute(f"rollback to {name}" if self._depth else "rollback")
                raise
            self._depth -= 1
            self._connection.execute(f"release {name}" if self._depth else "commit")

    def write(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one changing statement and return the number of rows it touched."""
        with self.change() as connection:
            return connection.execute(statement, values).rowcount

    def add(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one insert and return the new row's number."""
        with self.change() as connection:
            return int(connection.execute(statement, values).lastrowid or 0)

    def meta(self, name: str) -> str | None:
        """A stored setting, or None."""
        found: str | None = self.value("select value from meta where name = ?", (name,))
        return found

    def set_meta(self, name: str, value: str) -> None:
        """Store a setting."""
        self.write("insert into meta values (?, ?) on conflict do update set value = excluded.value", (name, value))

    def count(self, name: str, number: int = 1) -> int:
        """Add to a named tally and return its new value."""
        with self.change() as connection:
            connection.execute(
                "insert into tally values (?, ?) on conflict do update set n = n + excluded.n", (name, number)
            )
            return int(connection.execute("select n from tally where name = ?", (name,)).fetchone()[0])

    def tallies(self, prefix: str) -> dict[str, int]:
        """All tallies whose name starts with the prefix, by the rest of their name."""
        found = self.rows("select name, n from tally where substr(name, 1, ?) = ?", (len(prefix), prefix))
        return {name[len(prefix) :]: n for name, n in sorted(found)}

    def close(self) -> None:
        """Close the database; nothing may be asked afterwards."""
        with self._lock:
            self._connection.close()
