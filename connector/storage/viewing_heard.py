"""Responses as pages show them, scores by program, and names for contacts, in SQL."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from connector.domain.records import RecordKind
from connector.domain.surveys import Answer, AskKind
from connector.ports.storage.viewing import Heard, ProgramScores, Seat
from connector.ports.storage.viewing_account import VoiceView
from connector.storage.joined import joined_account
from connector.storage.standings import THEIRS, account_of
from connector.storage.tables.hearing import AnswerRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of, table_of
from connector.storage.viewing_scores import ACCOUNT, RESPONSE, account_now, person_now, placed

_ANSWER, _CONTACT = table_of(AnswerRow), RECORD_TABLES[RecordKind.CONTACT]
_FIRST = alias_of(ACCOUNT, "first_account")
_CHUNK = 500


def heard(connection: Connection, *, limit: int) -> Heard:
    """See the port."""
    return Heard(scores=_scores(connection), newest=voices(connection, responses().limit(limit)))


def responses() -> Select[Any]:
    """Responses with the names of who gave them and of their joined account, newest first."""
    columns = (
        _CONTACT.c.name.label("person"),
        func.coalesce(_CONTACT.c.rep_level, _CONTACT.c.level).label("level"),
        person_now().label("living_id"),
        account_now().label("root"),
        _FIRST.c.name.label("account"),
    )
    source = (
        placed()
        .outerjoin(_FIRST, _FIRST.c.id == account_now())
        .outerjoin(_CONTACT, _CONTACT.c.id == RESPONSE.c.contact_id)
    )
    query = select(RESPONSE, *columns).select_from(source)
    return query.order_by(RESPONSE.c.answered_at.desc(), RESPONSE.c.id.desc())


def voices(connection: Connection, query: Select[Any]) -> list[VoiceView]:
    """The rows of `responses()` with their answers in the order of the survey."""
    rows = connection.execute(query).all()
    answers = _answers(connection, [row.id for row in rows])
    return [_voice(row, answers[row.id]) for row in rows]


def _voice(row: Row[Any], answers: Sequence[Answer]) -> VoiceView:
    return VoiceView(
        id=row.id,
        person_id=row.living_id,
        person=row.person,
        level=row.level,
        account_id=row.root,
        account=row.account,
        program=row.program,
        milestone=row.milestone,
        kind=AskKind(row.ask_kind),
        survey_version=row.survey_version,
        score=row.score,
        answers=answers,
        answered_at=row.answered_at,
    )


def _answers(connection: Connection, ids: Sequence[int]) -> Mapping[int, list[Answer]]:
    found: dict[int, list[Answer]] = defaultdict(list)
    for row in connection.execute(select(_ANSWER).where(_ANSWER.c.response_id.in_(ids)).order_by(_ANSWER.c.id)):
        number = None if row.number is None else int(row.number)
        found[row.response_id].append(
            Answer(question=row.question, number=number, choices=tuple(row.choices or ()), text=row.text)
        )
    return found


def _scores(connection: Connection) -> list[ProgramScores]:
    newest = func.row_number().over(
        partition_by=(RESPONSE.c.program, RESPONSE.c.ask_kind, person_now()),
        order_by=(RESPONSE.c.answered_at.desc(), RESPONSE.c.id.desc()),
    )
    said = (
        select(RESPONSE.c.program, RESPONSE.c.ask_kind, RESPONSE.c.score, newest.label("place"))
        .select_from(placed())
        .where(RESPONSE.c.score.is_not(None), RESPONSE.c.person_id.is_not(None), RESPONSE.c.side == THEIRS)
        .subquery("said")
    )
    score = said.c.score
    query = (
        select(said.c.program, said.c.ask_kind, func.count(), func.avg(score), func.avg(score * score))
        .where(said.c.place == 1)
        .group_by(said.c.program, said.c.ask_kind)
        .order_by(said.c.program, said.c.ask_kind)
    )
    return [
        ProgramScores(program=program, kind=AskKind(kind), people=people, mean=mean, squares=squares)
        for program, kind, people, mean, squares in connection.execute(query)
    ]


def seats(connection: Connection, contact_ids: Collection[int]) -> dict[int, Seat]:
    """See the port."""
    query = (
        select(_CONTACT.c.id, _CONTACT.c.name, joined_account(ACCOUNT).label("root"), _FIRST.c.name.label("account"))
        .select_from(_CONTACT.outerjoin(ACCOUNT, account_of(_CONTACT)))
        .outerjoin(_FIRST, _FIRST.c.id == joined_account(ACCOUNT))
    )
    wanted, found = sorted(contact_ids), {}
    for start in range(0, len(wanted), _CHUNK):
        for row in connection.execute(query.where(_CONTACT.c.id.in_(wanted[start : start + _CHUNK]))):
            found[row.id] = Seat(name=row.name, account_id=row.root, account_name=row.account)
    return found
