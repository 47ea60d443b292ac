"""Test mode's gate in SQL: over decisions, invitations and actions, each with its program and account."""

from sqlalchemy import ColumnElement, FromClause, and_, exists, false, or_, true

from connector.domain.gates import Gate
from connector.domain.patterns import ANY
from connector.domain.records import RecordKind
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of

_ESCAPE = "\\"


def is_let_through(
    gate: Gate | None, *, program: ColumnElement[str], account_id: ColumnElement[int]
) -> ColumnElement[bool]:
    """Whether a program is open, or the account is listed."""
    if gate is None:
        return true()
    return or_(program.in_(gate.open_programs), account_id.in_(gate.accounts))


def may_be_mailed(
    gate: Gate | None,
    *,
    program: ColumnElement[str],
    account_id: ColumnElement[int],
    address: ColumnElement[str | None],
    contact: FromClause,
) -> ColumnElement[bool]:
    """Whether a program is open, or address and account are listed, and the contact is still there."""
    if gate is None:
        return true()
    account = alias_of(RECORD_TABLES[RecordKind.ACCOUNT], "gate_account")
    is_there = exists().where(
        account.c.crm == contact.c.crm, account.c.crm_id == contact.c.account, account.c.id.in_(gate.accounts)
    )
    is_listed = and_(account_id.in_(gate.accounts), matches_any(address, gate.recipients), is_there)
    return or_(program.in_(gate.open_programs), is_listed)


def matches_any(address: ColumnElement[str | None], patterns: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether an address is one of the test list's.

    Addresses and patterns are stored in lower case, so that it is no matter that SQLite's LIKE knows no case.
    """
    return or_(false(), *(address.like(_like(pattern), escape=_ESCAPE) for pattern in patterns))


def _like(pattern: str) -> str:
    """A pattern of the test list as LIKE writes it."""
    for special in (_ESCAPE, "%", "_"):
        pattern = pattern.replace(special, _ESCAPE + special)
    return pattern.replace(ANY, "%")
