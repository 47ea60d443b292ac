"""A date as a number of days, so that both databases can calculate with it."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_EPOCH = date(1970, 1, 1).toordinal()


class day_number(FunctionElement[int]):  # noqa: N801  # reads as the SQL function that it is
    """Days since 1970-01-01 of a date column or of ISO text; NULL, never an error, where the text is no date."""

    name = "day_number"
    type = Integer()
    inherit_cache = True


def number_of(day: date) -> int:
    """The same number of a day that is known here."""
    return day.toordinal() - _EPOCH


@compiles(day_number, "sqlite")
def _on_sqlite(element: day_number, compiler: Any, **options: Any) -> str:
    (argument,) = element.clauses
    text = compiler.process(argument, **options)
    # Julian days begin at noon, so that midnight ends in a half: 1970-01-01 is 2440587.5. Only whole dates are read:
    # SQLite takes `now` and bare numbers for moments too.
    digits = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]"
    return f"CASE WHEN {text} GLOB '{digits}' THEN CAST(julianday({text}) - 2440587.5 AS INTEGER) END"


@compiles(day_number, "postgresql")
def _on_postgresql(element: day_number, compiler: Any, **options: Any) -> str:
    (argument,) = element.clauses
    text = f"CAST({compiler.process(argument, **options)} AS TEXT)"
    # A cast of text to a date raises where it is none, and a removed record may hold a value of another type: the
    # digits are checked first, and the day is added so that even the 31st of a short month is a day.
    return (
        f"CASE WHEN {text} ~ '^(?!0000)[0-9]{{4}}-(0[1-9]|1[0-2])-[0-3][0-9]$' THEN"
        f" make_date(CAST(substr({text}, 1, 4) AS INTEGER), CAST(substr({text}, 6, 2) AS INTEGER), 1)"
        f" + CAST(substr({text}, 9, 2) AS INTEGER) - 1 - DATE '1970-01-01' END"
    )


class day_of(FunctionElement[date]):  # noqa: N801  # reads as the SQL function that it is
    """The date with a number of days since 1970-01-01; NULL for none."""

    name = "day_of"
    type = Date()
    inherit_cache = True


@compiles(day_of, "sqlite")
def _day_on_sqlite(element: day_of, compiler: Any, **options: Any) -> str:
    (number,) = element.clauses
    return f"date({compiler.process(number, **options)} + 2440587.5)"


@compiles(day_of, "postgresql")
def _day_on_postgresql(element: day_of, compiler: Any, **options: Any) -> str:
    (number,) = element.clauses
    return f"(DATE '1970-01-01' + {compiler.process(number, **options)})"
