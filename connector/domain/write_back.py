"""What closedloop writes to CRM records, and which of it has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from math import fsum

from connector.domain.records import FactType, FactValue, RecordKind


class WrittenBy(StrEnum):
    """Who owns a field: ours are written and never read as facts, a rep's are read and never written."""

    US = "us"
    REP = "rep"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteField:
    """One field of ours on a CRM record."""

    kind: RecordKind
    word: str
    type: FactType
    label: str
    written_by: WrittenBy = WrittenBy.US


WRITE_FIELDS: tuple[WriteField, ...] = (
    WriteField(kind=RecordKind.CONTACT, word="score", type=FactType.NUMBER, label="Closedloop score"),
    WriteField(kind=RecordKind.CONTACT, word="answered_on", type=FactType.DATE, label="Closedloop answered on"),
    WriteField(kind=RecordKind.ACCOUNT, word="score", type=FactType.NUMBER, label="Closedloop score"),
    WriteField(kind=RecordKind.ACCOUNT, word="score_on", type=FactType.DATE, label="Closedloop score on"),
    WriteField(kind=RecordKind.ACCOUNT, word="voices", type=FactType.NUMBER, label="Closedloop voices"),
    WriteField(kind=RecordKind.ACCOUNT, word="open_actions", type=FactType.NUMBER, label="Closedloop open actions"),
)
"""The fields that work today; a word here is what an admin lists under `write_back:`."""

REP_FIELDS: tuple[WriteField, ...] = tuple(
    WriteField(kind=kind, word=word, type=fact_type, label=label, written_by=WrittenBy.REP)
    for kind, word, fact_type, label in (
        (RecordKind.ACCOUNT, "hold_until", FactType.DATE, "Hold until"),
        (RecordKind.ACCOUNT, "hold_reason", FactType.TEXT, "Hold reason"),
        (RecordKind.CONTACT, "hold_until", FactType.DATE, "Hold until"),
        (RecordKind.CONTACT, "hold_reason", FactType.TEXT, "Hold reason"),
        (RecordKind.CONTACT, "level", FactType.TEXT, "Level"),
        (RecordKind.CONTACT, "left_company", FactType.BOOLEAN, "Left company"),
    )
)
"""Fields of ours that reps fill in: read as facts (`level` as `rep_level`), never written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestScore:
    """The newest relationship score of a contact's person at its account; `answered_at` is aware UTC."""

    score: float | None
    answered_at: datetime
    program: str = ""

    @property
    def programs(self) -> frozenset[str]:
        """Whose doing what stands is."""
        return frozenset({self.program})


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One relationship score that a person of theirs gave at a joined account; `answered_at` is aware UTC."""

    person_id: int
    score: float
    answered_at: datetime
    program: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """What an account's fields are computed from.

    `voices` are of everybody with a live contact there, oldest first; `open_actions` is how many wait for somebody,
    and `acting` are the programs that opened these.
    """

    voices: Sequence[Voice] = ()
    open_actions: int = 0
    acting: frozenset[str] = frozenset()

    @property
    def programs(self) -> frozenset[str]:
        """Whose doing what stands is: the newest voice's program, and those whose actions are open."""
        return self.acting | {voice.program for voice in self.voices[-1:]}


Standing = LatestScore | AccountStanding
"""What the fields of a record are computed from, by its kind."""


def wanted_values(standing: Standing | None, *, zone: tzinfo) -> dict[str, FactValue]:
    """What a record's fields should show, by word; days are those of the organisation's time zone."""
    match standing:
        case None:
            return {}
        case LatestScore(score=score, answered_at=answered_at):
            return {"score": score, "answered_on": answered_at.astimezone(zone).date()}
        case AccountStanding(voices=voices, open_actions=open_actions):
            return _joint_score(voices, zone=zone) | {"open_actions": open_actions}


def changed_values(wanted: Mapping[str, FactValue], *, written: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """The wanted values that differ from the last written ones.

    A blank never overwrites (principle 4): a wanted None is dropped here, and here an explicit clearing (undo, erasure,
    withdrawal) would have to pass.
    """
    return {word: value for word, value in wanted.items() if value is not None and value != written.get(word)}


def _joint_score(voices: Sequence[Voice], *, zone: tzinfo) -> dict[str, FactValue]:
    """The mean of each person's newest score to one decimal, the day of the newest, and how many persons it is of.

    None where nobody is left whose answer counts; of two answers of one moment the later in the sequence counts.
    """
    newest = {voice.person_id: voice for voice in sorted(voices, key=lambda voice: voice.answered_at)}
    if not newest:
        return {"score": None, "score_on": None, "voices": None}
    latest = max(voice.answered_at for voice in newest.values())
    return {
        "score": _mean([voice.score for voice in newest.values()]),
        "score_on": latest.astimezone(zone).date(),
        "voices": len(newest),
    }


def _mean(scores: Sequence[float]) -> float:
    """Halves go up, as people round: binary rounding would show 7.25 as 7.2 and 7.75 as 7.8."""
    mean = Decimal(fsum(scores)) / len(scores)
    return float(mean.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
