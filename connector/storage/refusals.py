"""What a database refused, said without any value: parameters and details can hold personal data."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from connector.ports.errors import StorageError


@contextmanager
def refusals_named() -> Iterator[None]:
    """Turn each error of the database inside into a StorageError; the original is cut off, not chained."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StorageError(describe(error)) from None


def describe(error: SQLAlchemyError) -> str:
    """One sentence for the log: what kind of refusal, where, and for which statement; never a value."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return f"The database refused: {_reason(error.orig)}{_statement(error)}"
    if isinstance(error, StatementError):
        return f"The database was not asked: {type(error.orig or error).__name__} in a parameter{_statement(error)}"
    return f"The database refused: {type(error).__name__}"


def _reason(orig: BaseException) -> str:
    diagnosis = getattr(orig, "diag", None)
    if diagnosis is not None and diagnosis.sqlstate:
        # PostgreSQL's own message and detail quote the offending values; these names do not.
        places = [p for p in (diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name) if p]
        return f"{type(orig).__name__} ({diagnosis.sqlstate}){' at ' + ', '.join(places) if places else ''}"
    # SQLite's messages, and those of a connection that failed, name objects and hosts only.
    return f"{type(orig).__name__}: {' '.join(str(orig).split())}"


def _statement(error: StatementError) -> str:
    if not error.statement:
        return ""
    text = " ".join(error.statement.split())
    return f"; statement: {text if len(text) <= 160 else text[:160] + '...'}"
