"""Every key that a YAML file may have, walked from the models that read it, and those that a README tells of.

A path is written as an admin thinks of it: `mail.from`, `milestones[].id` for an item of a list, `crms.NAME.adapter`
for a name that the admin chooses.
"""

import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

import connector.settings as settings
from connector.settings.key_types import Keys

ROOT = Path(__file__).parents[2]
README = ROOT / "config" / "README.md"
_FIRST_CELL = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def models() -> dict[str, type[Keys]]:
    """Every model of keys by its name, whichever module of the settings it is in."""
    for module in pkgutil.iter_modules(settings.__path__):
        import_module(f"{settings.__name__}.{module.name}")
    return {model.__name__: model for model in _below(Keys)}


def _below(model: type[Keys]) -> Iterator[type[Keys]]:
    for child in model.__subclasses__():
        yield child
        yield from _below(child)


def keys_of(model: type[BaseModel], prefix: str = "") -> set[str]:
    """The paths of all keys of a model and of the models within it."""
    return {path for path, _ in walk(model, prefix)}


def walk(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Each key's path with the model that has it."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        yield path, model
        for inner, suffix in _within(field.annotation):
            yield from walk(inner, f"{path}{suffix}.")


def _within(annotation: Any) -> Iterator[tuple[type[BaseModel], str]]:
    """The models in a type, with what stands between the key and theirs."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, ""
        return
    around = {list: "[]", tuple: "[]", dict: ".NAME"}.get(get_origin(annotation) or object, "")
    for part in get_args(annotation):
        yield from ((inner, f"{around}{suffix}") for inner, suffix in _within(part))


def told(heading: str, *, readme: Path = README) -> set[str]:
    """The keys in the first column of the tables below a heading of a README."""
    sections = re.split(r"^## ", readme.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (section,) = (each for each in sections if each.partition("\n")[0].strip() == heading)
    return set(_FIRST_CELL.findall(section))


def wanted() -> Mapping[str, set[str]]:
    """All keys by the heading under which they are told; parts that are checked one by one are put in their places."""
    found = models()
    places = {
        "closedloop.yaml": [("", "HouseKeys")],
        "Connections and facts": [
            ("crms.NAME.", "ConnectionKeys"),
            ("crms.NAME.same_as.", "SameAsKeys"),
            ("crms.NAME.facts.FACT.", "FactKeys"),
        ],
        "relationships.yaml": [("", "RelationshipsKeys"), ("relationships[].", "RuleKeys")],
        "programs/*.yaml": [("", "ProgramKeys"), ("act[].", "ActKeys")],
        "surveys/*.yaml": [("", "SurveyKeys"), ("questions[].", "QuestionKeys")],
    }
    return {
        heading: set().union(*(keys_of(found[name], prefix) for prefix, name in parts))
        for heading, parts in places.items()
    }


def reached() -> set[str]:
    """The names of the models whose keys are among the wanted ones."""
    found = models()
    roots = ("HouseKeys", "ConnectionKeys", "SameAsKeys", "FactKeys", "RelationshipsKeys", "RuleKeys", "ProgramKeys")
    every = [found[name] for name in (*roots, "ActKeys", "SurveyKeys", "QuestionKeys")]
    return {model.__name__ for root in every for _, model in walk(root)}
