"""What reps say on the record: pauses, and who has left; of every live record of a joined account and of its contacts.

A removed record says nothing any more: nobody could take its pause back.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, exists, false, func, or_, select
from sqlalchemy.sql import Select

from connector.domain.records import RecordKind
from connector.domain.selection import Hold
from connector.storage.joined import is_at, joined_account
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
        return longest([self.account, self.persons.get(person_id)])


def said_of(contact: Row[Any]) -> RepWords:
    """What reps say on a contact's own record, wherever it stands."""
    return _words((), (contact,))


def said_at(connection: Connection, first_ids: Iterable[int]) -> dict[int, RepWords]:
    """By the id of an account's first record: what reps say of all records that stand for it, and of the people there.

    Accounts of which nothing is said have words that say nothing.
    """
    wanted = sorted(set(first_ids))
    of_accounts = _by_account(connection.execute(_accounts(wanted)))
    of_people = _by_account(connection.execute(_contacts(wanted)))
    return {first_id: _words(of_accounts.get(first_id, ()), of_people.get(first_id, ())) for first_id in wanted}


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


def is_held_at_home(contact: FromClause, *, today: date) -> ColumnElement[bool]:
    """Whether a pause on a contact, or on the account that it stands at, includes a day; never NULL."""
    home = alias_of(_ACCOUNT, "home_of_held")
    own = select(home.c.id).where(is_at(contact, home)).correlate_except(home).scalar_subquery()
    return or_(func.coalesce(contact.c.hold_until >= today, false()), is_held(contact.c.person_id, own, today=today))


def has_left(person_id: ColumnElement[Any], account_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a contact of the person says that they have left the account."""
    contact, home = alias_of(_CONTACT, "left_contact"), alias_of(_ACCOUNT, "left_home")
    says_so = and_(contact.c.person_id == person_id, contact.c.left_company.is_(True))
    return exists().where(_is_at(contact, home, account_id), says_so).correlate_except(contact, home)


def _by_account(rows: Iterable[Row[Any]]) -> Mapping[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.first_id].append(row)
    return found


def _words(of_account: Sequence[Row[Any]], of_people: Sequence[Row[Any]]) -> RepWords:
    held: dict[int, list[Hold]] = defaultdict(list)
    for row in of_people:
        if row.hold_until is not None:
            held[row.person_id].append(_hold(row))
    return RepWords(
        account=longest(_hold(row) for row in of_account),
        persons={person: hold for person, holds in held.items() if (hold := longest(holds)) is not None},
        left={row.person_id: row.key for row in reversed(of_people) if row.left_company},
    )


def _accounts(first_ids: Sequence[int]) -> Select[Any]:
    """The holds of live records that stand for these accounts."""
    is_said = (_ACCOUNT.c.removed_at.is_(None), _ACCOUNT.c.hold_until.is_not(None))
    return select(joined_account(_ACCOUNT).label("first_id"), *_said(_ACCOUNT)).where(
        _stands_for(_ACCOUNT, first_ids), *is_said
    )


def _contacts(first_ids: Sequence[int]) -> Select[Any]:
    """Those there who are held or have left, in the order of their keys."""
    home = alias_of(_ACCOUNT, "said_home")
    speaks = or_(_CONTACT.c.hold_until.is_not(None), _CONTACT.c.left_company.is_(True))
    said = select(
        joined_account(home).label("first_id"), *_said(_CONTACT), _CONTACT.c.person_id, _CONTACT.c.left_company
    )
    there = said.select_from(home.join(_CONTACT, is_at(_CONTACT, home))).where(_stands_for(home, first_ids))
    return there.where(_CONTACT.c.removed_at.is_(None), speaks).order_by("key")


def _stands_for(account: FromClause, first_ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether a record is the first of one of these accounts, or joined to it."""
    return or_(account.c.id.in_(first_ids), account.c.joined_id.in_(first_ids))


def _said(record: FromClause) -> tuple[ColumnElement[Any], ...]:
    return record.c.hold_until, record.c.hold_reason, (record.c.crm + "/" + record.c.crm_id).label("key")


def _is_one(account: FromClause, account_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row is one of those that stand for the same joined account."""
    one = alias_of(_ACCOUNT, "one_account")
    first = select(joined_account(one)).where(one.c.id == account_id).correlate_except(one).scalar_subquery()
    return or_(account.c.id == first, account.c.joined_id == first)


def _is_at(contact: FromClause, account: FromClause, account_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a live contact is at one of them."""
    return and_(is_at(contact, account), _is_one(account, account_id), contact.c.removed_at.is_(None))


def _hold(row: Row[Any]) -> Hold:
    return Hold(until_on=row.hold_until, reason=row.hold_reason, source=row.key)


def longest(holds: Iterable[Hold | None]) -> Hold | None:
    """The hold that ends last; of equal ones that of the last key."""
    known = [hold for hold in holds if hold is not None]
    return max(known, key=lambda hold: (hold.until_on, hold.source), default=None)
