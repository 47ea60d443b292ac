"""Candidates on SQL: who has a live contact where an occurrence fell due, with all that the rules look at."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, not_, or_, select
from sqlalchemy.sql import Select

from connector.domain.addresses import is_shared_mailbox
from connector.domain.condition import Condition
from connector.domain.occurrences import Occurrence
from connector.domain.programs import Program, Track
from connector.domain.records import RecordKind
from connector.domain.selection import Candidate, VerdictKind
from connector.storage.conditions import Tables, condition_sql, fact_column
from connector.storage.places import ACCOUNT, CONTACT, Place, place_of
from connector.storage.refusal import bounced, living_person, opted_out
from connector.storage.rep_words import RepWords, said_at
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.listening import DecisionRow
from connector.storage.tables.rows import table_of

DECISION = table_of(DecisionRow)


def find_candidates(
    connection: Connection, program: Program, occurrence: Occurrence, *, track: Track
) -> list[Candidate]:
    """The drawn candidates that are not asked yet; where none were drawn, one per person with a live contact."""
    tracks, said = _tracks(connection, occurrence), said_at(connection, occurrence.anchor.account_id)
    place = place_of(connection, occurrence.anchor.account_id)
    if track in tracks:
        rows = connection.execute(_drawn_again(program, occurrence, place, track))
        return [_with_rep_words(_candidate(row, occurrence, program), row.person_id, said) for row in rows]
    if occurrence.drawn_at is not None and not tracks:
        return []
    best: dict[int, tuple[tuple[bool, ...], Candidate]] = {}
    for row in connection.execute(_fresh(program, occurrence, place)):
        candidate = _with_rep_words(_candidate(row, occurrence, program), row.person_id, said)
        rank = _rank(candidate, place, is_first=row.is_first)
        known = best.get(candidate.person_id)
        if known is None or rank > known[0]:
            best[candidate.person_id] = rank, candidate
    return [candidate for _, candidate in best.values()]


def _rank(candidate: Candidate, place: Place, *, is_first: bool) -> tuple[bool, ...]:
    """Which contact stands for a person who has several; of equal ones the one with the lowest id does.

    Where the account is known in several CRMs: one that mail can reach, then that of the first account's CRM.
    """
    has_seat = candidate.who is True
    return (candidate.address is not None, bool(is_first), has_seat) if place.is_joined else (has_seat,)


def _with_rep_words(candidate: Candidate, person_id: int, said: RepWords) -> Candidate:
    """The candidate with what reps say of the person, whom the contact stands for now, and of the account."""
    return replace(candidate, left_company=said.left.get(person_id), hold=said.hold(person_id))


def _tracks(connection: Connection, occurrence: Occurrence) -> set[str]:
    """The tracks on which candidates of this occurrence were drawn."""
    query = select(DECISION.c.track).where(DECISION.c.occurrence_id == occurrence.id).distinct()
    return set(connection.scalars(query)) if occurrence.id is not None else set()


def _fresh(program: Program, occurrence: Occurrence, place: Place) -> Select[Any]:
    """Live contacts of the occurrence's account, or the anchor's own contact."""
    query = _facts(program, occurrence, place).where(CONTACT.c.removed_at.is_(None), place.is_here)
    if occurrence.anchor.kind is RecordKind.CONTACT:
        query = query.where(CONTACT.c.id == occurrence.anchor.id)
    return query.order_by(CONTACT.c.id)


def _drawn_again(program: Program, occurrence: Occurrence, place: Place, track: Track) -> Select[Any]:
    """The contacts of decisions that are not final yet."""
    return (
        _facts(program, occurrence, place)
        .add_columns(
            DECISION.c.id.label("decision_id"),
            living_person(DECISION.c.person_id).label("decided_person"),
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


def _facts(program: Program, occurrence: Occurrence, place: Place) -> Select[Any]:
    """What the rules look at, for contacts beside the occurrence's account and anchor record."""
    tables = dict(place.tables)
    source = CONTACT.join(ACCOUNT, place.is_beside)
    if occurrence.anchor.kind not in tables:
        anchor = tables[occurrence.anchor.kind] = RECORD_TABLES[occurrence.anchor.kind]
        source = source.join(anchor, anchor.c.id == occurrence.anchor.id)
    return select(
        CONTACT.c.id,
        CONTACT.c.person_id,
        (CONTACT.c.crm + "/" + CONTACT.c.crm_id).label("key"),
        (ACCOUNT.c.crm + "/" + ACCOUNT.c.owner).label("account_owner"),
        CONTACT.c.address,
        (CONTACT.c.crm == ACCOUNT.c.crm).label("is_first"),
        or_(CONTACT.c.removed_at.is_not(None), not_(place.is_here)).label("is_gone"),
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
