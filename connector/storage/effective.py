"""Facts of what is known in several CRMs: the first record's value, else another's (design 5.6)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, func, select

from connector.domain.records import Fact, RecordKind, Word
from connector.storage.conditions import column_of
from connector.storage.joined import is_at, is_part
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of


@dataclass(frozen=True, slots=True)
class JoinedAccount:
    """A joined account over the row of its first record; of several others, the one with the lowest id tells."""

    first: FromClause

    def of(self, fact: Word) -> ColumnElement[Any]:
        """The value that counts."""
        return _value(self.first, fact)

    def told_by(self, fact: Fact) -> ColumnElement[int]:
        """The account whose value counts: the first where nobody knows one."""
        return _teller(self.first, fact)


@lru_cache(maxsize=512)
def _value(first: FromClause, fact: Word) -> ColumnElement[Any]:
    """Kept, as a plan names the same few facts in every rule of every milestone."""
    other = _account()
    value = column_of(fact, other)
    return func.coalesce(column_of(fact, first), _others(first, value, of=value))


@lru_cache(maxsize=512)
def _teller(first: FromClause, fact: Fact) -> ColumnElement[int]:
    other = _account()
    others = _others(first, column_of(fact, other), of=other.c.id)
    return case((column_of(fact, first).is_not(None), first.c.id), else_=func.coalesce(others, first.c.id))


def _others(first: FromClause, value: ColumnElement[Any], *, of: ColumnElement[Any]) -> ColumnElement[Any]:
    other = _account()
    return (
        select(of)
        .where(other.c.joined_id == first.c.id, other.c.removed_at.is_(None), value.is_not(None))
        .order_by(other.c.id)
        .limit(1)
        .correlate(first)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class JoinedContact:
    """A contact's person over all contacts at a joined account, over the row of its first record.

    The contacts of the first account's CRM tell first, then those with the lowest ids.
    """

    contact: FromClause
    first: FromClause

    def of(self, fact: Word) -> ColumnElement[Any]:
        """The value that counts."""
        other, home = alias_of(RECORD_TABLES[RecordKind.CONTACT], "other_contact"), _home()
        value = column_of(fact, other)
        told = (
            select(value)
            .select_from(other.join(home, is_at(other, home)))
            .where(other.c.person_id == self.contact.c.person_id, is_part(home, self.first))
            .where(other.c.removed_at.is_(None), value.is_not(None))
            .order_by(other.c.id)
            .limit(1)
            .correlate(self.contact, self.first)
        )
        # SQLite finds no column of an outer query in an ORDER BY, so there are two queries. Where PostgreSQL is told
        # that the CRMs are equal, it may read all accounts of one for each contact: the CASE keeps it to the person's.
        rank = case((other.c.crm == self.first.c.crm, 1), else_=2)
        told_by = (told.where(rank == 1).scalar_subquery(), told.where(rank == 2).scalar_subquery())
        return func.coalesce(*told_by, column_of(fact, self.contact))


def _home() -> FromClause:
    return alias_of(RECORD_TABLES[RecordKind.ACCOUNT], "home_of_other")


def _account() -> FromClause:
    return alias_of(RECORD_TABLES[RecordKind.ACCOUNT], "other_account")
