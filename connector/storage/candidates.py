"""Candidates on SQL: who has a live contact where an occurrence fell due, with all that the rules look at."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, or_, select
from sqlalchemy.sql import Select

from connector.domain.addresses import is_shared_mailbox
from connector.domain.condition import Condition
from connector.domain.occurrences import Occurrence
from connector.domain.programs import Program, Track
from connector.domain.records import Fact, FactType, RecordKind
from connector.domain.selection import Candidate, VerdictKind
from connector.storage.conditions import Tables, condition_sql, fact_column
from connector.storage.effective import JoinedAccount
from connector.storage.places import ACCOUNT, CONTACT, Place, place_of
from connector.storage.refusal import bounced, living_person, opted_out
from connector.storage.rep_words import RepWords, said_at
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.listening import DecisionRow
from connector.storage.tables.rows import alias_of, table_of

DECISION = table_of(DecisionRow)
_CHUNK = 500
_OWNER = Fact(kind=RecordKind.ACCOUNT, word="owner", type=FactType.TEXT)


def to_be_looked_at(
    connection: Connection, occurrences: Sequence[Occurrence], *, track: Track
) -> list[tuple[Occurrence, bool]]:
    """Occurrences that may have somebody to decide on this track, each with whether candidates were drawn there.

    Left out are those whose candidates are all asked and those where nobody was there to be drawn: most of them, which
    would be read again every day until they expire.
    """
    drawn = _drawn(connection, [each.id for each in occurrences if each.id is not None])
    found = []
    for occurrence in occurrences:
        tracks = drawn.get(occurrence.id or 0, {})
        is_fresh = track not in tracks and (bool(tracks) or occurrence.drawn_at is None)
        if is_fresh or tracks.get(track):
            found.append((occurrence, not is_fresh))
    return found


def find_candidates(
    connection: Connection, program: Program, occurrence: Occurrence, *, track: Track, is_drawn: bool
) -> list[Candidate]:
    """The drawn candidates that are not asked yet; where none were drawn, one per person with a live contact."""
    said = said_at(connection, occurrence.anchor.account_id)
    place = place_of(connection, occurrence.anchor.account_id)
    if is_drawn:
        rows = connection.execute(_drawn_again(program, occurrence, place, track))
        return [_with_rep_words(_candidate(row, occurrence, program), row.person_id, said) for row in rows]
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


def _drawn(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, bool]]:
    """By occurrence and track on which candidates of it were drawn: whether somebody is not asked yet."""
    is_left = func.max(case((DECISION.c.verdict != VerdictKind.ASK, 1), else_=0))
    tracks: dict[int, dict[str, bool]] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(DECISION.c.occurrence_id, DECISION.c.track, is_left.label("is_left"))
        query = query.where(DECISION.c.occurrence_id.in_(ids[start : start + _CHUNK]))
        for row in connection.execute(query.group_by(DECISION.c.occurrence_id, DECISION.c.track)):
            tracks.setdefault(row.occurrence_id, {})[row.track] = bool(row.is_left)
    return tracks


def _fresh(program: Program, occurrence: Occurrence, place: Place) -> Select[Any]:
    """Live contacts of the occurrence's account; of a contact or a case the anchor's own contact."""
    query = _facts(program, occurrence, place).where(CONTACT.c.removed_at.is_(None), place.is_here)
    if occurrence.anchor.kind is RecordKind.CONTACT:
        query = query.where(CONTACT.c.id == occurrence.anchor.id)
    if occurrence.anchor.kind is RecordKind.CASE:  # who brought it knows what came of it, and nobody else does
        query = query.where(_has_brought(occurrence.anchor.id))
    return query.order_by(CONTACT.c.id)


def _has_brought(case_id: int) -> ColumnElement[bool]:
    brought = RECORD_TABLES[RecordKind.CASE].alias("brought")
    is_its = and_(brought.c.crm == CONTACT.c.crm, brought.c.contact == CONTACT.c.crm_id)
    return select(brought.c.id).where(brought.c.id == case_id, is_its).correlate(CONTACT).exists()


def _drawn_again(program: Program, occurrence: Occurrence, place: Place, track: Track) -> Select[Any]:
    """The contacts of decisions that are not final yet."""
    return (
        _facts(program, occurrence, place)
        .add_columns(
            DECISION.c.id.label("decision_id"),
            living_person(DECISION.c.person_id).label("decided_person"),
            (living_person(DECISION.c.person_id) != CONTACT.c.person_id).label("is_somebody_else"),
            _asked_as().label("same_person"),
        )
        .join(DECISION, DECISION.c.contact_id == CONTACT.c.id)
        .where(
            DECISION.c.occurrence_id == occurrence.id,
            DECISION.c.track == track,
            DECISION.c.verdict != VerdictKind.ASK,
        )
        .order_by(DECISION.c.id)
    )


def _asked_as() -> ColumnElement[str | None]:
    """The contact as which a decision's person is asked of the same occurrence already; NULL where they are not."""
    asked, contact = alias_of(DECISION, "asked"), alias_of(CONTACT, "asked_contact")
    query = select(func.min(contact.c.crm + "/" + contact.c.crm_id)).join(asked, asked.c.contact_id == contact.c.id)
    is_same = and_(asked.c.occurrence_id == DECISION.c.occurrence_id, asked.c.track == DECISION.c.track)
    is_theirs = living_person(asked.c.person_id) == living_person(DECISION.c.person_id)
    query = query.where(is_same, is_theirs, asked.c.verdict == VerdictKind.ASK)
    return query.correlate_except(asked, contact).scalar_subquery()


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
        _own_account().label("own_account"),
        (CONTACT.c.crm + "/" + CONTACT.c.account).label("account_key"),
        _owner(tables).label("account_owner"),
        CONTACT.c.address,
        (CONTACT.c.crm == ACCOUNT.c.crm).label("is_first"),
        or_(CONTACT.c.removed_at.is_not(None), not_(place.is_here)).label("is_gone"),
        opted_out(CONTACT.c.person_id, CONTACT.c.address).label("opted_out"),
        bounced(CONTACT.c.person_id, CONTACT.c.address).label("bounced"),
        condition_sql(program.who, tables).label("who"),
        *_saw(program.who, tables),
    ).select_from(source)


def _own_account() -> ColumnElement[int | None]:
    """The account record in the contact's own CRM: what belongs to the contact goes with it when accounts are split."""
    own = alias_of(ACCOUNT, "own_account")
    query = select(own.c.id).where(own.c.crm == CONTACT.c.crm, own.c.crm_id == CONTACT.c.account)
    return query.correlate_except(own).scalar_subquery()


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


def _candidate(row: Any, occurrence: Occurrence, program: Program) -> Candidate:
    saw = ", ".join(
        f"{fact.name} = {_shown(getattr(row, f'saw_{number}'))}" for number, fact in enumerate(program.who.facts())
    )
    return Candidate(
        occurrence=occurrence,
        person_id=getattr(row, "decided_person", row.person_id),
        person_key=row.key,
        contact_id=row.id,
        account_id=row.own_account or occurrence.anchor.account_id,
        account_key=row.account_key or occurrence.anchor.key,
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
        same_person=getattr(row, "same_person", None),
    )


def _shown(value: Any) -> str:
    return "unknown" if value is None else str(value)
