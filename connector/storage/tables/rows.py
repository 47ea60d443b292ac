"""The Core table behind a SQLModel class, and inserting one row of it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, FromClause, Table, bindparam, insert, update
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


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows that name the same columns, many by one statement where a database keeps their order; their ids."""
    if not rows:
        return []
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.scalars(statement, [dict(row) for row in rows]))


def update_many(connection: Connection, table: Table, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Set columns of rows by their ids; all of them name the same columns."""
    if rows:
        statement = update(table).where(table.c.id == bindparam("updated_id"))
        connection.execute(statement, [{**values, "updated_id": row_id} for row_id, values in rows])
