"""The portal's tables: one for all records, their values as JSON, and how one row is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any

import orjson

from adapters.sandbox.hubspot.kinds import Kind
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.state import State

LIVE, IN_BIN, MERGED_AWAY = 0, 1, 2
COLUMNS = "id, created, modified, archived, archived_at, merged_into, props"
Values = Mapping[str, str]
_TABLES = """
create table if not exists hub_record (id integer primary key, kind text not null, created text not null,
    modified text not null, archived integer not null default 0, archived_at text, merged_into integer,
    props text not null);
create index if not exists hub_record_live on hub_record (kind, archived, id);
create index if not exists hub_record_modified on hub_record (kind, archived, modified, id);
create index if not exists hub_record_email on hub_record (kind, json_extract(props, '$.email'));
create index if not exists hub_record_key on hub_record (kind, json_extract(props, '$.closedloop_key'));
create table if not exists hub_link (a integer, b_kind text, b integer, type_id integer,
    primary key (a, b_kind, b, type_id)) without rowid;
create table if not exists hub_owner (id integer primary key, user_id integer, email text, first text, last text,
    created text, updated text, archived integer not null, team text);
create table if not exists hub_property (kind text, name text, definition text, at text, primary key (kind, name));
create table if not exists hub_group (kind text, name text, label text, primary key (kind, name));
create table if not exists hub_token (token text primary key, requests_left integer);
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One stored record; a property without a value is not in its values."""

    id: int
    _: KW_ONLY
    created: str
    modified: str
    archived: int
    archived_at: str | None
    merged_into: int | None
    props: dict[str, str]


@dataclass(frozen=True, slots=True)
class Newborn:
    """A record to be stored."""

    id: int
    _: KW_ONLY
    created: str
    modified: str
    props: Mapping[str, str | None]


def create_tables(state: State) -> None:
    """Make the portal's tables where they are missing."""
    state.script(_TABLES)


def read(found: tuple[Any, ...]) -> Row:
    """A row of a query over COLUMNS."""
    number, created, modified, archived, archived_at, merged_into, props = found
    return Row(
        number,
        created=created,
        modified=modified,
        archived=archived,
        archived_at=archived_at,
        merged_into=merged_into,
        props=orjson.loads(props),
    )


def insert(state: State, kind: Kind, records: Iterable[Newborn]) -> None:
    """Store new records."""
    rows = (
        (one.id, kind.name, one.created, one.modified, orjson.dumps(_filled(one.props)).decode()) for one in records
    )
    with state.change() as connection:
        connection.executemany(
            "insert into hub_record (id, kind, created, modified, props) values (?, ?, ?, ?, ?)", rows
        )


def get(state: State, kind: Kind, record_id: int) -> Row | None:
    """The record in any state, or None for an id nobody has had."""
    found = state.row(f"select {COLUMNS} from hub_record where id = ? and kind = ?", (record_id, kind.name))
    return None if found is None else read(found)


def resolve(state: State, kind: Kind, record_id: int) -> Row | None:
    """The live record an id stands for now, also the id of one that was merged away; else None."""
    row = get(state, kind, record_id)
    while row is not None and row.merged_into is not None:
        row = get(state, kind, row.merged_into)
    return row if row is not None and row.archived == LIVE else None


def with_value(state: State, kind: Kind, name: str, value: str) -> Row | None:
    """The live record with this value of a property (whose name the schema knows), or None."""
    found = state.row(
        f"select {COLUMNS} from hub_record where kind = ? and json_extract(props, '$.{name}') = ? and archived = 0",
        (kind.name, value),
    )
    return None if found is None else read(found)


def change(state: State, record_id: int, values: Mapping[str, str | None], *, at: datetime) -> None:
    """Change values of one record and move its stamp; an empty value takes the property's value away."""
    with state.change() as connection:
        (text,) = connection.execute("select props from hub_record where id = ?", (record_id,)).fetchone()
        props = _filled({**orjson.loads(text), **values})
        connection.execute(
            "update hub_record set props = ?, modified = ? where id = ?",
            (orjson.dumps(props).decode(), kept(at), record_id),
        )


def _filled(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def archive(state: State, record_id: int, *, at: datetime) -> None:
    """Put one live record into the recycle bin."""
    state.write(
        "update hub_record set archived = 1, archived_at = ?, modified = ? where id = ? and archived = 0",
        (kept(at), kept(at), record_id),
    )


def restore(state: State, record_id: int, *, at: datetime) -> None:
    """Take one record out of the recycle bin again."""
    state.write(
        "update hub_record set archived = 0, archived_at = null, modified = ? where id = ? and archived = 1",
        (kept(at), record_id),
    )
