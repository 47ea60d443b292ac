"""From a pydantic model to the JSON Schema that editors read: draft 7, no nulls, references where they may stand."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

DRAFT = "http://json-schema.org/draft-07/schema#"
REFERENCE = {"type": "string", "pattern": r"\$\{(env|file):[^{}\s]+\}"}
_SECRET = {"type": "string", "pattern": r"^\$\{(env|file):[^{}\s]+\}$", "examples": ["${env:NAME}"]}
_LEFT_OUT = frozenset({"title", "discriminator", "writeOnly", "format"})
"""What pydantic adds for other readers: titles repeat the keys, and draft 7 knows no discriminator."""
_JUDGED = frozenset({"pattern", "enum"})

Schema = dict[str, Any]


def schema_of(model: type[BaseModel], *, prefix: str = "", references: bool = False) -> Schema:
    """The model's schema, its parts under `definitions` with a prefix; with `references`, texts may be references."""
    raw = model.model_json_schema(ref_template=f"#/definitions/{prefix}{{model}}")
    parts = {f"{prefix}{name}": part for name, part in raw.pop("$defs", {}).items()}
    shaped = _shaped(raw, references=references)
    if parts:
        shaped["definitions"] = {name: _shaped(part, references=references) for name, part in parts.items()}
    return shaped


def _shaped(schema: Mapping[str, Any], *, references: bool) -> Schema:
    if schema.get("format") == "password":
        return _SECRET | _described(schema)
    arms = [arm for arm in schema.get("anyOf", ()) if arm.get("type") != "null"]
    if "anyOf" in schema and len(arms) == 1:
        return _shaped(arms[0] | _described(schema), references=references)
    if "$ref" in schema and len(schema) > 1:
        return {"allOf": [{"$ref": schema["$ref"]}], **_described(schema)}
    shaped = {key: _part(key, value, references=references) for key, value in schema.items() if key not in _LEFT_OUT}
    if "default" in shaped:
        shaped |= _default(shaped)
    is_judged = shaped.get("type") == "string" and bool(_JUDGED & shaped.keys())
    return _or_reference(shaped) if references and is_judged else shaped


def _default(schema: Schema) -> Schema:
    """The default as it would be written: days are words, and what is nothing is left out."""
    default = schema.pop("default")
    if schema.get("type") == "string" and isinstance(default, int):
        return {"default": f"{default} days"}
    return {} if default is None else {"default": default}


def _part(key: str, value: Any, *, references: bool) -> Any:
    match key, value:
        case "properties", dict():
            return {name: _shaped(each, references=references) for name, each in value.items()}
        case "anyOf" | "oneOf" | "allOf", list():
            return [_shaped(each, references=references) for each in value]
        case "items" | "additionalProperties", dict():
            return _shaped(value, references=references)
    return value


def _described(schema: Mapping[str, Any]) -> Schema:
    return {key: schema[key] for key in ("description", "default") if schema.get(key) is not None}


def _or_reference(schema: Schema) -> Schema:
    """The text as it should be, or a reference that becomes it."""
    own = {key: value for key, value in schema.items() if key not in ("description", "default")}
    return {"anyOf": [own, REFERENCE], **_described(schema)}
