"""The Core table behind a SQLModel class, and inserting one row of it."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, FromClause, Table, insert
from sqlmodel import SQLModel


def table_of(row: type[SQLModel]) -> Table:
    """The table of a row class, for statements in Core."""
    return cast(Table, row.__table__)  # type: ignore[attr-defined]  # set by SQLModel's metaclass


@cache
def alias_of(table: Table, name: str) -> FromClause:
    """The one alias of a table by a name: filling a new one's columns takes longer than most statements."""
    return table.alias(name)


def insert_one(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert one row and return its id."""
    return int(connection.execute(insert(table).values(dict(values)).returning(table.c.id)).scalar_one())
