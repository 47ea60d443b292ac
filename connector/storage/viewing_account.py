"""One joined account in SQL: its records and its people; what happened there is read next door."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, or_, select

from connector.domain.records import PART, WELL_KNOWN, FactValue, RecordKind
from connector.ports.storage.viewing_account import AccountRecord, AccountView, PersonView
from connector.storage import viewing_events
from connector.storage.joined import joined_account
from connector.storage.refusal import bounced, living_person, opted_out
from connector.storage.sameness import account_ids, joined_ids
from connector.storage.standings import account_of
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of
from connector.storage.viewing_heard import responses, voices
from connector.storage.viewing_scores import (
    ACCOUNT,
    RESPONSE,
    account_now,
    account_scores,
    is_counted,
    person_now,
    placed,
)

_CONTACT, _OWNER = RECORD_TABLES[RecordKind.CONTACT], RECORD_TABLES[RecordKind.OWNER]
_PARENT = alias_of(ACCOUNT, "parent_account")
_WORDS = tuple(word for word in WELL_KNOWN[RecordKind.ACCOUNT] if word not in ("name", "owner", "parent"))


def account(connection: Connection, account_id: int, *, limit: int) -> AccountView | None:
    """See the port."""
    root = joined_ids(connection, [account_id]).get(account_id)
    if root is None:
        return None
    ids = account_ids(connection, [root])
    people = _people(connection, root)
    events = viewing_events.Events(connection=connection, accounts=ids, limit=limit)
    heard = responses().where(RESPONSE.c.account_id.in_(ids)).limit(limit)
    mean = connection.execute(select(account_scores(ids))).one_or_none()
    return AccountView(
        id=root,
        score=None if mean is None else mean.score,
        people_heard=0 if mean is None else mean.voices,
        records=_records(connection, root),
        people=people,
        voices=voices(connection, heard),
        decisions=events.decisions(),
        actions=events.actions(),
        changes=events.changes(),
        writes=events.writes(),
    )


def _records(connection: Connection, root: int) -> list[AccountRecord]:
    owner = and_(_OWNER.c.crm == ACCOUNT.c.crm, _OWNER.c.crm_id == ACCOUNT.c.owner)
    parent = and_(_PARENT.c.crm == ACCOUNT.c.crm, _PARENT.c.crm_id == ACCOUNT.c.parent)
    names = (
        _OWNER.c.name.label("owner_name"),
        joined_account(_PARENT).label("parent_id"),
        _PARENT.c.name.label("parent_name"),
    )
    query = (
        select(ACCOUNT, *names)
        .select_from(ACCOUNT.outerjoin(_OWNER, owner).outerjoin(_PARENT, parent))
        .where(or_(ACCOUNT.c.id == root, and_(ACCOUNT.c.joined_id == root, ACCOUNT.c.removed_at.is_(None))))
        .order_by(case((ACCOUNT.c.id == root, 0), else_=1), ACCOUNT.c.id)
    )
    return [_record(row) for row in connection.execute(query)]


def _record(row: Row[Any]) -> AccountRecord:
    return AccountRecord(
        id=row.id,
        crm=row.crm,
        crm_id=row.crm_id,
        name=row.name,
        owner=row.owner_name,
        parent_id=row.parent_id,
        parent=row.parent_name,
        first_seen_at=row.first_seen_at,
        values={word: row._mapping[word] for word in _WORDS} | _declared(row.facts or {}),
    )


def _declared(facts: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """The facts that rules can name: not what is kept of a fact's sources, each by itself."""
    return {word: value for word, value in facts.items() if PART not in word}


def _people(connection: Connection, root: int) -> list[PersonView]:
    """Everybody with a live contact at the joined account; of several, those of its first record's CRM tell first."""
    person = living_person(_CONTACT.c.person_id)
    query = (
        select(_CONTACT, person.label("living_id"))
        .add_columns(func.coalesce(_CONTACT.c.rep_level, _CONTACT.c.level).label("level_now"))
        .add_columns(opted_out(_CONTACT.c.person_id, _CONTACT.c.address).label("no"))
        .add_columns(bounced(_CONTACT.c.person_id, _CONTACT.c.address).label("dead"))
        .join(ACCOUNT, account_of(_CONTACT))
        .where(or_(ACCOUNT.c.id == root, ACCOUNT.c.joined_id == root))
        .where(ACCOUNT.c.removed_at.is_(None), _CONTACT.c.removed_at.is_(None))
        .order_by(case((ACCOUNT.c.id == root, 0), else_=1), _CONTACT.c.id)
    )
    contacts: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        contacts[row.living_id].append(row)
    scores = _scores(connection, root)
    return [_person(person_id, rows, scores.get(person_id)) for person_id, rows in contacts.items()]


def _scores(connection: Connection, root: int) -> Mapping[int, tuple[float, datetime]]:
    """The newest relationship score that each person gave at the account."""
    query = (
        select(person_now().label("person"), RESPONSE.c.score, RESPONSE.c.answered_at)
        .select_from(placed())
        .where(RESPONSE.c.account_id.in_(account_ids(connection, [root])), account_now() == root)
        .where(is_counted())
        .order_by(RESPONSE.c.answered_at, RESPONSE.c.id)
    )
    return {row.person: (row.score, row.answered_at) for row in connection.execute(query)}


def _person(person_id: int, contacts: Sequence[Row[Any]], newest: tuple[float, datetime] | None) -> PersonView:
    held = max((row for row in contacts if row.hold_until), key=lambda row: row.hold_until, default=None)
    score, answered_at = newest or (None, None)
    return PersonView(
        person_id=person_id,
        name=_first(row.name for row in contacts),
        title=_first(row.title for row in contacts),
        level=_first(row.level_now for row in contacts),
        address=_first(row.address for row in contacts),
        keys=[f"{row.crm}/{row.crm_id}" for row in contacts],
        opted_out=_first(row.no for row in contacts),
        bounced=_first(row.dead for row in contacts),
        left_company=any(row.left_company for row in contacts),
        hold_until=None if held is None else held.hold_until,
        hold_reason=None if held is None else held.hold_reason,
        score=score,
        answered_at=answered_at,
    )


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value is not None), None)
