"""What reps say on the record: pauses, and who has left; of every live record of a joined account and of its contacts.

A removed record says nothing any more: nobody could take its pause back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, exists, literal, or_, select
from sqlalchemy.sql import Select

from connector.domain.records import RecordKind
from connector.domain.selection import Hold
from connector.storage.joined import joined_account
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of

_ACCOUNT, _CONTACT = RECORD_TABLES[RecordKind.ACCOUNT], RECORD_TABLES[RecordKind.CONTACT]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepWords:
    """The longest hold of an account and of each person there, over or not, and where it says that somebody left."""

    account: Hold | None
    persons: Mapping[int, Hold]
    left: Mapping[int, str]

    def hold(self, person_id: int) -> Hold | None:
        """The longest hold for a person at the account."""
        return _longest([self.account, self.persons.get(person_id)])


def said_at(connection: Connection, account_id: int) -> RepWords:
    """What reps say of an account, over all records that stand for it, and of the people there."""
    of_account = [_hold(row) for row in connection.execute(_accounts(account_id))]
    people = connection.execute(_contacts(account_id)).all()
    held = [row for row in people if row.hold_until is not None]
    return RepWords(
        account=_longest(of_account),
        persons={
            person: hold
            for person in {row.person_id for row in held}
            if (hold := _longest(_hold(row) for row in held if row.person_id == person)) is not None
        },
        left={row.person_id: row.key for row in reversed(people) if row.left_company},
    )


def is_held(person_id: ColumnElement[Any], account_id: ColumnElement[Any], *, today: date) -> ColumnElement[bool]:
    """Whether a pause on the account, or on the person there, includes a day."""
    account, contact = alias_of(_ACCOUNT, "held_account"), alias_of(_CONTACT, "held_contact")
    home = alias_of(_ACCOUNT, "held_home")
    of_account = and_(_is_one(account, account_id), account.c.removed_at.is_(None), account.c.hold_until >= today)
    of_person = and_(_is_at(contact, home, account_id), contact.c.person_id == person_id, contact.c.hold_until >= today)
    return or_(
        exists().where(of_account).correlate_except(account),
        exists().where(of_person).correlate_except(contact, home),
    )


def has_left(person_id: ColumnElement[Any], account_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a contact of the person says that they have left the account."""
    contact, home = alias_of(_CONTACT, "left_contact"), alias_of(_ACCOUNT, "left_home")
    says_so = and_(contact.c.person_id == person_id, contact.c.left_company.is_(True))
    return exists().where(_is_at(contact, home, account_id), says_so).correlate_except(contact, home)


def _accounts(account_id: int) -> Select[Any]:
    of_this = (_is_one(_ACCOUNT, literal(account_id)), _ACCOUNT.c.removed_at.is_(None))
    return select(*_said(_ACCOUNT)).where(*of_this, _ACCOUNT.c.hold_until.is_not(None))


def _contacts(account_id: int) -> Select[Any]:
    """Those who are held or have left, in the order of their keys."""
    home = alias_of(_ACCOUNT, "said_home")
    speaks = or_(_CONTACT.c.hold_until.is_not(None), _CONTACT.c.left_company.is_(True))
    said = select(*_said(_CONTACT), _CONTACT.c.person_id, _CONTACT.c.left_company)
    return said.where(_is_at(_CONTACT, home, literal(account_id)), speaks).order_by("key")


def _said(record: FromClause) -> tuple[ColumnElement[Any], ...]:
    return record.c.hold_until, record.c.hold_reason, (record.c.crm + "/" + record.c.crm_id).label("key")


def _is_one(account: FromClause, account_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row is one of those that stand for the same joined account."""
    one = alias_of(_ACCOUNT, "one_account")
    first = select(joined_account(one)).where(one.c.id == account_id).correlate_except(one).scalar_subquery()
    return or_(account.c.id == first, account.c.joined_id == first)


def _is_at(contact: FromClause, account: FromClause, account_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a live contact is at one of them."""
    is_of = and_(account.c.crm == contact.c.crm, account.c.crm_id == contact.c.account)
    return and_(is_of, _is_one(account, account_id), contact.c.removed_at.is_(None))


def _hold(row: Row[Any]) -> Hold:
    return Hold(until_on=row.hold_until, reason=row.hold_reason, source=row.key)


def _longest(holds: Iterable[Hold | None]) -> Hold | None:
    known = [hold for hold in holds if hold is not None]
    return max(known, key=lambda hold: (hold.until_on, hold.source), default=None)
