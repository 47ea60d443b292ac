"""What a pydantic model says about its keys, read from its JSON Schema: which are allowed, which are secrets."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

ANY = "*"
"""Stands in a pattern for any key of a mapping and any item of a list."""

Pattern = tuple[str, ...]
_DEPTH_LIMIT = 8  # a model that holds itself has no end


def secret_patterns(model: type[BaseModel]) -> list[Pattern]:
    """The paths of all secrets: pydantic marks SecretStr as write-only passwords."""
    schema = model.model_json_schema()
    return sorted(set(_secrets(schema, root=schema, path=())))


def keys_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The keys that a mapping at this path may have, over all alternatives."""
    schema = model.model_json_schema()
    arms = list(_arms(schema, root=schema))
    for step in path:
        arms = [arm for parent in arms for child in _children(parent, step) for arm in _arms(child, root=schema)]
    return sorted({key for arm in arms for key in arm.get("properties", {})})


def _arms(schema: Mapping[str, Any], *, root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    yield schema
    for word in ("anyOf", "oneOf", "allOf"):
        for arm in schema.get(word, ()):
            yield from _arms(arm, root=root)


def _children(schema: Mapping[str, Any], step: str | int) -> Iterator[Mapping[str, Any]]:
    if step in schema.get("properties", {}):
        yield schema["properties"][step]
    for word in ("additionalProperties", "items"):
        if isinstance(schema.get(word), Mapping):
            yield schema[word]


def _secrets(schema: Mapping[str, Any], *, root: Mapping[str, Any], path: Pattern) -> Iterator[Pattern]:
    if len(path) > _DEPTH_LIMIT:
        return
    for arm in _arms(schema, root=root):
        if arm.get("writeOnly") and arm.get("format") == "password":
            yield path
        for key, child in arm.get("properties", {}).items():
            yield from _secrets(child, root=root, path=(*path, key))
        for word in ("additionalProperties", "items"):
            if isinstance(arm.get(word), Mapping):
                yield from _secrets(arm[word], root=root, path=(*path, ANY))
