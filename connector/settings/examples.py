"""The shipped examples as what somebody can begin with: rules, programs, and the facts that these need."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from connector.domain.records import RecordKind
from connector.ports.crm import CrmSpec
from connector.settings.facts import KINDS
from connector.settings.folder import HOUSE, PROGRAMS, RELATIONSHIPS, SURVEYS
from connector.settings.start_crms import Fields, quoted

_FACT = re.compile(rf"\b(?:{'|'.join(KINDS)})\.[a-z][a-z0-9_]*\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A fact that is a number of child records, as YAML says it, with what a CRM must bring for it."""

    text: str
    kind: RecordKind
    needs: frozenset[str]

    def is_told_by(self, spec: CrmSpec) -> bool:
        """Whether a CRM brings all of it by itself."""
        return self.kind in spec.capabilities.reads and self.needs <= spec.sources.keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One program of the examples with its survey and relationship type, and the facts that these need."""

    file: str
    relationship: str
    survey_file: str
    needs: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """A folder of examples: its rules by type in their order, what each needs, and its programs.

    `counts` are the facts that child records tell in our words, which hold for every CRM that reads those.
    """

    folder: Path
    organisation: str
    rules: Mapping[str, str]
    rule_needs: Mapping[str, frozenset[str]]
    programs: Sequence[Example]
    counts: Mapping[str, Counted]

    def needs(self, relationships: Sequence[str]) -> frozenset[str]:
        """The facts that these types and their programs read."""
        of_rules = (self.rule_needs[each] for each in relationships if each in self.rule_needs)
        of_programs = (each.needs for each in self.programs if each.relationship in relationships)
        return frozenset().union(*of_rules, *of_programs)


def read_examples(folder: Path) -> Examples:
    """What can be begun with, from the examples that are shipped."""
    surveys = {_yaml(path)["id"]: path for path in sorted((folder / SURVEYS).glob("*.yaml"))}
    rules, house = _yaml(folder / RELATIONSHIPS)["relationships"], _yaml(folder / HOUSE)
    return Examples(
        folder=folder,
        organisation=house["organisation"]["name"],
        rules={rule["type"]: _rule(rule) for rule in rules},
        rule_needs={rule["type"]: frozenset(_facts(rule)) for rule in rules},
        counts=dict(_counts(house["crms"])),
        programs=[_program(path, surveys=surveys) for path in sorted((folder / PROGRAMS).glob("*.yaml"))],
    )


def missing_facts(examples: Examples, relationship: str, *, crms: Sequence[CrmSpec], fields: Fields) -> list[str]:
    """The facts that a type and its programs need and that none of the CRMs brings."""
    brought = {name for spec in crms for name in (*spec.sources, *fields.get(spec.name, {}))}
    return sorted(examples.needs([relationship]) - brought)


def _rule(rule: Mapping[str, Any]) -> str:
    said = f"when: {quoted(rule['when'])}" if "when" in rule else "otherwise: true"
    return f"  - {{type: {rule['type']}, {said}}}\n"


def _counts(crms: Mapping[str, Any]) -> Iterator[tuple[str, Counted]]:
    for crm in crms.values():
        for name, said in crm["facts"].items():
            if isinstance(said, dict) and "count" in said:
                parts = (f"{key}: {quoted(value) if key == 'where' else value}" for key, value in said.items())
                text, needs = f"{{{', '.join(parts)}}}", frozenset(_facts(said))
                yield name, Counted(text=text, kind=RecordKind(said["count"]), needs=needs)


def _program(path: Path, *, surveys: Mapping[str, Path]) -> Example:
    data = _yaml(path)
    return Example(
        file=f"{PROGRAMS}/{path.name}",
        relationship=data["relationship"],
        survey_file=f"{SURVEYS}/{surveys[data['survey']].name}",
        needs=frozenset(_facts(data)),
    )


def _facts(value: Any) -> Iterator[str]:
    """Every fact that is named anywhere in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _facts(each)
    elif isinstance(value, str):
        yield from _FACT.findall(value)


def _yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
