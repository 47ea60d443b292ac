"""Which record a merged or joined record's id leads to."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select

from connector.domain.records import RecordKind
from connector.storage.tables.records import RecordAliasRow
from connector.storage.tables.rows import table_of

_ALIAS = table_of(RecordAliasRow)


def living_record(kind: RecordKind, record_id: ColumnElement[Any]) -> ColumnElement[int]:
    """The record that a record was merged into, or the same one; chains of merges are stored flat."""
    into = (
        select(_ALIAS.c.into_id)
        .where(_ALIAS.c.kind == kind.value, _ALIAS.c.record_id == record_id, _ALIAS.c.to_at.is_(None))
        .correlate_except(_ALIAS)
        .scalar_subquery()
    )
    return func.coalesce(into, record_id)


def joined_account(account: FromClause) -> ColumnElement[int]:
    """The id of the account that an account's row stands for, over merges and CRMs: that of the joined account."""
    return func.coalesce(account.c.joined_id, account.c.id)
