"""Responses, with what they make dirty in the same commit, and opt-outs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.domain.invitations import Invitation
from connector.domain.surveys import Answer, Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResponse:
    """What somebody answered to an invitation; `source` is where it was heard (page)."""

    invitation: Invitation
    answers: Sequence[Answer]
    score: float | None
    source: str
    answered_at: datetime


class ResponseStore(Protocol):
    """Responses are append-only."""

    def add(self, new: NewResponse) -> int:
        """Store a response and its answers, and mark as dirty what they count for.

        That is each live contact of the person at the joined account, and each live account of that one, in all CRMs.
        """
        ...

    def keep_survey(self, survey: Survey, *, at: datetime) -> None:
        """Store a survey's content under its version, once."""
        ...

    def survey(self, version: str) -> Survey | None:
        """The survey of a version, as it was when it was first used."""
        ...

    def count(self) -> int:
        """How many responses there are."""
        ...


class OptOutStore(Protocol):
    """Who does not want to be asked."""

    def add(self, *, person_id: int, address: str | None, at: datetime, source: str) -> None:
        """Note an opt-out for the person and the address; again changes nothing."""
        ...
