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
_DRAWN = re.compile(r"<!-- drawn: .*?<!-- drawn -->", re.DOTALL)
_FACT = "crms.NAME.facts.FACT."
_PLACES: Mapping[str, Mapping[str, str]] = {
    "closedloop.yaml": {"HouseKeys": ""},
    "Connections and facts": {
        "ConnectionKeys": "crms.NAME.",
        "SameAsKeys": "crms.NAME.same_as.",
        **dict.fromkeys(("FactKeys", "DerivedKeys", "TitlesKeys", "DateKeys", "CountKeys"), _FACT),
    },
    "relationships.yaml": {"RelationshipsKeys": "", "RuleKeys": "relationships[]."},
    "programs/*.yaml": {"ProgramKeys": "", "ActKeys": "act[]."},
    "surveys/*.yaml": {"SurveyKeys": "", "QuestionKeys": "questions[]."},
}
"""The models that are checked by themselves, by the heading that tells of them; with what stands before their keys."""


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
    """The keys in the first column of the tables below a heading of a README, but of none that is drawn."""
    text = _DRAWN.sub("", readme.read_text(encoding="utf-8"))
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    (section,) = (each for each in sections if each.partition("\n")[0].strip() == heading)
    return set(_FIRST_CELL.findall(section))


def told_default(heading: str, path: str) -> str:
    """What the README says is the default of a key: the third column of its row."""
    row = next(
        line
        for line in README.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].splitlines()
        if line.startswith(f"| `{path}` |")
    )
    return row.split("|")[3].strip()


def defaults(heading: str) -> dict[str, str]:
    """The defaults of a heading's keys that are a plain value, as an admin would write them."""
    found = models()
    walked = [each for name, prefix in _PLACES[heading].items() if name in found for each in walk(found[name], prefix)]
    fields = {path: model.model_fields[_name(model, path)] for path, model in walked}
    return {path: _written(field.default) for path, field in fields.items() if type(field.default) in (str, int, bool)}


def _name(model: type[BaseModel], path: str) -> str:
    last = re.split(r"[.]", path)[-1]
    return next(name for name, field in model.model_fields.items() if last in (name, field.alias))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def wanted() -> Mapping[str, set[str]]:
    """All keys by the heading under which they are told."""
    found = models()
    return {
        heading: set().union(*(keys_of(found[name], prefix) for name, prefix in parts.items() if name in found))
        for heading, parts in _PLACES.items()
    }


def reached() -> set[str]:
    """The names of the models whose keys are among the wanted ones."""
    found = models()
    roots = [found[name] for parts in _PLACES.values() for name in parts if name in found]
    return {model.__name__ for root in roots for _, model in walk(root)}
