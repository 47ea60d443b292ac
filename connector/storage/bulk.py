"""The fast way in: the driver's executemany on SQLite, COPY on PostgreSQL; and tables that last for one page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table

Converter = Callable[[Any], Any] | None


def load(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows with the values of these columns, each of its column's Python type."""
    converters = [_converter(connection, table, name) for name in columns]
    converted = (
        tuple(value if convert is None else convert(value) for value, convert in zip(row, converters, strict=True))
        for row in rows
    )
    names = ", ".join(f'"{name}"' for name in columns)
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for values in converted:
                    copy.write_row(values)
        else:
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', list(converted))
    finally:
        cursor.close()


@contextmanager
def for_this_page(connection: Connection, *tables: Table) -> Iterator[None]:
    """Temporary tables that exist inside; an error leaves them to the rollback."""
    for table in tables:
        table.create(connection, checkfirst=False)
    yield
    for table in tables:
        table.drop(connection, checkfirst=False)


def analyse(connection: Connection, table: Table) -> None:
    """Let PostgreSQL know how many rows a temporary table has: autovacuum never sees it."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f'ANALYZE "{table.name}"')


def _converter(connection: Connection, table: Table, name: str) -> Converter:
    dialect = connection.dialect
    return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
