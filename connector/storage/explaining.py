"""What is stored of one person, in SQL: contacts, decisions with every verdict, answers. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select

from connector.domain.addresses import normalise_address
from connector.domain.invitations import MessageState
from connector.domain.programs import Track
from connector.domain.records import RecordKind
from connector.domain.selection import Candidate, Outcome, Reason, VerdictKind
from connector.domain.surveys import AskKind
from connector.ports.storage.explaining import ContactSeen, DecisionSeen, ResponseSeen, VerdictSeen
from connector.ports.storage.viewing_account import ActionView, VoiceView
from connector.storage.came_between import keeps_from_inviting
from connector.storage.decisions import INVITATION, MESSAGE, OCCURRENCE, VERDICT, outcome_on
from connector.storage.drawing import DECISION
from connector.storage.joined import joined_account
from connector.storage.known_since import known_since
from connector.storage.refusal import living_person
from connector.storage.tables.hearing import ResponseRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.people import PersonAddressRow, PersonAliasRow
from connector.storage.tables.rows import table_of
from connector.storage.viewing_events import actions_of
from connector.storage.viewing_heard import responses, voices

CONTACT, ACCOUNT = RECORD_TABLES[RecordKind.CONTACT], RECORD_TABLES[RecordKind.ACCOUNT]
ADDRESS, ALIAS, RESPONSE = table_of(PersonAddressRow), table_of(PersonAliasRow), table_of(ResponseRow)
_CHUNK = 500


class SqlExplanations:
    """The explanation store over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def persons(self, text: str, *, limit: int) -> Sequence[int]:
        for query in _ways_to(text.strip()) if text.strip() else ():
            found = self._connection.scalars(query.distinct().order_by("person").limit(limit)).all()
            if found:
                return found
        return []

    def contacts(self, person_ids: Sequence[int]) -> Mapping[int, Sequence[ContactSeen]]:
        found: dict[int, list[ContactSeen]] = {person_id: [] for person_id in person_ids}
        for start in range(0, len(person_ids), _CHUNK):
            for row in self._connection.execute(_contacts(person_ids[start : start + _CHUNK])):
                found[row.person_id].append(_contact(row))
        return found

    def decisions(self, person_id: int, *, today: date) -> Sequence[DecisionSeen]:
        rows = self._connection.execute(_decisions(self._all_of(person_id), today=today)).all()
        verdicts = self._verdicts([row.id for row in rows])
        return [_decision(row, verdicts[row.id]) for row in rows]

    def responses(self, person_id: int) -> Sequence[ResponseSeen]:
        query = select(RESPONSE).where(RESPONSE.c.person_id.in_(self._all_of(person_id)))
        rows = self._connection.execute(query.order_by(RESPONSE.c.answered_at.desc(), RESPONSE.c.id.desc()))
        return [
            ResponseSeen(
                id=row.id,
                program=row.program,
                milestone=row.milestone,
                kind=AskKind(row.ask_kind),
                score=row.score,
                source=row.source,
                answered_at=row.answered_at,
                acted_at=row.acted_at,
            )
            for row in rows
        ]

    def voices(self, person_id: int) -> Sequence[VoiceView]:
        return voices(self._connection, responses().where(RESPONSE.c.person_id.in_(self._all_of(person_id))))

    def actions(self, response_ids: Sequence[int]) -> Mapping[int, Sequence[ActionView]]:
        return actions_of(self._connection, response_ids)

    def known_since(self, candidates: Sequence[Candidate]) -> Sequence[Mapping[str, datetime]]:
        return known_since(self._connection, candidates)

    def _all_of(self, person_id: int) -> list[int]:
        """The person, and who was joined into them."""
        joined = select(ALIAS.c.person_id).where(ALIAS.c.into_id == person_id, ALIAS.c.to_at.is_(None))
        return [person_id, *self._connection.scalars(joined)]

    def _verdicts(self, ids: Sequence[int]) -> Mapping[int, Sequence[VerdictSeen]]:
        found: dict[int, list[VerdictSeen]] = {number: [] for number in ids}
        for start in range(0, len(ids), _CHUNK):
            query = select(VERDICT).where(VERDICT.c.decision_id.in_(ids[start : start + _CHUNK]))
            for row in self._connection.execute(query.order_by(VERDICT.c.id.desc())):
                found[row.decision_id].append(_verdict(row))
        return found


def _ways_to(text: str) -> list[Select[Any]]:
    """Queries for persons, the surest first; the first that finds anybody is the answer."""
    address = normalise_address(text)
    crm, slash, crm_id = text.partition("/")
    if address is not None:
        held = select(living_person(ADDRESS.c.person_id).label("person")).where(ADDRESS.c.address == address)
        has_it = _seats().where(CONTACT.c.address == address)
        return [has_it.where(CONTACT.c.removed_at.is_(None)), held, has_it]
    if slash:
        return [_seats().where(CONTACT.c.crm == crm, CONTACT.c.crm_id == crm_id)]
    crms = select(CONTACT.c.crm).distinct()
    return [
        _seats().where(CONTACT.c.crm.in_(crms), CONTACT.c.crm_id == text),
        _seats().where(or_(CONTACT.c.name == text, func.lower(CONTACT.c.name) == text.lower())),
        _seats().where(CONTACT.c.name.icontains(text, autoescape=True)),
    ]


def _seats() -> Select[Any]:
    return select(CONTACT.c.person_id.label("person")).where(CONTACT.c.person_id.is_not(None))


def _contacts(person_ids: Sequence[int]) -> Select[Any]:
    """The contacts of persons beside their accounts, live ones first, then by key."""
    return (
        select(
            CONTACT,
            ACCOUNT.c.id.label("account_record"),
            joined_account(ACCOUNT).label("account_id"),
            (ACCOUNT.c.crm + "/" + ACCOUNT.c.crm_id).label("account_key"),
            ACCOUNT.c.name.label("account_name"),
            ACCOUNT.c.removed_at.label("account_removed_at"),
        )
        .outerjoin(ACCOUNT, and_(ACCOUNT.c.crm == CONTACT.c.crm, ACCOUNT.c.crm_id == CONTACT.c.account))
        .where(CONTACT.c.person_id.in_(person_ids))
        .order_by(case((CONTACT.c.removed_at.is_(None), 0), else_=1), CONTACT.c.crm, CONTACT.c.crm_id)
    )


def _contact(row: Row[Any]) -> ContactSeen:
    return ContactSeen(
        id=row.id,
        crm=row.crm,
        key=f"{row.crm}/{row.crm_id}",
        name=row.name,
        address=row.address,
        title=row.title,
        level=row.level,
        rep_level=row.rep_level,
        account_id=row.account_id if row.account_record is not None else None,
        account=row.account_key,
        account_name=row.account_name,
        first_seen_at=row.first_seen_at,
        removed_at=row.removed_at,
        account_removed_at=row.account_removed_at,
    )


def _decisions(person_ids: Sequence[int], *, today: date) -> Select[Any]:
    return (
        select(
            DECISION.c.id,
            DECISION.c.track,
            DECISION.c.until_on,
            OCCURRENCE.c.program,
            OCCURRENCE.c.milestone,
            OCCURRENCE.c.anchor_key,
            OCCURRENCE.c.due_on,
            OCCURRENCE.c.expires_on,
            OCCURRENCE.c.state.label("occurrence_state"),
            OCCURRENCE.c.reason.label("occurrence_reason"),
            (CONTACT.c.crm + "/" + CONTACT.c.crm_id).label("contact"),
            outcome_on(today).label("outcome"),
            INVITATION.c.state.label("invitation"),
            MESSAGE.c.state.label("mail"),
            func.coalesce(MESSAGE.c.sent_at, MESSAGE.c.handed_over_at).label("mail_at"),
            func.coalesce(MESSAGE.c.attempts, 0).label("mail_attempts"),
            MESSAGE.c.error.label("mail_error"),
            case((_is_uninvited(), keeps_from_inviting(today))).label("kept_back"),
            case((MESSAGE.c.state == MessageState.READY, MESSAGE.c.not_before)).label("mail_next_at"),
        )
        .select_from(DECISION)
        .join(OCCURRENCE, OCCURRENCE.c.id == DECISION.c.occurrence_id)
        .join(CONTACT, CONTACT.c.id == DECISION.c.contact_id)
        .outerjoin(INVITATION, INVITATION.c.decision_id == DECISION.c.id)
        .outerjoin(MESSAGE, MESSAGE.c.invitation_id == INVITATION.c.id)
        .where(DECISION.c.person_id.in_(person_ids))
        .order_by(DECISION.c.decided_at.desc(), DECISION.c.id.desc())
    )


def _is_uninvited() -> ColumnElement[bool]:
    """Whether a real decision to ask has no mail."""
    is_ask = and_(DECISION.c.verdict == VerdictKind.ASK, DECISION.c.track == Track.REAL)
    return and_(is_ask, MESSAGE.c.state.is_(None))


def _decision(row: Row[Any], verdicts: Sequence[VerdictSeen]) -> DecisionSeen:
    newest = [replace(each, until_on=row.until_on) for each in verdicts[:1]]
    return DecisionSeen(
        id=row.id,
        track=row.track,
        program=row.program,
        milestone=row.milestone,
        anchor=row.anchor_key,
        contact=row.contact,
        due_on=row.due_on,
        expires_on=row.expires_on,
        occurrence_state=row.occurrence_state,
        occurrence_reason=row.occurrence_reason,
        outcome=Outcome(row.outcome),
        verdicts=[*newest, *verdicts[1:]],
        invitation=row.invitation,
        mail=row.mail,
        mail_at=row.mail_at,
        mail_attempts=row.mail_attempts,
        mail_error=row.mail_error,
        mail_next_at=row.mail_next_at,
        kept_back=row.kept_back,
    )


def _verdict(row: Row[Any]) -> VerdictSeen:
    return VerdictSeen(
        verdict=row.verdict,
        rule=row.rule,
        until_on=row.until_on,
        reasons=tuple(Reason(**reason) for reason in row.reasons),
        decided_at=row.decided_at,
    )
