"""Where an occurrence's people are: the contacts of its account, over all CRMs in which that is known."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from connector.domain.records import RecordKind
from connector.storage.conditions import Tables
from connector.storage.effective import JoinedAccount, JoinedContact
from connector.storage.joined import joined_account
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of

CONTACT, ACCOUNT = RECORD_TABLES[RecordKind.CONTACT], RECORD_TABLES[RecordKind.ACCOUNT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An account, or the first of a joined one, beside contacts that may be its own.

    `is_beside` joins its row to contacts, `is_here` says which of these stand on it; `tables` tell the facts of both.
    """

    is_beside: ColumnElement[bool]
    is_here: ColumnElement[bool]
    tables: Tables
    is_joined: bool = False


def place_of(connection: Connection, account_id: int) -> Place:
    """The place of an account, which is that of the account that stands for it."""
    first = select(ACCOUNT.c.id, ACCOUNT.c.crm).where(
        ACCOUNT.c.id == select(joined_account(ACCOUNT)).where(ACCOUNT.c.id == account_id).scalar_subquery()
    )
    row = connection.execute(first).one()
    others = select(ACCOUNT.c.id).where(ACCOUNT.c.joined_id == row.id, ACCOUNT.c.removed_at.is_(None))
    if connection.execute(others.limit(1)).scalar() is None:
        return place_of_record(row.id)
    return _joined(row.id, crm=row.crm)


def place_of_record(account_id: int) -> Place:
    """The place of an account that stands for itself alone."""
    return Place(
        is_beside=and_(ACCOUNT.c.id == account_id, ACCOUNT.c.crm == CONTACT.c.crm),
        is_here=CONTACT.c.account == ACCOUNT.c.crm_id,
        tables={RecordKind.CONTACT: CONTACT, RecordKind.ACCOUNT: ACCOUNT},
    )


def _joined(account_id: int, *, crm: str) -> Place:
    ids = _contacts_at(account_id)
    return Place(
        is_beside=ACCOUNT.c.id == account_id,
        is_here=CONTACT.c.id.in_(ids),
        tables={
            RecordKind.CONTACT: JoinedContact(CONTACT, ids, crm),
            RecordKind.ACCOUNT: JoinedAccount(ACCOUNT),
        },
        is_joined=True,
    )


def _contacts_at(account_id: int) -> Select[Any]:
    """Live contacts at any account of a joined one."""
    contact, member = alias_of(CONTACT, "here"), alias_of(ACCOUNT, "member")
    is_member = or_(member.c.id == account_id, and_(member.c.joined_id == account_id, member.c.removed_at.is_(None)))
    return (
        select(contact.c.id)
        .join(member, and_(member.c.crm == contact.c.crm, member.c.crm_id == contact.c.account))
        .where(is_member, contact.c.removed_at.is_(None))
    )
