"""Fields of ours that reps fill in: read as facts where they exist, and told of where they do not. Pure."""

from collections.abc import Mapping
from typing import Any

from adapters.salesforce.layout import Gap
from adapters.salesforce.mapping import OBJECTS, REP_FACTS, write_field_name
from connector.domain.records import Fact, FactType, Level, RecordKind
from connector.domain.write_back import WriteField

_TYPES: Mapping[FactType, str] = {FactType.DATE: "Date", FactType.BOOLEAN: "Checkbox"}
_LEVELS = ", ".join(level.capitalize() for level in Level)


def rep_gaps(kind: RecordKind, described: Mapping[str, Any], *, sources: Mapping[Fact, str]) -> list[Gap]:
    """The rep fields of a kind that do not exist for us, unless the admin reads the fact from elsewhere."""
    seen = {field["name"].lower() for field in described["fields"]}
    declared = {fact.name for fact in sources}
    return [
        Gap(word=name.partition(".")[2], message=_message(own), is_required=False)
        for name, own in REP_FACTS.items()
        if own.kind is kind and name not in declared and write_field_name(own.word).lower() not in seen
    ]


def _message(own: WriteField) -> str:
    place = f"{OBJECTS[own.kind]}.{write_field_name(own.word)}"
    wanted = f"Picklist ({_LEVELS})" if own.word == "level" else _TYPES.get(own.type, "Text")
    remedy = f"create it as {wanted}, let reps edit it, and grant the integration user read access"
    return f"{place} ({own.label}) is missing or hidden: what reps would say there is not heard; {remedy}"
