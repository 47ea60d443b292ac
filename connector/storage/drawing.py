"""The statements that draw candidates: contacts beside many occurrences at once, with all that the rules look at.

One statement for each occurrence took its time from being built, not from being run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    and_,
    case,
    column,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    values,
)
from sqlalchemy.sql import Select

from connector.domain.condition import Condition
from connector.domain.occurrences import Occurrence
from connector.domain.programs import Program, Track
from connector.domain.records import Fact, FactType, RecordKind
from connector.domain.selection import NOBODY, VerdictKind
from connector.storage.brought import is_case_of
from connector.storage.conditions import Tables, condition_sql, fact_column
from connector.storage.effective import JoinedAccount
from connector.storage.joined import is_at, is_part, joined_account
from connector.storage.places import ACCOUNT, CONTACT, tables_of
from connector.storage.refusal import bounced, living_person, opted_out
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.listening import DecisionRow
from connector.storage.tables.rows import alias_of, table_of

DECISION = table_of(DecisionRow)
_OWNER = Fact(kind=RecordKind.ACCOUNT, word="owner", type=FactType.TEXT)
_MEMBER, _HOME = alias_of(ACCOUNT, "member"), alias_of(ACCOUNT, "home_account")
_CASE = RECORD_TABLES[RecordKind.CASE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Occurrences as rows of a statement, each with its number and the first record of its account.

    All of them are about one kind of record, and either all or none of their accounts are joined.
    """

    kind: RecordKind
    is_joined: bool
    rows: CTE

    @property
    def anchor(self) -> FromClause | None:
        """The table of their records, where that is neither the account's nor the contact's."""
        return None if self.kind in (RecordKind.ACCOUNT, RecordKind.CONTACT) else RECORD_TABLES[self.kind]

    @property
    def tables(self) -> Tables:
        """What tells the facts of contact, account and record."""
        told = tables_of(is_joined=self.is_joined)
        return told if self.anchor is None else {**told, self.kind: self.anchor}

    def beside(self, contacts: FromClause, is_theirs: ColumnElement[bool]) -> FromClause:
        """The rows joined to the first accounts, records and contacts, those with the accounts that they stand at."""
        source = self.rows.join(ACCOUNT, ACCOUNT.c.id == self.rows.c.account_id)
        if self.anchor is not None:
            source = source.join(self.anchor, self.anchor.c.id == self.rows.c.anchor_id)
        return source.join(contacts, is_theirs).outerjoin(_HOME, is_at(CONTACT, _HOME))


def due(occurrences: Sequence[tuple[Occurrence, int]], *, kind: RecordKind, is_joined: bool) -> Due:
    """Occurrences, each with the id of its account's first record; numbers count from 0 in their order."""
    names = ("number", "occurrence_id", "anchor_id", "account_id")
    rows = [
        (number, occurrence.id, occurrence.anchor.id, first_id)
        for number, (occurrence, first_id) in enumerate(occurrences)
    ]
    given = values(*(column(name, Integer) for name in names), name="due").data(rows)
    return Due(kind=kind, is_joined=is_joined, rows=given.cte("due"))


def fresh(program: Program, due: Due) -> Select[Any]:
    """Live contacts of the occurrences' accounts; of a contact or a case the record's own contact, wherever it stands.

    Who brought a case knows what came of it, and nobody else does.
    """
    query = _facts(program, due).select_from(_around(due)).where(CONTACT.c.removed_at.is_(None))
    if due.kind is RecordKind.CONTACT:
        query = query.where(CONTACT.c.id == due.rows.c.anchor_id)
    return query.order_by(due.rows.c.number, CONTACT.c.id)


def passed_on(program: Program, due: Due, *, track: Track) -> Select[Any]:
    """The own contacts of cases where neither they nor their person were drawn before: the case is theirs since."""
    drawn = alias_of(DECISION, "drawn")
    is_same = or_(drawn.c.contact_id == CONTACT.c.id, drawn.c.person_id == CONTACT.c.person_id)
    is_here = and_(drawn.c.occurrence_id == due.rows.c.occurrence_id, drawn.c.track == track)
    return fresh(program, due).where(~select(drawn.c.id).where(is_here, is_same).correlate_except(drawn).exists())


def drawn_again(program: Program, due: Due, *, track: Track) -> Select[Any]:
    """The contacts of decisions that are not final yet."""
    is_same_crm = () if due.is_joined else (CONTACT.c.crm == ACCOUNT.c.crm,)
    contacts = DECISION.join(CONTACT, CONTACT.c.id == DECISION.c.contact_id)
    return (
        _facts(program, due)
        .add_columns(
            DECISION.c.id.label("decision_id"),
            living_person(DECISION.c.person_id).label("decided_person"),
            (living_person(DECISION.c.person_id) != CONTACT.c.person_id).label("is_somebody_else"),
            _asked_as().label("same_person"),
        )
        .select_from(due.beside(contacts, and_(DECISION.c.occurrence_id == due.rows.c.occurrence_id, *is_same_crm)))
        .where(DECISION.c.track == track, DECISION.c.verdict != VerdictKind.ASK)
        .order_by(due.rows.c.number, DECISION.c.id)
    )


def _around(due: Due) -> FromClause:
    """The occurrences beside all contacts of their accounts; cases beside their own."""
    if due.kind is RecordKind.CASE:
        return due.beside(CONTACT, and_(CONTACT.c.crm == _CASE.c.crm, CONTACT.c.crm_id == _CASE.c.contact))
    if not due.is_joined:
        return due.beside(CONTACT, is_at(CONTACT, ACCOUNT))
    return due.beside(_MEMBER.join(CONTACT, is_at(CONTACT, _MEMBER)), is_part(_MEMBER, ACCOUNT))


def _is_gone(due: Due) -> ColumnElement[bool]:
    """Whether a contact was removed or has left the account; a case stays theirs wherever they stand."""
    is_removed = CONTACT.c.removed_at.is_not(None)
    return is_removed if due.kind is RecordKind.CASE else or_(is_removed, not_(_is_here(due)))


def _is_here(due: Due) -> ColumnElement[bool]:
    """Whether a contact is at the account; never NULL, as one that names no account is not."""
    if not due.is_joined:
        return func.coalesce(is_at(CONTACT, ACCOUNT), false())
    home = alias_of(ACCOUNT, "home")
    return select(home.c.id).where(is_at(CONTACT, home), is_part(home, ACCOUNT)).correlate(CONTACT, ACCOUNT).exists()


def _facts(program: Program, due: Due) -> Select[Any]:
    """What the rules look at, for contacts beside the occurrences' accounts and records."""
    tables = due.tables
    at, own_account = (_CASE, _case_account()) if due.kind is RecordKind.CASE else (CONTACT, _HOME.c.id)
    return select(
        due.rows.c.number,
        CONTACT.c.id,
        CONTACT.c.person_id,
        (CONTACT.c.crm + "/" + CONTACT.c.crm_id).label("key"),
        own_account.label("own_account"),  # what belongs to the contact goes with it when accounts are split
        (at.c.crm + "/" + at.c.account).label("account_key"),
        _HOME.c.id.label("home_id"),
        joined_account(_HOME).label("home_first_id"),
        (CONTACT.c.crm + "/" + CONTACT.c.account).label("home_key"),
        CONTACT.c.hold_until,
        CONTACT.c.hold_reason,
        CONTACT.c.left_company,
        _passed_on_to(due).label("passed_on_to"),
        _owner(tables).label("account_owner"),
        CONTACT.c.address,
        (CONTACT.c.crm == ACCOUNT.c.crm).label("is_first"),
        _is_gone(due).label("is_gone"),
        opted_out(CONTACT.c.person_id, CONTACT.c.address).label("opted_out"),
        bounced(CONTACT.c.person_id, CONTACT.c.address).label("bounced"),
        condition_sql(program.who, tables).label("who"),
        *_saw(program.who, tables),
    )


def _asked_as() -> ColumnElement[str | None]:
    """The contact as which a decision's person is asked of the same occurrence already; NULL where they are not."""
    asked, contact = alias_of(DECISION, "asked"), alias_of(CONTACT, "asked_contact")
    query = select(func.min(contact.c.crm + "/" + contact.c.crm_id)).join(asked, asked.c.contact_id == contact.c.id)
    is_same = and_(asked.c.occurrence_id == DECISION.c.occurrence_id, asked.c.track == DECISION.c.track)
    is_theirs = living_person(asked.c.person_id) == living_person(DECISION.c.person_id)
    query = query.where(is_same, is_theirs, asked.c.verdict == VerdictKind.ASK)
    return query.correlate_except(asked, contact).scalar_subquery()


def _case_account() -> ColumnElement[int | None]:
    """The account of a case in its own CRM."""
    own = alias_of(ACCOUNT, "own_account")
    return select(own.c.id).where(is_at(_CASE, own)).correlate_except(own).scalar_subquery()


def _passed_on_to(due: Due) -> ColumnElement[Any]:
    """Whose a case is by now, where it is neither the contact's nor another one's of the same person; else NULL."""
    if due.kind is not RecordKind.CASE:
        return null()
    whose = func.coalesce(_CASE.c.crm + "/" + _CASE.c.contact, literal(NOBODY))
    return case((is_case_of(_CASE, CONTACT), null()), else_=whose)


def _owner(tables: Tables) -> ColumnElement[str | None]:
    """The account's owner as `crm/owner id`: of a joined one, of the first record that has one."""
    joined = tables[RecordKind.ACCOUNT]
    if not isinstance(joined, JoinedAccount):
        return ACCOUNT.c.crm + "/" + ACCOUNT.c.owner
    owned = alias_of(ACCOUNT, "owned_account")
    query = select(owned.c.crm + "/" + owned.c.owner).where(owned.c.id == joined.told_by(_OWNER))
    return query.correlate_except(owned).scalar_subquery()


def _saw(who: Condition, tables: Tables) -> list[ColumnElement[Any]]:
    return [fact_column(fact, tables).label(f"saw_{number}") for number, fact in enumerate(who.facts())]
