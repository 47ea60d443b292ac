"""The `crms:` part of a first closedloop.yaml, and the variables that it names, from what the adapters ask for."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.ports.crm import ASKED, CrmSpec, LikelyField

_PLAIN = re.compile(r"[A-Za-z_]\w*\.\w+")
"""Names of fields as most CRMs have them, which YAML reads as they are."""
Fields = Mapping[str, Mapping[str, LikelyField | str]]
"""By adapter and fact: the field behind it, or what stands there in the words of YAML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable of the environment: what it holds, and its value where there is a usual one."""

    name: str
    told: str
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of settings: a key at a depth, with its value, or with a variable that holds it."""

    depth: int
    key: str
    value: str = ""
    variable: Variable | None = None

    @property
    def text(self) -> str:
        """The line as YAML."""
        value = f'"${{env:{self.variable.name}}}"' if self.variable else self.value
        return f"{'  ' * self.depth}{self.key}: {value}".rstrip()


def connection_lines(spec: CrmSpec) -> list[Line]:
    """The keys of an adapter that have to be said: each one that the model wants, and each one that it asks for."""
    schema = spec.settings.model_json_schema()
    return list(_lines(schema, root=schema, prefix=spec.name.upper().replace("-", "_"), depth=2))


def org_variable(spec: CrmSpec) -> Variable:
    """The variable that holds the id of the org or portal."""
    told = f"The id of the org or portal of {spec.label}: test and live mode send and write for this one only"
    return Variable(name=f"{spec.name.upper().replace('-', '_')}_ORG_ID", told=told)


def variables_of(spec: CrmSpec) -> list[Variable]:
    """The variables that a connection of this adapter names, in the order of its lines."""
    return [org_variable(spec), *(line.variable for line in connection_lines(spec) if line.variable is not None)]


def crm_text(specs: Sequence[CrmSpec], *, fields: Fields, needed: Collection[str]) -> str:
    """The connections in their order; of several the first is home."""
    blocks = []
    for number, spec in enumerate(specs):
        lines = [f"  {spec.name}:", f"    adapter: {spec.name}", f'    org_id: "${{env:{org_variable(spec).name}}}"']
        lines += [line.text for line in connection_lines(spec)]
        if number == 0 and len(specs) > 1:
            lines.append("    home: true    # what both know is written here only, and what is said here wins")
        lines.append("    every: 15 minutes")
        lines += _same_as(spec, others=specs[:number]) + list(_facts(spec, fields=fields, needed=needed))
        blocks.append("\n".join(lines) + "\n")
    return "".join(blocks)


def _same_as(spec: CrmSpec, *, others: Sequence[CrmSpec]) -> list[str]:
    """Where this CRM usually keeps the ids of one that was named before."""
    for other in others:
        if other.name in spec.twins:
            keys = [("crm", other.name), *((kind.value, name) for kind, name in spec.twins[other.name].items())]
            said = ", ".join(f"{key}: {value}" for key, value in keys)
            return [f"    # The fields with {other.label}'s ids: two records count as one", f"    same_as: {{{said}}}"]
    return []


def _facts(spec: CrmSpec, *, fields: Fields, needed: Collection[str]) -> Iterator[str]:
    """A line for each fact that the chosen programs read and that this CRM does not bring by itself."""
    said = {name: field for name, field in fields.get(spec.name, {}).items() if name in needed}
    if said:
        yield "    facts:    # our word: their field; what the programs read, and nothing else"
    for name, field in sorted(said.items()):
        yield f"      {name}: {_field(field)}"


def _field(field: LikelyField | str) -> str:
    if isinstance(field, str):
        return field
    source = field.source if _PLAIN.fullmatch(field.source) else quoted(field.source)
    if field.type is None and not field.values:
        return source
    parts = [f"field: {source}"]
    parts += [f"type: {field.type}"] if field.type else []
    if field.values:
        parts.append(f"values: {{{', '.join(f'{theirs}: {ours}' for theirs, ours in field.values.items())}}}")
    return f"{{{', '.join(parts)}}}"


def _lines(schema: Mapping[str, Any], *, root: Mapping[str, Any], prefix: str, depth: int) -> Iterator[Line]:
    required = set(schema.get("required", ()))
    for key, raw in schema.get("properties", {}).items():
        if key not in required and not ASKED.items() <= raw.items():
            continue
        found = _first_arm(raw, root=root)
        if "properties" in found:
            yield Line(depth=depth, key=key)
            yield from _lines(found, root=root, prefix=prefix, depth=depth + 1)
        elif "const" in found:
            yield Line(depth=depth, key=key, value=str(found["const"]))
        else:
            default = "" if raw.get("default") is None else str(raw["default"])
            told = str(raw.get("description", key)).rstrip(".")
            variable = Variable(name=f"{prefix}_{key.upper()}", told=told, default=default)
            yield Line(depth=depth, key=key, variable=variable)


def _first_arm(schema: Mapping[str, Any], *, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself; of several ways the first, which an adapter names because it suits most."""
    for word in ("oneOf", "anyOf", "allOf"):
        if word in schema:
            return _first_arm(schema[word][0], root=root)
    if "$ref" in schema:
        return _first_arm(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root=root)
    return schema


def quoted(text: str) -> str:
    """A text as YAML writes it whatever is in it."""
    return json.dumps(text, ensure_ascii=False)
