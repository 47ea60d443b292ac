"""Contacts as anchors where accounts are joined: one stands for its person there, with the facts of all of them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, or_, select

from connector.domain.records import Fact, RecordKind, Word
from connector.storage.conditions import column_of
from connector.storage.joined import joined_account
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.listening import OccurrenceRow
from connector.storage.tables.rows import alias_of, table_of

_OCCURRENCE = table_of(OccurrenceRow)
_CONTACT, _ACCOUNT = RECORD_TABLES[RecordKind.CONTACT], RECORD_TABLES[RecordKind.ACCOUNT]


@dataclass(frozen=True, slots=True)
class AnchoredPerson:
    """A contact's person at its joined account, over the rows of the contact and of that account's first record."""

    contact: FromClause
    first: FromClause

    def of(self, fact: Word) -> ColumnElement[Any]:
        """The value that counts: of a contact of the first account's CRM, else of another one; then by lowest id."""
        other = _other()
        value = column_of(fact, other)
        return func.coalesce(self._told(value, of=value), column_of(fact, self.contact))

    def told_by(self, fact: Fact) -> ColumnElement[int]:
        """The contact whose value counts: this one where nobody knows one."""
        if fact.word != "level":
            return self._teller(fact.word, fact)
        return case((self._rep_says(), self._teller("rep_level", fact)), else_=self._teller("level", fact))

    def word_of(self, fact: Fact) -> ColumnElement[str]:
        """The word whose changes are changes of a fact: of a level what a rep says of it, where one does."""
        return case((self._rep_says(), "rep_level"), else_="level")

    def is_the_one(self) -> ColumnElement[bool]:
        """Whether no other contact of the person stands before this one.

        A live one stands first, then one that mail can reach, then one of the first account's CRM, then the lowest id.
        """
        other = _other()
        own, theirs = self._rank(self.contact), self._rank(other)
        is_before = or_(theirs > own, and_(theirs == own, other.c.id < self.contact.c.id))
        return ~self._beside(select(other.c.id), other).where(is_before).exists()

    def has_open(self, is_open: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether the person may have an open occurrence here: one of any of their contacts is open."""
        member = alias_of(_CONTACT, "member_contact")
        opened = select(member.c.person_id).join(_OCCURRENCE, _OCCURRENCE.c.anchor_id == member.c.id)
        return self.contact.c.person_id.in_(opened.where(is_open))

    def _rep_says(self) -> ColumnElement[bool]:
        other = _other()
        return self._told(other.c.rep_level, of=other.c.id).is_not(None)

    def _teller(self, word: str, fact: Fact) -> ColumnElement[int]:
        other = _other()
        value = other.c.rep_level if word == "rep_level" else column_of(fact, other)
        return func.coalesce(self._told(value, of=other.c.id), self.contact.c.id)

    def _told(self, value: ColumnElement[Any], *, of: ColumnElement[Any]) -> ColumnElement[Any]:
        """A column of the live contact that tells a value first."""
        other = _other()
        told = self._beside(select(of), other).where(other.c.removed_at.is_(None), value.is_not(None))
        told = told.order_by(other.c.id).limit(1)
        is_first = other.c.crm == self.first.c.crm  # SQLite finds no column of an outer query in an ORDER BY
        return func.coalesce(told.where(is_first).scalar_subquery(), told.where(~is_first).scalar_subquery())

    def _beside(self, query: Select[Any], other: FromClause) -> Select[Any]:
        """The query over the contacts of the same person at the same joined account."""
        account = alias_of(_ACCOUNT, "account_of_other")
        is_its = and_(account.c.crm == other.c.crm, account.c.crm_id == other.c.account)
        is_same = and_(other.c.person_id == self.contact.c.person_id, joined_account(account) == self.first.c.id)
        return query.select_from(other.join(account, is_its)).where(is_same).correlate(self.contact, self.first)

    def _rank(self, contact: FromClause) -> ColumnElement[int]:
        return (
            case((contact.c.removed_at.is_(None), 4), else_=0)
            + case((contact.c.address.is_not(None), 2), else_=0)
            + case((contact.c.crm == self.first.c.crm, 1), else_=0)
        )


def occurrences_of_people(is_of: ColumnElement[bool], ids: list[int]) -> Select[Any]:
    """Occurrences of all contacts of these contacts' persons at their joined accounts; `stands_for` is the contact."""
    member, contact = alias_of(_CONTACT, "member_contact"), _CONTACT
    there, here = alias_of(_ACCOUNT, "member"), _ACCOUNT
    return (
        select(_OCCURRENCE, contact.c.id.label("stands_for"))
        .select_from(contact)
        .join(here, and_(here.c.crm == contact.c.crm, here.c.crm_id == contact.c.account))
        .join(member, member.c.person_id == contact.c.person_id)
        .join(there, and_(there.c.crm == member.c.crm, there.c.crm_id == member.c.account))
        .join(_OCCURRENCE, _OCCURRENCE.c.anchor_id == member.c.id)
        .where(contact.c.id.in_(ids), joined_account(there) == joined_account(here), is_of)
    )


def _other() -> FromClause:
    return alias_of(_CONTACT, "other_contact")
