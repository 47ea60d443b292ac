"""What the adapters declare, as tables: capabilities, well-known facts with their fields, what is written back."""

import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from connector.domain.records import WELL_KNOWN, RecordKind
from connector.domain.write_back import WRITE_FIELDS
from connector.ports.crm import Capabilities, CrmSpec
from tests.documents.tables import code, table

ROOT = Path(__file__).parents[2]
_JOINS = "same_as"
"""A word with keys of its own beside `facts:`, which no condition can read."""


def specs() -> list[CrmSpec]:
    """The adapters of this repository in the order of their names, as `pyproject.toml` declares them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    places = [place.split(":") for place in project["entry-points"]["closedloop.crm"].values()]
    found: list[CrmSpec] = [getattr(import_module(module), name) for module, name in places]
    return sorted(found, key=lambda spec: spec.name)


def capability_table() -> str:
    """What each adapter can do."""
    shown: list[tuple[str, Callable[[Capabilities], str]]] = [
        ("reads", lambda each: _kinds(each.reads)),
        ("writes scores and standing to", lambda each: _kinds(each.writes)),
        ("makes tasks for reps, sees what became of them", lambda each: _yes(each.tasks)),
        ("reads only what changed", lambda each: _yes(each.incremental)),
        ("sees deletions and merges", lambda each: _yes(each.deletions)),
        ("records a write", lambda each: str(each.max_batch)),
    ]
    crms = specs()
    rows = [(label, *(draw(crm.capabilities) for crm in crms)) for label, draw in shown]
    return table(("capability", *(crm.label for crm in crms)), rows)


def facts_tables() -> str:
    """Every well-known fact by kind, its type, and the field that each CRM reads it from without being told."""
    crms = specs()
    head = ("fact", "type", *(crm.label for crm in crms))
    return "\n\n".join(
        table(
            head,
            [
                (code(f"{kind}.{word}"), type_.value, *(_source(crm, kind, word) for crm in crms))
                for word, type_ in WELL_KNOWN[kind].items()
                if word != _JOINS
            ],
        )
        for kind in RecordKind
    )


def write_back_table() -> str:
    """What can stand under `write_back:`."""
    rows = [(code(each.kind.value), code(each.word), each.type.value, each.label) for each in WRITE_FIELDS]
    return table(("kind", "word", "type", "what a rep sees"), rows)


def _source(crm: CrmSpec, kind: RecordKind, word: str) -> str:
    if kind not in crm.capabilities.reads:
        return "not read"
    return code(crm.sources.get(f"{kind}.{word}", "")) or "name it"


def _kinds(kinds: frozenset[RecordKind]) -> str:
    return ", ".join(kind.value for kind in RecordKind if kind in kinds)


def _yes(has_it: bool) -> str:
    return "yes" if has_it else "no"
