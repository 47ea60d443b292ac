"""Candidates on SQL: who has a live contact where an occurrence fell due, with all that the rules look at."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, or_, select
from sqlalchemy.sql import Select

from connector.domain.addresses import is_shared_mailbox
from connector.domain.condition import Condition
from connector.domain.occurrences import Occurrence
from connector.domain.programs import Program, Track
from connector.domain.records import RecordKind
from connector.domain.selection import Candidate, VerdictKind
from connector.storage.conditions import Tables, condition_sql, fact_column
from connector.storage.refusal import bounced, living_person, opted_out
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.listening import DecisionRow
from connector.storage.tables.rows import table_of

DECISION = table_of(DecisionRow)
CONTACT, ACCOUNT = RECORD_TABLES[RecordKind.CONTACT], RECORD_TABLES[RecordKind.ACCOUNT]


def find_candidates(
    connection: Connection, program: Program, occurrence: Occurrence, *, track: Track
) -> list[Candidate]:
    """The drawn candidates that are not asked yet; where none were drawn, one per person with a live contact."""
    tracks = _tracks(connection, occurrence)
    if track in tracks:
        rows = connection.execute(_drawn_again(program, occurrence, track))
        return [_candidate(row, occurrence, program) for row in rows]
    if occurrence.drawn_at is not None and not tracks:
        return []
    best: dict[int, Candidate] = {}
    for row in connection.execute(_fresh(program, occurrence)):
        candidate = _candidate(row, occurrence, program)
        known = best.get(candidate.person_id)
        if known is None or (candidate.who is True and known.who is not True):
            best[candidate.person_id] = candidate
    return list(best.values())


def _tracks(connection: Connection, occurrence: Occurrence) -> set[str]:
    """The tracks on which candidates of this occurrence were drawn."""
    query = select(DECISION.c.track).where(DECISION.c.occurrence_id == occurrence.id).distinct()
    return set(connection.scalars(query)) if occurrence.id is not None else set()


def _fresh(program: Program, occurrence: Occurrence) -> Select[Any]:
    """Live contacts of the occurrence's account, or the anchor's own contact."""
    query = _facts(program, occurrence).where(CONTACT.c.removed_at.is_(None), CONTACT.c.account == ACCOUNT.c.crm_id)
    if occurrence.anchor.kind is RecordKind.CONTACT:
        query = query.where(CONTACT.c.id == occurrence.anchor.id)
    return query.order_by(CONTACT.c.id)


def _drawn_again(program: Program, occurrence: Occurrence, track: Track) -> Select[Any]:
    """The contacts of decisions that are not final yet."""
    return (
        _facts(program, occurrence)
        .add_columns(
            DECISION.c.id.label("decision_id"),
            DECISION.c.person_id.label("decided_person"),
            (living_person(DECISION.c.person_id) != CONTACT.c.person_id).label("is_somebody_else"),
        )
        .join(DECISION, DECISION.c.contact_id == CONTACT.c.id)
        .where(
            DECISION.c.occurrence_id == occurrence.id,
            DECISION.c.track == track,
            DECISION.c.verdict != VerdictKind.ASK,
        )
        .order_by(DECISION.c.id)
    )


def _facts(program: Program, occurrence: Occurrence) -> Select[Any]:
    """What the rules look at, for contacts beside the occurrence's account and anchor record."""
    tables: dict[RecordKind, FromClause] = {RecordKind.CONTACT: CONTACT, RecordKind.ACCOUNT: ACCOUNT}
    source = CONTACT.join(ACCOUNT, and_(ACCOUNT.c.id == occurrence.anchor.account_id, ACCOUNT.c.crm == CONTACT.c.crm))
    if occurrence.anchor.kind not in tables:
        anchor = tables[occurrence.anchor.kind] = RECORD_TABLES[occurrence.anchor.kind]
        source = source.join(anchor, anchor.c.id == occurrence.anchor.id)
    return select(
        CONTACT.c.id,
        CONTACT.c.person_id,
        (CONTACT.c.crm + "/" + CONTACT.c.crm_id).label("key"),
        (ACCOUNT.c.crm + "/" + ACCOUNT.c.owner).label("account_owner"),
        CONTACT.c.address,
        or_(CONTACT.c.removed_at.is_not(None), CONTACT.c.account != ACCOUNT.c.crm_id).label("is_gone"),
        opted_out(CONTACT.c.person_id, CONTACT.c.address).label("opted_out"),
        bounced(CONTACT.c.person_id, CONTACT.c.address).label("bounced"),
        condition_sql(program.who, tables).label("who"),
        *_saw(program.who, tables),
    ).select_from(source)


def _saw(who: Condition, tables: Tables) -> list[ColumnElement[Any]]:
    return [fact_column(fact, tables).label(f"saw_{number}") for number, fact in enumerate(who.facts())]


def _candidate(row: Any, occurrence: Occurrence, program: Program) -> Candidate:
    saw = ", ".join(
        f"{fact.name} = {_shown(getattr(row, f'saw_{number}'))}" for number, fact in enumerate(program.who.facts())
    )
    return Candidate(
        occurrence=occurrence,
        person_id=getattr(row, "decided_person", row.person_id),
        person_key=row.key,
        contact_id=row.id,
        account_id=occurrence.anchor.account_id,
        source=row.key,
        address=row.address,
        is_shared_mailbox=row.address is not None and is_shared_mailbox(row.address),
        is_gone=bool(row.is_gone or getattr(row, "is_somebody_else", False)),
        opted_out=row.opted_out,
        bounced=row.bounced,
        who=None if row.who is None else bool(row.who),
        who_saw=saw,
        decision_id=getattr(row, "decision_id", None),
        account_owner=row.account_owner,
    )


def _shown(value: Any) -> str:
    return "unknown" if value is None else str(value)
