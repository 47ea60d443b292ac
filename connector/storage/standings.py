"""What the fields of dirty records come from: newest scores of contacts, voices of joined accounts; and who is home."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    select,
    union_all,
)

from connector.domain.records import RecordKind
from connector.domain.surveys import AskKind
from connector.domain.write_back import AccountStanding, LatestScore, Standing, Voice
from connector.storage.action_counts import open_actions
from connector.storage.joined import joined_account, living_record
from connector.storage.refusal import living_person
from connector.storage.tables.hearing import ResponseRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.people import PersonAliasRow
from connector.storage.tables.rows import alias_of, table_of

RESPONSE, ALIAS = table_of(ResponseRow), table_of(PersonAliasRow)
CONTACT, ACCOUNT = RECORD_TABLES[RecordKind.CONTACT], RECORD_TABLES[RecordKind.ACCOUNT]
THEIRS = "theirs"


def standings_of(connection: Connection, kind: RecordKind, ids: Sequence[int]) -> Mapping[int, Standing]:
    """What each of the records (contacts or accounts) stands at, by id; a contact without an answer is left out."""
    match kind:
        case RecordKind.CONTACT:
            return _latest(connection, ids)
        case RecordKind.ACCOUNT:
            voices, actions = _voices(connection, ids), open_actions(connection, ids)
            return {
                each: AccountStanding(
                    voices=voices[each], open_actions=actions[each].total(), acting=frozenset(actions[each])
                )
                for each in ids
            }
        case _:
            return {}


def known_at_home(connection: Connection, kind: RecordKind, ids: Sequence[int], *, home: str) -> frozenset[int]:
    """Those of the records that the home CRM has a live record of too."""
    if kind is RecordKind.ACCOUNT:
        roots = _roots(connection, ids)
        members = _members(list(set(roots.values())))
        there = select(members.c.joined_id).where(members.c.crm == home, members.c.removed_at.is_(None))
        known = set(connection.scalars(there))
        return frozenset(record_id for record_id, root in roots.items() if root in known)
    own = {row.id: (row.person_id, row.root) for row in connection.execute(_at_accounts().where(CONTACT.c.id.in_(ids)))}
    persons = {person for person, _ in own.values()}
    at_home = _at_accounts().where(CONTACT.c.crm == home, CONTACT.c.removed_at.is_(None))
    seats = connection.execute(at_home.where(CONTACT.c.person_id.in_(persons)))
    taken = {(row.person_id, row.root) for row in seats}
    return frozenset(contact for contact, seat in own.items() if seat in taken)


def _at_accounts() -> Select[int, int, int]:
    """Contacts with their person and joined account."""
    query = select(CONTACT.c.id, CONTACT.c.person_id, joined_account(ACCOUNT).label("root"))
    return query.join(ACCOUNT, account_of(CONTACT))


def account_of(contact: FromClause, *, account: FromClause = ACCOUNT) -> ColumnElement[bool]:
    """Joins a contact's row with that of its account, which it names by the CRM's id."""
    return and_(account.c.crm == contact.c.crm, account.c.crm_id == contact.c.account)


def joined_of(account_id: ColumnElement[Any]) -> ColumnElement[int]:
    """The joined account that an account belongs to by now, by its id, also where it was merged since."""
    account = alias_of(ACCOUNT, "then_account")
    query = select(joined_account(account)).where(account.c.id == living_record(RecordKind.ACCOUNT, account_id))
    return query.correlate_except(account).scalar_subquery()


def with_joined_persons(seats: FromClause) -> CTE:
    """Each row of `seats` (account_id, person_id) with `heard_id`: the person, and who was joined into that one."""
    own = select(seats.c.account_id, seats.c.person_id, seats.c.person_id.label("heard_id"))
    others = select(seats.c.account_id, seats.c.person_id, ALIAS.c.person_id).select_from(
        seats.join(ALIAS, and_(ALIAS.c.into_id == seats.c.person_id, ALIAS.c.to_at.is_(None)))
    )
    return own.union_all(others).cte("persons")


def _latest(connection: Connection, ids: Sequence[int]) -> Mapping[int, LatestScore]:
    persons = _persons(ids).subquery()
    query = (
        select(CONTACT.c.id, RESPONSE.c.score, RESPONSE.c.answered_at, RESPONSE.c.program)
        .join(persons, persons.c.contact_id == CONTACT.c.id)
        .join(RESPONSE, RESPONSE.c.person_id == persons.c.person_id)
        .join(ACCOUNT, account_of(CONTACT))
        .where(RESPONSE.c.ask_kind == AskKind.RELATIONSHIP, joined_account(ACCOUNT) == joined_of(RESPONSE.c.account_id))
        .order_by(RESPONSE.c.answered_at, RESPONSE.c.id)
    )
    rows = connection.execute(query)
    return {row.id: LatestScore(score=row.score, answered_at=row.answered_at, program=row.program) for row in rows}


def _persons(contact_ids: Sequence[int]) -> CompoundSelect[Any]:
    """Contacts with everybody whose answers are theirs: the person they stand for, and who was joined into that one."""
    living, is_asked = living_person(CONTACT.c.person_id), CONTACT.c.id.in_(contact_ids)
    joined = ALIAS.alias("joined")
    own = select(CONTACT.c.id.label("contact_id"), living.label("person_id")).where(is_asked)
    others = select(CONTACT.c.id, joined.c.person_id).where(joined.c.into_id == living)
    return own.union_all(others.where(is_asked, joined.c.to_at.is_(None)))


def _voices(connection: Connection, ids: Sequence[int]) -> Mapping[int, Sequence[Voice]]:
    """By account: every relationship score, oldest first, of people of theirs with a live contact at its joined one."""
    roots = _roots(connection, ids)
    persons = with_joined_persons(_seats(list(set(roots.values()))))
    query = (
        select(persons.c.account_id, persons.c.person_id, RESPONSE.c.score, RESPONSE.c.answered_at, RESPONSE.c.program)
        .join(RESPONSE, RESPONSE.c.person_id == persons.c.heard_id)
        .where(
            RESPONSE.c.ask_kind == AskKind.RELATIONSHIP,
            RESPONSE.c.side == THEIRS,
            RESPONSE.c.score.is_not(None),
            joined_of(RESPONSE.c.account_id) == persons.c.account_id,
        )
        .order_by(RESPONSE.c.answered_at, RESPONSE.c.id)
    )
    voices: dict[int, list[Voice]] = defaultdict(list)
    for account_id, *told in connection.execute(query):
        person_id, score, answered_at, program = told
        voice = Voice(person_id=person_id, score=score, answered_at=answered_at, program=program)
        voices[account_id].append(voice)
    return {record_id: voices[root] for record_id, root in roots.items()}


def _roots(connection: Connection, ids: Sequence[int]) -> Mapping[int, int]:
    query = select(ACCOUNT.c.id, joined_account(ACCOUNT).label("root")).where(ACCOUNT.c.id.in_(ids))
    return {row.id: row.root for row in connection.execute(query)}


def _members(roots: Sequence[int]) -> Subquery:
    """Every account of the joined accounts; two queries, as an OR over two columns finds no index everywhere."""
    columns = ACCOUNT.c.crm, ACCOUNT.c.crm_id, ACCOUNT.c.removed_at
    first = select(ACCOUNT.c.id.label("joined_id"), *columns).where(ACCOUNT.c.id.in_(roots))
    others = select(ACCOUNT.c.joined_id, *columns).where(ACCOUNT.c.joined_id.in_(roots))
    return union_all(first, others).subquery()


def _seats(roots: Sequence[int]) -> FromClause:
    """Who has a live contact at each of the joined accounts, once."""
    members = _members(roots)
    return (
        select(members.c.joined_id.label("account_id"), living_person(CONTACT.c.person_id).label("person_id"))
        .join(CONTACT, account_of(CONTACT, account=members))
        .where(CONTACT.c.removed_at.is_(None))
        .distinct()
        .cte("seats")
    )
