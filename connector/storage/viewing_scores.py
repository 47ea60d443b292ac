"""Newest scores of people, set-based: one row a person at a joined account, or in a program."""

from collections.abc import Sequence

from sqlalchemy import CTE, ColumnElement, FromClause, Integer, and_, cast, func, or_, select, true

from connector.domain.records import RecordKind
from connector.domain.surveys import AskKind
from connector.storage.joined import is_merged, joined_account
from connector.storage.standings import THEIRS, account_of
from connector.storage.tables.hearing import ResponseRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.people import PersonAliasRow
from connector.storage.tables.records import RecordAliasRow
from connector.storage.tables.rows import alias_of, table_of

RESPONSE, MERGE, JOINED = table_of(ResponseRow), table_of(RecordAliasRow), table_of(PersonAliasRow)
ACCOUNT, CONTACT = RECORD_TABLES[RecordKind.ACCOUNT], RECORD_TABLES[RecordKind.CONTACT]
_ASKED, _NOW = alias_of(ACCOUNT, "asked_account"), alias_of(ACCOUNT, "account_now")


def person_now() -> ColumnElement[int]:
    """Who a response's person is by now, over `placed()`."""
    return func.coalesce(JOINED.c.into_id, RESPONSE.c.person_id)


def account_now() -> ColumnElement[int]:
    """The joined account that a response's account belongs to by now, over `placed()`."""
    return as_id(joined_account(_NOW))


def as_id(expression: ColumnElement[int]) -> ColumnElement[int]:
    """An expression as an integer: only where SQLite knows that does it index what is grouped by it."""
    return cast(expression, Integer)


def placed() -> FromClause:
    """Responses beside who and where they are by now."""
    is_winner = _NOW.c.id == func.coalesce(MERGE.c.into_id, RESPONSE.c.account_id)
    merged = and_(is_merged(MERGE, RecordKind.ACCOUNT), MERGE.c.record_id == RESPONSE.c.account_id)
    joined = and_(JOINED.c.person_id == RESPONSE.c.person_id, JOINED.c.to_at.is_(None))
    return RESPONSE.outerjoin(MERGE, merged).outerjoin(_NOW, is_winner).outerjoin(JOINED, joined)


def is_counted() -> ColumnElement[bool]:
    """Whether a response is a relationship score of somebody of theirs."""
    return and_(
        RESPONSE.c.ask_kind == AskKind.RELATIONSHIP,
        RESPONSE.c.side == THEIRS,
        RESPONSE.c.score.is_not(None),
        RESPONSE.c.person_id.is_not(None),
    )


def account_scores(asked: Sequence[int] | None = None) -> CTE:
    """By joined account (`root`): mean and lowest of people's newest relationship scores, `voices`, when the last came.

    Of people of theirs who have a live contact there, as the account's fields in the CRM count them. `asked` limits
    it to responses of these accounts' records.
    """
    newest = func.row_number().over(
        partition_by=(account_now(), person_now()), order_by=(RESPONSE.c.answered_at.desc(), RESPONSE.c.id.desc())
    )
    counted = (
        select(account_now().label("root"), person_now().label("person_id"), RESPONSE.c.score, RESPONSE.c.answered_at)
        .add_columns(newest.label("place"))
        .select_from(placed())
        .where(
            is_counted(),
            true() if asked is None else RESPONSE.c.account_id.in_(asked),
        )
        .subquery("counted")
    )
    return (
        select(
            counted.c.root,
            func.avg(counted.c.score).label("score"),
            func.min(counted.c.score).label("lowest"),
            func.count().label("voices"),
            func.max(counted.c.answered_at).label("heard_at"),
        )
        .where(counted.c.place == 1, _sits_there(counted))
        .group_by(counted.c.root)
        .cte("account_scores")
        .prefix_with("MATERIALIZED")
    )


def _sits_there(counted: FromClause) -> ColumnElement[bool]:
    """Whether a person, or whoever was joined into them, has a live contact at the joined account.

    Two subqueries, each over one index: an OR inside of one would read every contact.
    """
    seat, here, alias = alias_of(CONTACT, "seat"), alias_of(ACCOUNT, "seat_account"), alias_of(JOINED, "seat_person")
    sits = (
        select(seat.c.id)
        .select_from(seat.join(here, account_of(seat, account=here)))
        .where(seat.c.removed_at.is_(None), joined_account(here) == counted.c.root)
    )
    is_into = and_(alias.c.into_id == counted.c.person_id, alias.c.to_at.is_(None))
    others = sits.join(alias, alias.c.person_id == seat.c.person_id).where(is_into)
    own = sits.where(seat.c.person_id == counted.c.person_id)
    return or_(own.correlate(counted).exists(), others.correlate(counted).exists())
