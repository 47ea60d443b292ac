"""The moment of a milestone in SQL: where it is read, which word's changes count, and which periods fall due."""

from datetime import date
from typing import Any

from sqlalchemy import Date, FromClause, and_, case, false, literal, true
from sqlalchemy.sql import ColumnElement

from connector.domain.periods import Periods
from connector.domain.programs import When
from connector.domain.records import RecordKind
from connector.storage.conditions import Tables, fact_column, fact_literal
from connector.storage.days import day_number, number_of


def moment_column(when: When, tables: Tables) -> ColumnElement[Any]:
    """The fact that a milestone looks at, or the date that all accounts share."""
    return literal(when.from_on, Date) if when.fact is None else fact_column(when.fact, tables)


def moment_literal(when: When, day: date) -> Any:
    """A day as the moment's expression compares it."""
    return day if when.fact is None else fact_literal(when.fact, day)


def moment_word(when: When, anchor: FromClause) -> ColumnElement[Any]:
    """The word whose changes are changes of the moment: of two that stand for a level, the one whose value counts."""
    if when.fact is None:
        return literal(None)
    if (when.fact.kind, when.fact.word) == (RecordKind.CONTACT, "level"):
        return case((anchor.c.rep_level.is_not(None), "rep_level"), else_="level")
    return literal(when.fact.word)


def period_window(when: When, *, moment: ColumnElement[Any], first: date, today: date) -> ColumnElement[bool]:
    """Whether the newest period that is over on `today` ended on or after `first`."""
    if when.from_on is not None:
        periods = Periods(from_on=when.from_on, days=when.days)
        number = periods.number(today)
        return true() if number >= 1 and periods.end(number) >= first else false()
    passed = number_of(today) - day_number(moment)
    return and_(passed >= when.days, passed % when.days <= (today - first).days)
