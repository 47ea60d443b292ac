"""Dirty marks that follow people: who answered at a joined account is shown on the contacts and accounts of it.

A page that brings, moves, removes, merges or restores contacts marks what their answers count for before and after.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    false,
    insert,
    or_,
    select,
    true,
    union,
)

from connector.domain.records import RecordKind
from connector.domain.surveys import AskKind
from connector.storage.bulk import analyse, for_this_page
from connector.storage.joined import joined_account
from connector.storage.records_dirty import mark_dirty
from connector.storage.records_stage import Shape
from connector.storage.refusal import living_person
from connector.storage.standings import ACCOUNT, CONTACT, RESPONSE, account_of, joined_of, with_joined_persons

_MOVED = Table(
    "stage_moved",
    MetaData(),
    Column("crm_id", String, primary_key=True),
    Column("person_id", Integer),
    Column("account", String),
    prefixes=["TEMPORARY"],
)
_HEARD = Table(
    "stage_heard",
    MetaData(),
    Column("person_id", Integer, nullable=False),
    Column("account_id", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)


def mark_voices(connection: Connection, heard: FromClause, *, cause: str, at: datetime) -> None:
    """Mark each person's live contacts at the joined account, in every CRM, and that account's live records.

    `heard` has columns `person_id` (a living person) and `account_id` (a joined account).
    """
    # The persons once more by themselves: SQLite joins the other way round otherwise and reads every contact.
    is_of_person = and_(CONTACT.c.person_id == heard.c.person_id, CONTACT.c.person_id.in_(select(heard.c.person_id)))
    contacts = (
        select(CONTACT.c.id)
        .select_from(heard.join(CONTACT, is_of_person).join(ACCOUNT, account_of(CONTACT)))
        .where(joined_account(ACCOUNT) == heard.c.account_id, CONTACT.c.removed_at.is_(None))
    )
    mark_dirty(connection, RecordKind.CONTACT, contacts, cause=cause, at=at)
    mark_accounts(connection, select(heard.c.account_id), cause=cause, at=at)


def mark_accounts(connection: Connection, joined: Select[Any], *, cause: str, at: datetime) -> None:
    """Mark every live account of joined accounts (a query of their ids)."""
    members = union(
        select(ACCOUNT.c.id).where(ACCOUNT.c.id.in_(joined), ACCOUNT.c.removed_at.is_(None)),
        select(ACCOUNT.c.id).where(ACCOUNT.c.joined_id.in_(joined), ACCOUNT.c.removed_at.is_(None)),
    ).subquery()
    mark_dirty(connection, RecordKind.ACCOUNT, select(members.c.id), cause=cause, at=at)


def mark_voices_of(connection: Connection, kind: RecordKind, ids: Select[Any], *, cause: str, at: datetime) -> None:
    """Mark what the answers of these contacts' people count for, or of everybody at these accounts' joined accounts."""
    if kind not in (RecordKind.CONTACT, RecordKind.ACCOUNT) or not _is_anything_heard(connection):
        return
    contacts = CONTACT.c.id.in_(ids) if kind is RecordKind.CONTACT else CONTACT.c.id.in_(_contacts_at(ids))
    with for_this_page(connection, _HEARD):
        _mark(connection, _seats().where(contacts), cause=cause, at=at)


@contextmanager
def voices_followed(connection: Connection, shape: Shape, *, crm: str, at: datetime) -> Iterator[None]:
    """Mark what a page changes by bringing contacts and moving people; the block stores the staged rows."""
    if shape.kind is not RecordKind.CONTACT or not _is_anything_heard(connection):
        yield
        return
    with for_this_page(connection, _MOVED, _HEARD):
        connection.execute(insert(_MOVED).from_select(["crm_id", "person_id", "account"], _moving(shape)))
        analyse(connection, _MOVED)
        yield
        now = _seats().where(CONTACT.c.crm == crm, CONTACT.c.crm_id.in_(select(_MOVED.c.crm_id)))
        _mark(connection, union(_seats_left(crm), now), cause="seat", at=at)


def _is_anything_heard(connection: Connection) -> bool:
    """Whether there is a response at all: a first load is not slowed down by what nobody said."""
    return connection.execute(select(RESPONSE.c.id).limit(1)).first() is not None


def _mark(connection: Connection, seats: Any, *, cause: str, at: datetime) -> None:
    """Mark what belongs to those of the seats (a query of person_id, account_id) who answered at that account."""
    persons = with_joined_persons(seats.cte("seats"))
    answered = (
        select(persons.c.person_id, persons.c.account_id)
        .select_from(persons.join(RESPONSE, RESPONSE.c.person_id == persons.c.heard_id))
        .where(RESPONSE.c.ask_kind == AskKind.RELATIONSHIP, joined_of(RESPONSE.c.account_id) == persons.c.account_id)
        .distinct()
    )
    connection.execute(insert(_HEARD).from_select(["person_id", "account_id"], answered))
    if connection.execute(select(_HEARD.c.person_id).limit(1)).first() is not None:
        analyse(connection, _HEARD)
        mark_voices(connection, _HEARD, cause=cause, at=at)


def _seats() -> Select[int, int]:
    """Who sits at which joined account, of all contacts; to be narrowed down."""
    person = living_person(CONTACT.c.person_id).label("person_id")
    query = select(person, joined_account(ACCOUNT).label("account_id"))
    return query.select_from(CONTACT.join(ACCOUNT, account_of(CONTACT)))


def _seats_left(crm: str) -> Select[int, int]:
    """Where the page's contacts sat before it."""
    account = and_(ACCOUNT.c.crm == crm, ACCOUNT.c.crm_id == _MOVED.c.account)
    person = living_person(_MOVED.c.person_id).label("person_id")
    query = select(person, joined_account(ACCOUNT).label("account_id"))
    return query.select_from(_MOVED.join(ACCOUNT, account)).where(_MOVED.c.person_id.is_not(None))


def _contacts_at(accounts: Select[Any]) -> Select[Any]:
    """Live contacts at any account of the joined accounts that these accounts (a query of ids) belong to."""
    roots = select(joined_account(ACCOUNT)).where(ACCOUNT.c.id.in_(accounts))
    member = ACCOUNT.alias("member")
    members = union(
        select(member.c.crm, member.c.crm_id).where(member.c.id.in_(roots)),
        select(member.c.crm, member.c.crm_id).where(member.c.joined_id.in_(roots)),
    ).subquery()
    return (
        select(CONTACT.c.id).join(members, account_of(CONTACT, account=members)).where(CONTACT.c.removed_at.is_(None))
    )


def _moving(shape: Shape) -> Select[Any]:
    """Staged contacts that are new, restored, of another person or at another account now, as they are stored."""
    stage, record = shape.stage.c, shape.record.c
    is_reseated = and_(stage.person_id.is_not(None), stage.person_id.is_distinct_from(record.person_id))
    is_moved = record.account.is_distinct_from(stage.account) if "account" in shape.words else false()
    return (
        select(stage.crm_id, record.person_id, record.account)
        .select_from(shape.stage.outerjoin(shape.record, record.id == stage.record_id))
        .where(
            stage.is_stale.is_not(true()),
            or_(stage.record_id.is_(None), stage.is_back, is_reseated, is_moved),
        )
    )
