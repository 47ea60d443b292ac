"""The Core table behind a SQLModel class, and inserting one row of it."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Connection, Table, insert
from sqlmodel import SQLModel


def table_of(row: type[SQLModel]) -> Table:
    """The table of a row class, for statements in Core."""
    return cast(Table, row.__table__)  # type: ignore[attr-defined]  # set by SQLModel's metaclass


def insert_one(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert one row and return its id."""
    return int(connection.execute(insert(table).values(dict(values)).returning(table.c.id)).scalar_one())
