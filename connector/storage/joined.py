"""Which record a merged or joined record's id leads to."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select

from connector.domain.records import RecordKind
from connector.storage.tables.records import RecordAliasRow
from connector.storage.tables.rows import table_of

_ALIAS = table_of(RecordAliasRow)


def living_record(kind: RecordKind, record_id: ColumnElement[Any]) -> ColumnElement[int]:
    """The record that a record was merged into, or the same one; chains of merges are stored flat."""
    into = (
        select(_ALIAS.c.into_id)
        .where(is_merged(_ALIAS, kind), _ALIAS.c.record_id == record_id)
        .correlate_except(_ALIAS)
        .scalar_subquery()
    )
    return func.coalesce(into, record_id)


def is_merged(alias: FromClause, kind: RecordKind) -> ColumnElement[bool]:
    """Whether an alias is that of a record whose CRM merged it into another."""
    return and_(alias.c.kind == kind.value, alias.c.to_at.is_(None), alias.c.cause == "merge")


def is_joined(alias: FromClause, kind: RecordKind) -> ColumnElement[bool]:
    """Whether an alias is that of a record for which another CRM's record stands now."""
    return and_(alias.c.kind == kind.value, alias.c.to_at.is_(None), alias.c.cause == "same_as")


def joined_account(account: FromClause) -> ColumnElement[int]:
    """The id of the account that an account's row stands for, over merges and CRMs: that of the joined account."""
    return func.coalesce(account.c.joined_id, account.c.id)


def is_part(account: FromClause, first: FromClause) -> ColumnElement[bool]:
    """Whether an account is the first record of a joined one, or another live record of it."""
    is_other = and_(account.c.joined_id == first.c.id, account.c.removed_at.is_(None))
    return or_(account.c.id == first.c.id, is_other)


def is_at(contact: FromClause, account: FromClause) -> ColumnElement[bool]:
    """Whether a contact, live or not, is at an account of its own CRM."""
    return and_(account.c.crm == contact.c.crm, account.c.crm_id == contact.c.account)
