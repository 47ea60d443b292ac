"""Decisions on SQL: candidates, verdicts as they were reached, what counts for spacing, and outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
)

from connector.domain.ask_history import PastAsk
from connector.domain.gates import RULE
from connector.domain.invitations import MessageState
from connector.domain.occurrences import Occurrence, OccurrenceState
from connector.domain.programs import Program, Track
from connector.domain.selection import OWNER_RESTS, Candidate, Decision, Outcome, Reason, VerdictKind
from connector.domain.surveys import AskKind
from connector.storage.came_between import can_be_invited
from connector.storage.candidates import find_candidates
from connector.storage.drawing import DECISION
from connector.storage.places import CONTACT
from connector.storage.refusal import living_person
from connector.storage.tables.asking import InvitationRow, MessageRow
from connector.storage.tables.listening import OccurrenceRow, TrackStartRow, VerdictRow
from connector.storage.tables.rows import alias_of, insert_many, table_of, update_many

VERDICT, TRACK_START = table_of(VerdictRow), table_of(TrackStartRow)
OCCURRENCE, INVITATION, MESSAGE = table_of(OccurrenceRow), table_of(InvitationRow), table_of(MessageRow)
NEVER_LEFT = (MessageState.FAILED, MessageState.CANCELLED)
_CHUNK = 500


class SqlDecisions:
    """The decision store over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def real_since(self, program: str) -> date | None:
        return self._connection.scalar(select(TRACK_START.c.started_on).where(_is_start(program)))

    def live_since(self, program: str) -> date | None:
        return self._connection.scalar(select(TRACK_START.c.live_on).where(_is_start(program)))

    def live_programs(self) -> Sequence[str]:
        query = select(TRACK_START.c.program).where(
            TRACK_START.c.track == Track.REAL, TRACK_START.c.live_on.is_not(None)
        )
        return self._connection.scalars(query.order_by(TRACK_START.c.program)).all()

    def set_real_since(self, program: str, day: date | None, *, live_on: date | None = None) -> None:
        self._connection.execute(delete(TRACK_START).where(_is_start(program)))
        if day is not None:
            values = {"program": program, "track": Track.REAL, "started_on": day, "live_on": live_on}
            self._connection.execute(insert(TRACK_START).values(values))

    def candidates(self, program: Program, occurrences: Sequence[Occurrence], *, track: Track) -> Sequence[Candidate]:
        return find_candidates(self._connection, program, occurrences, track=track)

    def past_asks(self, *, track: Track, since: date, today: date) -> Sequence[PastAsk]:
        tracks = [Track.REAL] if track is Track.REAL else [Track.REAL, Track.SHADOW]
        query = (
            select(
                living_person(DECISION.c.person_id).label("person_id"),
                func.coalesce(INVITATION.c.address, CONTACT.c.address).label("address"),
                DECISION.c.ask_kind,
                DECISION.c.decided_on,
            )
            .join(CONTACT, CONTACT.c.id == DECISION.c.contact_id)
            .join(OCCURRENCE, OCCURRENCE.c.id == DECISION.c.occurrence_id)
            .outerjoin(INVITATION, INVITATION.c.decision_id == DECISION.c.id)
            .outerjoin(MESSAGE, MESSAGE.c.invitation_id == INVITATION.c.id)
            .where(
                DECISION.c.verdict == VerdictKind.ASK,
                DECISION.c.track.in_(tracks),
                DECISION.c.decided_on >= since,
                or_(MESSAGE.c.state.not_in(NEVER_LEFT), and_(MESSAGE.c.state.is_(None), _may_still_leave(today))),
            )
            .distinct()
        )
        return [
            PastAsk(person_id=row.person_id, address=row.address, kind=AskKind(row.ask_kind), on=row.decided_on)
            for row in self._connection.execute(query)
        ]

    def save(self, decisions: Sequence[Decision], *, today: date, at: datetime, configuration: str) -> int:
        known = self._verdicts([decision.candidate.decision_id for decision in decisions])
        changed = [
            decision
            for decision in decisions
            if known.get(decision.candidate.decision_id) != (decision.verdict, decision.rule, decision.until_on)
        ]
        ids = self._save(changed, today=today, at=at)
        reached = [
            _verdict_row(decision_id, decision, at=at, configuration=configuration)
            for decision_id, decision in zip(ids, changed, strict=True)
            if _is_verdict(decision, known.get(decision.candidate.decision_id))
        ]
        if reached:
            self._connection.execute(insert(VERDICT), reached)
        return len(changed)

    def _verdicts(self, ids: Sequence[int | None]) -> dict[int | None, tuple[str, str, date | None]]:
        stored = [each for each in ids if each is not None]
        found: dict[int | None, tuple[str, str, date | None]] = {}
        for start in range(0, len(stored), _CHUNK):
            query = select(DECISION.c.id, DECISION.c.verdict, DECISION.c.rule, DECISION.c.until_on)
            for row in self._connection.execute(query.where(DECISION.c.id.in_(stored[start : start + _CHUNK]))):
                found[row.id] = (row.verdict, row.rule, row.until_on)
        return found

    def _save(self, decisions: Sequence[Decision], *, today: date, at: datetime) -> list[int]:
        """Insert or update, and the ids in the same order."""
        days = {"decided_at": at, "decided_on": today}
        known = [(each, each.candidate.decision_id) for each in decisions]
        stored = [(number, _newest_columns(each) | days) for each, number in known if number is not None]
        update_many(self._connection, DECISION, stored)
        drawn = [_drawn_columns(each) | _newest_columns(each) | days for each, number in known if number is None]
        ids = iter(insert_many(self._connection, DECISION, drawn))
        return [number if number is not None else next(ids) for _, number in known]

    def outcomes(self, *, track: Track, today: date) -> Mapping[Outcome, int]:
        each = (
            select(outcome_on(today).label("word"))
            .select_from(DECISION)
            .join(OCCURRENCE, OCCURRENCE.c.id == DECISION.c.occurrence_id)
            .join(CONTACT, CONTACT.c.id == DECISION.c.contact_id)
            .outerjoin(INVITATION, INVITATION.c.decision_id == DECISION.c.id)
            .outerjoin(MESSAGE, MESSAGE.c.invitation_id == INVITATION.c.id)
            .where(DECISION.c.track == track)
            .subquery()
        )
        query = select(each.c.word, func.count()).group_by(each.c.word)
        counted: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
        for word, number in self._connection.execute(query):
            counted[Outcome(word)] = number
        return counted

    def unreached(self, decision_ids: Sequence[int]) -> Mapping[int, Reason]:
        found: dict[int, Reason] = {}
        for start in range(0, len(decision_ids), _CHUNK):
            query = _kept_back().where(VERDICT.c.decision_id.in_(decision_ids[start : start + _CHUNK]))
            for row in self._connection.execute(query):
                found[row.decision_id] = next(Reason(**each) for each in row.reasons if each["rule"] == RULE)
        return found


def _kept_back() -> Select[Any]:
    """The verdicts of test mode on decisions that never had another one."""
    other = alias_of(VERDICT, "other_verdict")
    has_other = exists().where(other.c.decision_id == VERDICT.c.decision_id, other.c.rule != RULE)
    query = select(VERDICT.c.decision_id, VERDICT.c.reasons).where(VERDICT.c.rule == RULE, not_(has_other))
    return query.order_by(VERDICT.c.id)


def _is_verdict(decision: Decision, known: tuple[str, str, date | None] | None) -> bool:
    """Whether a changed decision is another verdict; a wait that moves every day stays one."""
    if known is None or known[:2] != (decision.verdict, decision.rule):
        return True
    return decision.rule != OWNER_RESTS


def _is_start(program: str) -> ColumnElement[bool]:
    return and_(TRACK_START.c.program == program, TRACK_START.c.track == Track.REAL)


def _newest_columns(decision: Decision) -> dict[str, Any]:
    return {"verdict": decision.verdict, "rule": decision.rule, "until_on": decision.until_on}


def _drawn_columns(decision: Decision) -> dict[str, Any]:
    candidate = decision.candidate
    return {
        "track": decision.track,
        "occurrence_id": candidate.occurrence.id,
        "person_id": candidate.person_id,
        "contact_id": candidate.contact_id,
        "account_id": candidate.account_id,
        "side": "theirs",
        "ask_kind": decision.kind,
    }


def _verdict_row(decision_id: int, decision: Decision, *, at: datetime, configuration: str) -> dict[str, Any]:
    reasons = [asdict(reason) for reason in decision.reasons]
    row = {"decision_id": decision_id, "reasons": reasons, "decided_at": at, "configuration": configuration}
    return _newest_columns(decision) | row


def _may_still_leave(today: date) -> ColumnElement[bool]:
    return or_(DECISION.c.track == Track.SHADOW, can_be_invited(today))


def outcome_on(today: date) -> ColumnElement[Any]:
    """The five words over decision and delivery (design 5.2): still open is deferred, cancelled and expired blocked.

    On the shadow track an ask counts as sent: it is what would have been. An uncertain mail counts as failed until
    something proves that it arrived. An ask that something came between, such as an opt-out, counts as blocked.
    """
    over = or_(
        OCCURRENCE.c.state.in_([OccurrenceState.CANCELLED, OccurrenceState.EXPIRED]), OCCURRENCE.c.expires_on < today
    )
    asked = DECISION.c.verdict == VerdictKind.ASK
    return case(
        (DECISION.c.verdict == VerdictKind.SUBSTITUTE, Outcome.SUBSTITUTED),
        (DECISION.c.verdict == VerdictKind.BLOCK, Outcome.BLOCKED),
        (and_(DECISION.c.verdict == VerdictKind.DEFER, over), Outcome.BLOCKED),
        (DECISION.c.verdict == VerdictKind.DEFER, Outcome.DEFERRED),
        (and_(asked, DECISION.c.track == Track.SHADOW), Outcome.SENT),
        (MESSAGE.c.state == MessageState.SENT, Outcome.SENT),
        (MESSAGE.c.state.in_([MessageState.FAILED, MessageState.UNCERTAIN]), Outcome.FAILED),
        (MESSAGE.c.state == MessageState.CANCELLED, Outcome.BLOCKED),
        (and_(MESSAGE.c.state.is_(None), not_(can_be_invited(today))), Outcome.BLOCKED),
        else_=Outcome.DEFERRED,
    )
