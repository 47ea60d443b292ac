"""Facts of what is known in several CRMs: the first record's value, else another's (design 5.6)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, select

from connector.domain.records import Fact, RecordKind, Word
from connector.storage.conditions import column_of
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of


@dataclass(frozen=True, slots=True)
class JoinedAccount:
    """A joined account over the row of its first record; of several others, the one with the lowest id tells."""

    first: FromClause

    def of(self, fact: Word) -> ColumnElement[Any]:
        """The value that counts."""
        other = _account()
        value = column_of(fact, other)
        return func.coalesce(column_of(fact, self.first), self._others(other, value, of=value))

    def told_by(self, fact: Fact) -> ColumnElement[int]:
        """The account whose value counts: the first where nobody knows one."""
        other = _account()
        others = self._others(other, column_of(fact, other), of=other.c.id)
        is_own = column_of(fact, self.first).is_not(None)
        return case((is_own, self.first.c.id), else_=func.coalesce(others, self.first.c.id))

    def _others(self, other: FromClause, value: ColumnElement[Any], *, of: ColumnElement[Any]) -> ColumnElement[Any]:
        return (
            select(of)
            .where(other.c.joined_id == self.first.c.id, other.c.removed_at.is_(None), value.is_not(None))
            .order_by(other.c.id)
            .limit(1)
            .correlate(self.first)
            .scalar_subquery()
        )


@dataclass(frozen=True, slots=True)
class JoinedContact:
    """A contact's person over all contacts at a joined account (`ids`); those of the first account's CRM tell first."""

    contact: FromClause
    ids: Select[Any]
    crm: str

    def of(self, fact: Word) -> ColumnElement[Any]:
        """The value that counts."""
        other = alias_of(RECORD_TABLES[RecordKind.CONTACT], "other_contact")
        value = column_of(fact, other)
        told = (
            select(value)
            .where(other.c.person_id == self.contact.c.person_id, other.c.id.in_(self.ids), value.is_not(None))
            .order_by(case((other.c.crm == self.crm, 0), else_=1), other.c.id)
            .limit(1)
            .correlate(self.contact)
            .scalar_subquery()
        )
        return func.coalesce(told, column_of(fact, self.contact))


def _account() -> FromClause:
    return alias_of(RECORD_TABLES[RecordKind.ACCOUNT], "other_account")
