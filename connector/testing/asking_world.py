"""A small invented world in which people were decided to be asked, made through the ports alone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from connector.domain.ask_history import AskHistory
from connector.domain.condition import Condition, IsKnown, Span
from connector.domain.links import Keyring, LinkPurpose, token, token_hash
from connector.domain.occurrences import Mark, Occurrence
from connector.domain.programs import (
    Milestone,
    Mode,
    Organisation,
    Policy,
    Program,
    RelationshipRule,
    Spacing,
    Track,
    When,
    WhenKind,
)
from connector.domain.records import Fact, FactType, RecordKind
from connector.domain.selection import decide_all
from connector.domain.surveys import AskKind, Question, QuestionKind, Survey
from connector.ports.crm import Page
from connector.ports.storage.asking import Decided, NewInvitation
from connector.ports.storage.unit import Storage

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
KEYRING = Keyring.of((b"an instance key of thirty-two byte",))
CLOSES_AT = datetime(2026, 1, 26, 9, tzinfo=UTC)

SURVEY = Survey(
    id="relationship",
    version="0123456789ab",
    kind=AskKind.RELATIONSHIP,
    title="How is working with {us} going?",
    thanks="Thank you! {us} reads every word.",
    score="relationship",
    questions=(
        Question(
            id="relationship",
            kind=QuestionKind.SCALE,
            text="How well is the relationship with {us} working for you today?",
            low=0,
            high=10,
            ends=("not at all", "extremely well"),
        ),
        Question(
            id="since",
            kind=QuestionKind.CHOICE,
            text="Since last time it has become:",
            options=("better", "same", "worse", "first time"),
        ),
        Question(id="change", kind=QuestionKind.COMMENT, text="If we changed one thing, what should it be?"),
        Question(
            id="consent",
            kind=QuestionKind.SEVERAL,
            text="May we come back to you?",
            options=("contact me about this", "you may quote me"),
        ),
    ),
)

_NAME = Fact(kind=RecordKind.CONTACT, word="name", type=FactType.TEXT)
_RENEWAL = Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE)

PROGRAM = Program(
    id="ongoing",
    name="Ongoing relationships",
    relationship="ongoing",
    who=Condition("contact.name is known", IsKnown(fact=_NAME, negated=False, span=Span(0, 21))),
    survey=SURVEY,
    milestones=(Milestone(id="renewal", when=When(kind=WhenKind.BEFORE, fact=_RENEWAL, days=120)),),
    starts_on=date(2026, 1, 1),
)

POLICY = Policy(
    mode=Mode.LIVE,
    organisation=Organisation(name="Kea Instruments", timezone="Pacific/Auckland"),
    relationships=(RelationshipRule(type="ongoing", when=None),),
    programs=(PROGRAM,),
    spacing=Spacing(),
    digest="d1",
)

RENEWAL_ON = date(2026, 5, 5)  # 120 days after the Monday
ACCOUNTS = (("a1", "Tui & Söhne <GmbH>"), ("a2", "Weka Works"))
CONTACTS = (
    ("c1", "Anna Größe", "anna@tui.example", "a1", False),
    ("c2", "Ben Moa", "ben@tui.example", "a1", False),
    ("c3", "Cara Kiwi", "cara@weka.example", "a2", False),
    ("c4", "Anna Größe", "anna@tui.example", "a1", False),
    ("c5", "Dan Huia", None, "a1", False),
)
ASKED = ("anna@tui.example", "ben@tui.example", "cara@weka.example")


def store_records(
    storage: Storage,
    *,
    contacts: Sequence[tuple[str, str | None, str | None, str, bool]] = CONTACTS,
    at: datetime = MONDAY,
) -> None:
    """Store the accounts and the contacts, each (CRM id, name, address, account, opted out), as of a moment."""
    columns = ("crm_id", "stamp", "name", "address", "account", "opted_out")
    with storage.begin() as unit:
        accounts = [(crm_id, at, name, RENEWAL_ON) for crm_id, name in ACCOUNTS]
        people = [(crm_id, at, *rest) for crm_id, *rest in contacts]
        for kind, names, rows in (
            (RecordKind.ACCOUNT, (*columns[:3], "renewal_on"), accounts),
            (RecordKind.CONTACT, columns, people),
        ):
            page = Page(kind=kind, columns=names, rows=rows, cursor=at.isoformat(), is_last=True)
            unit.records.store_page("sf", page, seen_at=at)
        unit.commit()


def decide_to_ask(storage: Storage, *, program: Program = PROGRAM, track: Track = Track.REAL, ordinal: int = 1) -> None:
    """Open one occurrence for each account and decide about its people; who has an address is asked."""
    milestone, mark = program.milestones[0], Mark(planned_through=date(2026, 1, 1), planned_at=MONDAY)
    with storage.begin() as unit:
        seen = unit.occurrences.sightings(POLICY, program, milestone, crm="sf", mark=mark, today=MONDAY.date())
        drafts = [
            Occurrence(
                program=program.id,
                milestone=milestone.id,
                anchor=sighting.anchor,
                ordinal=ordinal,
                due_on=MONDAY.date(),
                expires_on=date(2026, 1, 19),
            )
            for sighting, _ in seen
        ]
        occurrences = unit.occurrences.save(drafts, at=MONDAY)
        candidates = unit.decisions.candidates(program, occurrences, track=track)
        decisions = decide_all(
            [(candidate, program) for candidate in candidates],
            track=track,
            history=AskHistory(),
            spacing=Spacing(),
            today=MONDAY.date(),
        )
        unit.decisions.save(decisions, today=MONDAY.date(), at=MONDAY, configuration="d1")
        unit.commit()


def invite(storage: Storage, decided: Decided, *, nonce: bytes, closes_at: datetime = CLOSES_AT) -> int:
    """Make the invitation of a decision, with its survey; the nonce decides its links."""
    with storage.begin() as unit:
        unit.responses.keep_survey(SURVEY, at=MONDAY)
        invitation_id = unit.invitations.add(
            NewInvitation(
                decided=decided,
                survey=SURVEY.id,
                survey_version=SURVEY.version,
                language=SURVEY.language,
                nonce=nonce,
                key_id=KEYRING.signing,
                answer_hash=token_hash(link(nonce)),
                unsubscribe_hash=token_hash(link(nonce, purpose=LinkPurpose.UNSUBSCRIBE)),
                created_at=MONDAY,
                closes_at=closes_at,
            )
        )
        unit.commit()
    return invitation_id


def link(nonce: bytes, *, purpose: LinkPurpose = LinkPurpose.ANSWER) -> str:
    """The token that an invitation with this nonce has for a purpose."""
    return token(KEYRING, key_id=KEYRING.signing, purpose=purpose, nonce=nonce)
