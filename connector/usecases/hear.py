"""Hear: show the survey of a link, and take its answers once. Opening a page never records anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connector.domain.invitations import Invitation, InvitationState
from connector.domain.links import LinkPurpose, token_hash
from connector.domain.surveys import Answer, AnswerProblem, Survey, read_answers
from connector.ports.clock import Clock
from connector.ports.errors import StorageError
from connector.ports.storage.hearing import NewResponse
from connector.ports.storage.unit import Storage, UnitOfWork

SOURCE = "page"


class PageState(StrEnum):
    """What somebody sees behind a link."""

    OPEN = "open"
    TAKEN = "taken"
    USED = "used"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A link's page. Only an open one, or one just taken, has a survey; `problems` stand beside the form's fields."""

    state: PageState
    survey: Survey | None = None
    problems: Sequence[AnswerProblem] = ()


def open_page(token: str, *, storage: Storage, clock: Clock) -> Page:
    """The page behind an answer link, as of now. Reads only."""
    with storage.snapshot() as unit:
        invitation, state = _find(token, unit=unit, now=clock.now())
        if invitation is None or state is not PageState.OPEN:
            return Page(state=state)
        return Page(state=state, survey=_survey(invitation, unit))


def submit(
    token: str, *, form: Mapping[str, Sequence[str]], storage: Storage, clock: Clock, wakes: Sequence[str] = ()
) -> Page:
    """Take a form's answers: response, what it makes dirty and the invitation's new state in one commit.

    The same commit makes the jobs of `wakes`, by key, due now.
    An open page comes back where the form has problems; nothing is recorded then. A second submission is `used`.
    """
    now = clock.now()
    with storage.begin() as unit:
        invitation, state = _find(token, unit=unit, now=now)
        if invitation is None or state is not PageState.OPEN:
            return Page(state=state)
        survey = _survey(invitation, unit)
        answers, problems = read_answers(survey, form=form)
        if problems:
            return Page(state=PageState.OPEN, survey=survey, problems=problems)
        # First the state: of two submissions at once, the second waits here and then finds it answered.
        if not unit.invitations.set_state(invitation.id, expected=InvitationState.OPEN, state=InvitationState.ANSWERED):
            return Page(state=PageState.USED)
        unit.responses.add(_response(invitation, survey=survey, answers=answers, now=now))
        unit.messages.prove_sent(invitation.id, at=now)
        for job in wakes:
            unit.wake(job, at=now)
        unit.commit()
    return Page(state=PageState.TAKEN, survey=survey)


def _find(token: str, *, unit: UnitOfWork, now: datetime) -> tuple[Invitation | None, PageState]:
    invitation = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(token))
    if invitation is None:
        return None, PageState.UNKNOWN
    match invitation.state:
        case InvitationState.ANSWERED:
            return invitation, PageState.USED
        case InvitationState.OPEN if now < invitation.closes_at:
            return invitation, PageState.OPEN
        case _:
            return invitation, PageState.CLOSED


def _survey(invitation: Invitation, unit: UnitOfWork) -> Survey:
    survey = unit.responses.survey(invitation.survey_version)
    if survey is None:
        raise StorageError(f"Version {invitation.survey_version} of a survey is missing.")
    return survey


def _response(invitation: Invitation, *, survey: Survey, answers: Sequence[Answer], now: datetime) -> NewResponse:
    score = next((answer.number for answer in answers if answer.question == survey.score), None)
    return NewResponse(invitation=invitation, answers=answers, score=score, source=SOURCE, answered_at=now)
