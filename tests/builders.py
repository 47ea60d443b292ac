"""Builders with sensible defaults: a test names only what matters to it. Everybody here is invented."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from connector.conditions.parsing import parse
from connector.domain.condition import Condition
from connector.domain.occurrences import Anchor, Mark, Occurrence, Sighting
from connector.domain.programs import (
    Milestone,
    Mode,
    Organisation,
    Policy,
    Program,
    RelationshipRule,
    Spacing,
    When,
    WhenKind,
)
from connector.domain.records import WELL_KNOWN, Fact, FactType, RecordKind
from connector.domain.selection import Candidate
from connector.domain.surveys import AskKind, Question, QuestionKind, Survey

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)

FACTS = {
    fact.name: fact
    for kind, words in WELL_KNOWN.items()
    for fact in (Fact(kind=kind, word=word, type=type_) for word, type_ in words.items())
} | {
    "account.kind": Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT),
    "account.tier": Fact(kind=RecordKind.ACCOUNT, word="tier", type=FactType.TEXT),
    "account.revenue": Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER),
    "account.is_key": Fact(kind=RecordKind.ACCOUNT, word="is_key", type=FactType.BOOLEAN),
    "account.visited_on": Fact(kind=RecordKind.ACCOUNT, word="visited_on", type=FactType.DATE),
}


def condition(text: str, *, facts: Mapping[str, Fact] = FACTS) -> Condition:
    """A checked condition over the well-known facts and a few declared ones, or over others."""
    return parse(text, facts=facts)


def make_survey(**changes: Any) -> Survey:
    """A relationship survey of a scale and a comment."""
    survey = Survey(
        id="relationship",
        version="v1",
        kind=AskKind.RELATIONSHIP,
        title="Our relationship",
        thanks="Thank you.",
        score="works",
        questions=(
            Question(id="works", kind=QuestionKind.SCALE, text="How well does it work?", low=0, high=10),
            Question(id="change", kind=QuestionKind.COMMENT, text="What should change?", optional=True),
        ),
    )
    return replace(survey, **changes)


def before_renewal(**changes: Any) -> Milestone:
    """The milestone 120 days before an account's renewal."""
    when = When(kind=WhenKind.BEFORE, fact=FACTS["account.renewal_on"], days=120)
    return replace(Milestone(id="renewal", when=when), **changes)


def won(**changes: Any) -> Milestone:
    """The milestone of an opportunity that is won."""
    when = When(kind=WhenKind.CHANGED, fact=FACTS["opportunity.stage"], value="Closed Won")
    return replace(Milestone(id="won", when=when), **changes)


def make_program(**changes: Any) -> Program:
    """A live program for ongoing relationships that asks everybody whose level is known."""
    program = Program(
        id="ongoing",
        name="Ongoing",
        relationship="ongoing",
        who=condition("contact.level is known"),
        survey=make_survey(),
        milestones=(before_renewal(),),
        starts_on=date(2026, 1, 1),
    )
    return replace(program, **changes)


def make_policy(*, programs: Sequence[Program] | None = None, **changes: Any) -> Policy:
    """A live policy in UTC with one program and 90 days between relationship asks."""
    policy = Policy(
        mode=Mode.LIVE,
        organisation=Organisation(name="Kea Instruments", timezone="UTC"),
        relationships=(RelationshipRule(type="ongoing", when=None),),
        programs=tuple(programs) if programs is not None else (make_program(),),
        spacing=Spacing({AskKind.RELATIONSHIP: {AskKind.RELATIONSHIP: 90, AskKind.TRANSACTION: 7}}),
        digest="config",
    )
    return replace(policy, **changes)


ANCHOR = Anchor(kind=RecordKind.ACCOUNT, id=1, key="sf/001A", account_id=1)


def make_mark(through: date, *, at: datetime = NOW) -> Mark:
    """How far a milestone was planned."""
    return Mark(planned_through=through, planned_at=at)


def make_sighting(moment_on: date | None, **changes: Any) -> Sighting:
    """An account that matches and shows a date."""
    return replace(Sighting(anchor=ANCHOR, moment_on=moment_on, matches=True), **changes)


def make_occurrence(**changes: Any) -> Occurrence:
    """An open occurrence that is due today."""
    occurrence = Occurrence(
        program="ongoing",
        milestone="renewal",
        anchor=ANCHOR,
        ordinal=1,
        due_on=TODAY,
        expires_on=date(2026, 3, 16),
        id=1,
    )
    return replace(occurrence, **changes)


def make_candidate(**changes: Any) -> Candidate:
    """A person with nothing against asking them."""
    candidate = Candidate(
        occurrence=make_occurrence(),
        person_id=1,
        person_key="sf/003A",
        contact_id=1,
        account_id=1,
        source="sf/003A",
        address="ann.berg@harbour.example",
        is_shared_mailbox=False,
        is_gone=False,
        opted_out=None,
        bounced=None,
        who=True,
        who_saw="contact.level = user",
    )
    return replace(candidate, **changes)
