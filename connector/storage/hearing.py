"""Responses with what they make dirty, surveys by version, and opt-outs, in SQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, func, insert, literal, select

from connector.domain.surveys import Answer, AskKind, Question, QuestionKind, Survey
from connector.ports.storage.hearing import NewResponse
from connector.storage import tables
from connector.storage.records_voices import mark_voices
from connector.storage.refusal import living_person
from connector.storage.standings import joined_of
from connector.storage.tables.rows import insert_one, table_of
from connector.storage.upserts import insert_for

_SURVEY: Table = table_of(tables.hearing.SurveyVersionRow)
_RESPONSE: Table = table_of(tables.hearing.ResponseRow)
_ANSWER: Table = table_of(tables.hearing.AnswerRow)
_OPT_OUT: Table = table_of(tables.people.OptOutRow)


class SqlResponses:
    """Responses are append-only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewResponse) -> int:
        """Store a response and its answers, and mark as dirty the person's live contacts at the account, and that one.

        Person and account are those that the invited ones have become, where they were merged or joined since.
        """
        response_id = insert_one(self._connection, _RESPONSE, _row(new))
        answers = [_answer_row(answer) | {"response_id": response_id} for answer in new.answers]
        if answers:
            self._connection.execute(insert(_ANSWER), answers)
        self._mark_dirty(new)
        return response_id

    def _mark_dirty(self, new: NewResponse) -> None:
        person, account = literal(new.invitation.person_id), literal(new.invitation.account_id)
        heard = select(living_person(person).label("person_id"), joined_of(account).label("account_id")).subquery()
        mark_voices(self._connection, heard, cause="response", at=new.answered_at)

    def keep_survey(self, survey: Survey, *, at: datetime) -> None:
        """Store a survey's content under its version, once."""
        row = {"version": survey.version, "survey": survey.id, "content": asdict(survey), "first_used_at": at}
        self._connection.execute(insert_for(self._connection, _SURVEY).on_conflict_do_nothing(), row)

    def survey(self, version: str) -> Survey | None:
        """The survey of a version, as it was when it was first used."""
        content = self._connection.execute(select(_SURVEY.c.content).where(_SURVEY.c.version == version)).scalar()
        return None if content is None else _survey(content)

    def count(self) -> int:
        """How many responses there are."""
        return int(self._connection.execute(select(func.count()).select_from(_RESPONSE)).scalar_one())


class SqlOptOuts:
    """Who does not want to be asked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, *, person_id: int, address: str | None, at: datetime, source: str) -> None:
        """Note an opt-out for the person and the address; again changes nothing."""
        address_hash = None if address is None else sha256(address.encode()).hexdigest()
        known = select(_OPT_OUT.c.id).where(
            _OPT_OUT.c.person_id == person_id, _OPT_OUT.c.address_hash.is_not_distinct_from(address_hash)
        )
        if self._connection.execute(known.limit(1)).first() is None:
            row = {"person_id": person_id, "address_hash": address_hash, "at": at, "source": source}
            self._connection.execute(insert(_OPT_OUT), row)


def _row(new: NewResponse) -> dict[str, Any]:
    invitation = new.invitation
    return {
        "invitation_id": invitation.id,
        "person_id": invitation.person_id,
        "contact_id": invitation.contact_id,
        "account_id": invitation.account_id,
        "side": invitation.side,
        "program": invitation.program,
        "milestone": invitation.milestone,
        "survey": invitation.survey,
        "survey_version": invitation.survey_version,
        "ask_kind": invitation.kind,
        "language": invitation.language,
        "source": new.source,
        "asked_for": True,
        "attribution": invitation.attribution,
        "score": new.score,
        "answered_at": new.answered_at,
    }


def _answer_row(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question,
        "number": answer.number,
        "choices": list(answer.choices) or None,
        "text": answer.text,
    }


def _survey(content: dict[str, Any]) -> Survey:
    return Survey(**content | {"kind": AskKind(content["kind"]), "questions": tuple(_questions(content["questions"]))})


def _questions(contents: Sequence[dict[str, Any]]) -> list[Question]:
    return [
        Question(
            **content
            | {
                "kind": QuestionKind(content["kind"]),
                "options": tuple(content["options"]),
                "ends": None if content["ends"] is None else tuple(content["ends"]),
            }
        )
        for content in contents
    ]
