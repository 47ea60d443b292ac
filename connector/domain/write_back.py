"""What closedloop writes to CRM records, and which of it has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

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
    WriteField(kind=RecordKind.CONTACT, word="score", type=FactType.NUMBER, label="Relationship score"),
    WriteField(kind=RecordKind.CONTACT, word="answered_on", type=FactType.DATE, label="Answered on"),
    WriteField(kind=RecordKind.ACCOUNT, word="open_actions", type=FactType.NUMBER, label="Open actions"),
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


def wanted_values(latest: LatestScore | None, *, zone: tzinfo, open_actions: int | None = None) -> dict[str, FactValue]:
    """What a record's fields should show, by word; days are those of the organisation's time zone."""
    if latest is None:
        return {"open_actions": open_actions}
    return {"score": latest.score, "answered_on": latest.answered_at.astimezone(zone).date()}


def changed_values(wanted: Mapping[str, FactValue], *, written: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """The wanted values that differ from the last written ones; a blank never overwrites (principle 4)."""
    return {word: value for word, value in wanted.items() if value is not None and value != written.get(word)}
