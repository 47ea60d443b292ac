"""Properties of ours that reps fill in: read as facts where they exist, and told of where they do not. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.hubspot.layout import Gap
from adapters.hubspot.mapping import OBJECTS, REP_FACTS, write_property
from connector.domain.records import Fact, FactType, Level, RecordKind
from connector.domain.write_back import WriteField

_TYPES: Mapping[FactType, str] = {FactType.DATE: "Date picker", FactType.BOOLEAN: "Single checkbox"}
_LEVELS = ", ".join(level.capitalize() for level in Level)


def rep_gaps(kind: RecordKind, described: Sequence[Mapping[str, Any]], *, sources: Mapping[Fact, str]) -> list[Gap]:
    """The rep properties of a kind that do not exist for us, unless the admin reads the fact from elsewhere."""
    seen = {entry["name"].lower() for entry in described}
    declared = {fact.name for fact in sources}
    return [
        Gap(word=name.partition(".")[2], message=_message(own), is_required=False)
        for name, own in REP_FACTS.items()
        if own.kind is kind and name not in declared and write_property(own.word) not in seen
    ]


def _message(own: WriteField) -> str:
    place = f"{OBJECTS[own.kind]}.{write_property(own.word)}"
    wanted = f"Dropdown select ({_LEVELS})" if own.word == "level" else _TYPES.get(own.type, "Single-line text")
    remedy = f"create it as {wanted}, and let reps edit it"
    return f"{place} ({own.label}) is missing or hidden: what reps would say there is not heard; {remedy}"
