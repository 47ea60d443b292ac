"""JSON Schemas of the four kinds of file, for editors: which keys there are, what they mean and what they take."""

import json
from collections.abc import Mapping

from pydantic import BaseModel

from connector.domain.records import WELL_KNOWN, FactType, RecordKind
from connector.domain.write_back import WRITE_FIELDS
from connector.ports.crm import CrmSpec
from connector.settings.derived_keys import CountKeys, DateKeys, DerivedKeys, TitlesKeys
from connector.settings.facts import KINDS, SAME_AS
from connector.settings.house_keys import ConnectionKeys, FactKeys, HouseKeys, SameAsKeys
from connector.settings.program_keys import ProgramKeys, RelationshipsKeys
from connector.settings.schema_shapes import DRAFT, Schema, schema_of
from connector.settings.survey_keys import SurveyKeys

HOUSE, RELATIONSHIPS, PROGRAM, SURVEY = "closedloop.json", "relationships.json", "program.json", "survey.json"
FACT_FORMS: tuple[type[BaseModel], ...] = (FactKeys, DerivedKeys, TitlesKeys, DateKeys, CountKeys)
"""What may stand behind a fact's name, beside the field alone."""


def schema_texts(specs: Mapping[str, CrmSpec]) -> dict[str, str]:
    """Each schema as the text of a file, by its name; connections take the keys of these adapters."""
    schemas = {
        HOUSE: _house(specs),
        RELATIONSHIPS: schema_of(RelationshipsKeys),
        PROGRAM: schema_of(ProgramKeys),
        SURVEY: schema_of(SurveyKeys),
    }
    return {name: json.dumps({"$schema": DRAFT} | schema, indent=2) + "\n" for name, schema in schemas.items()}


def _house(specs: Mapping[str, CrmSpec]) -> Schema:
    house = schema_of(HouseKeys, references=True)
    forms: list[type[BaseModel]] = [*FACT_FORMS, SameAsKeys]
    for model in forms:
        house["definitions"] |= _definitions(model)
    arms = []
    for name, spec in sorted(specs.items()):
        settings = schema_of(spec.settings, prefix=f"{name}.", references=True)
        house["definitions"] |= settings.pop("definitions", {})
        house["definitions"][name] = _connection(name, spec=spec, settings=settings)
        arms.append({"if": _is_of(name), "then": {"$ref": f"#/definitions/{name}"}})
    adapter = {"enum": sorted(specs), "description": "The kind of CRM."}
    house["properties"]["crms"]["additionalProperties"] = {
        "type": "object",
        "properties": {"adapter": adapter},
        "required": ["adapter"],
        "allOf": arms,
    }
    house["properties"]["write_back"] |= _write_back()
    return house


def _definitions(model: type[BaseModel]) -> Schema:
    whole = schema_of(model, references=True)
    parts: Schema = whole.pop("definitions", {})
    return parts | {model.__name__: whole}


def _is_of(adapter: str) -> Schema:
    return {"properties": {"adapter": {"const": adapter}}, "required": ["adapter"]}


def _connection(name: str, *, spec: CrmSpec, settings: Schema) -> Schema:
    """Our own keys of a connection beside those of its adapter."""
    ours = schema_of(ConnectionKeys, references=True)
    ours["properties"]["adapter"] = {"const": name, "description": ours["properties"]["adapter"]["description"]}
    ours["properties"]["facts"] |= _facts(spec)
    ours["properties"][SAME_AS] = {
        "allOf": [{"$ref": "#/definitions/SameAsKeys"}],
        "description": ours["properties"][SAME_AS]["description"],
    }
    return {
        "type": "object",
        "description": f"One connection to {spec.label}.",
        "properties": ours["properties"] | settings["properties"],
        "required": [*ours["required"], *settings.get("required", ())],
        "additionalProperties": False,
    }


def _facts(spec: CrmSpec) -> Schema:
    """Well-known facts by name, so that an editor completes them, and any word that an admin declares."""
    forms = [{"$ref": f"#/definitions/{model.__name__}"} for model in FACT_FORMS]
    fact = {"anyOf": [{"type": "string", "pattern": r"^[A-Za-z]\w*\.[A-Za-z]\w*$"}, *forms]}
    kinds = [kind for kind in KINDS if kind in spec.objects]
    known = {
        f"{kind}.{word}": {"allOf": [fact], "description": _told(kind, word=word, of=of, spec=spec)}
        for kind in kinds
        for word, of in WELL_KNOWN[kind].items()
        if word != SAME_AS
    }
    return {
        "properties": known,
        "patternProperties": {rf"^({'|'.join(kinds)})\.[a-z][a-z0-9_]*$": fact},
        "additionalProperties": False,
    }


def _told(kind: RecordKind, *, word: str, of: FactType, spec: CrmSpec) -> str:
    default = spec.sources.get(f"{kind}.{word}")
    own = f"; without a line here {default} is read" if default else ""
    return f"A {of} of the {kind}, from a field of {spec.objects[kind]}{own}."


def _write_back() -> Schema:
    kinds = sorted({field.kind for field in WRITE_FIELDS})
    return {
        "properties": {
            kind: {
                "type": "array",
                "items": {"enum": [field.word for field in WRITE_FIELDS if field.kind is kind]},
                "uniqueItems": True,
                "description": f"Values that reps see on the {kind}.",
            }
            for kind in kinds
        },
        "additionalProperties": False,
    }
