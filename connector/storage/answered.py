"""Responses that were not acted upon yet, in SQL: what was answered, what it was before, and what rules read beside."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, and_, or_, select

from connector.domain.records import Fact, FactType, FactValue, RecordKind
from connector.domain.surveys import Answer, AskKind
from connector.ports.storage.acting import Answered, Earlier
from connector.storage.conditions import Tables, fact_column
from connector.storage.joined import joined_account, living_record
from connector.storage.places import place_of
from connector.storage.sameness import account_ids, person_ids
from connector.storage.tables.hearing import AnswerRow, ResponseRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of, table_of

_RESPONSE, _ANSWER = table_of(ResponseRow), table_of(AnswerRow)
_ACCOUNT, _CONTACT = RECORD_TABLES[RecordKind.ACCOUNT], RECORD_TABLES[RecordKind.CONTACT]
_FIRST = alias_of(_ACCOUNT, "first_account")
_SINGLE: Tables = {RecordKind.CONTACT: _CONTACT, RecordKind.ACCOUNT: _ACCOUNT}


def unacted(connection: Connection, *, facts: Mapping[str, Sequence[Fact]], limit: int) -> list[Answered]:
    """See the port."""
    columns = (
        _RESPONSE,
        _CONTACT.c.name.label("contact_name"),
        _ACCOUNT.c.id.label("asked_id"),
        _FIRST.c.id.label("joined_id"),
        _FIRST.c.name.label("account_name"),
    )
    query = select(*columns).select_from(_with_records()).where(_RESPONSE.c.acted_at.is_(None))
    rows = connection.execute(query.order_by(_RESPONSE.c.id).limit(limit)).all()
    answers, values = _answers(connection, rows), _facts(connection, rows, facts=facts)
    return [
        Answered(
            response_id=row.id,
            program=row.program,
            survey_version=row.survey_version,
            person_id=row.person_id,
            contact_id=row.contact_id,
            contact_name=row.contact_name,
            account_id=row.asked_id,
            account_name=row.account_name,
            answers=tuple(answers[row.id]),
            score=row.score,
            answered_at=row.answered_at,
            earlier=_earlier(connection, row),
            facts=values.get(row.id, {}),
        )
        for row in rows
    ]


def _with_records() -> FromClause:
    """Responses beside the contact and account that stand for the asked ones now, and the joined account's record."""
    contact = _CONTACT.c.id == living_record(RecordKind.CONTACT, _RESPONSE.c.contact_id)
    account = _ACCOUNT.c.id == living_record(RecordKind.ACCOUNT, _RESPONSE.c.account_id)
    first = _FIRST.c.id == joined_account(_ACCOUNT)
    return _RESPONSE.outerjoin(_CONTACT, contact).outerjoin(_ACCOUNT, account).outerjoin(_FIRST, first)


def _answers(connection: Connection, rows: Sequence[Row[Any]]) -> Mapping[int, list[Answer]]:
    answers: dict[int, list[Answer]] = defaultdict(list)
    query = select(_ANSWER).where(_ANSWER.c.response_id.in_([row.id for row in rows])).order_by(_ANSWER.c.id)
    for row in connection.execute(query):
        number = None if row.number is None else int(row.number)
        answer = Answer(question=row.question, number=number, choices=tuple(row.choices or ()), text=row.text)
        answers[row.response_id].append(answer)
    return answers


def _facts(
    connection: Connection, rows: Sequence[Row[Any]], *, facts: Mapping[str, Sequence[Fact]]
) -> dict[int, dict[str, FactValue]]:
    """The values by response, read as who is asked is selected: over all records of the joined account."""
    found: dict[int, dict[str, FactValue]] = {}
    for account_id, group in _by_account(rows).items():
        tables = _SINGLE if account_id is None else place_of(connection, account_id).tables
        for program, wanted in facts.items():
            ids = [row.id for row in group if row.program == program]
            if ids and wanted:
                columns = [fact_column(fact, tables).label(f"fact_{number}") for number, fact in enumerate(wanted)]
                for response_id, *values in connection.execute(_of_place(ids, account_id=account_id, columns=columns)):
                    pairs = zip(wanted, values, strict=True)
                    found[response_id] = {fact.name: _value(fact, value) for fact, value in pairs}
    return found


def _by_account(rows: Sequence[Row[Any]]) -> Mapping[int | None, list[Row[Any]]]:
    groups: dict[int | None, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[row.joined_id].append(row)
    return groups


def _of_place(ids: Sequence[int], *, account_id: int | None, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Values of responses at one joined account, whose first record's row stands for it."""
    contact = _CONTACT.c.id == living_record(RecordKind.CONTACT, _RESPONSE.c.contact_id)
    records = _RESPONSE.outerjoin(_CONTACT, contact).outerjoin(_ACCOUNT, _ACCOUNT.c.id == account_id)
    return select(_RESPONSE.c.id, *columns).select_from(records).where(_RESPONSE.c.id.in_(ids))


def _value(fact: Fact, value: Any) -> FactValue:
    """A stored value as the fact's type: dates in the JSON column are ISO text."""
    is_text_of_date = fact.type is FactType.DATE and isinstance(value, str)
    return date.fromisoformat(value) if is_text_of_date else value


def _earlier(connection: Connection, row: Row[Any]) -> Earlier | None:
    """The newest relationship score before this one, of the same person at the same joined account."""
    if row.ask_kind != AskKind.RELATIONSHIP or row.person_id is None or row.joined_id is None:
        return None
    before = or_(
        _RESPONSE.c.answered_at < row.answered_at,
        and_(_RESPONSE.c.answered_at == row.answered_at, _RESPONSE.c.id < row.id),
    )
    query = (
        select(_RESPONSE.c.score, _RESPONSE.c.survey_version)
        .where(_RESPONSE.c.person_id.in_(person_ids(connection, row.person_id)))
        .where(_RESPONSE.c.account_id.in_(account_ids(connection, [row.joined_id])))
        .where(_RESPONSE.c.ask_kind == AskKind.RELATIONSHIP, _RESPONSE.c.score.is_not(None), before)
        .order_by(_RESPONSE.c.answered_at.desc(), _RESPONSE.c.id.desc())
        .limit(1)
    )
    found = connection.execute(query).one_or_none()
    return None if found is None else Earlier(score=found.score, survey_version=found.survey_version)
