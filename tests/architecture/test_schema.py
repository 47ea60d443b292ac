"""The JSON Schemas under config/schema: as the models are today, with every example valid and every key explained."""

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from connector.bootstrap import installed_specs
from connector.domain.records import RecordKind
from connector.ports.crm import Capabilities, CrmSpec
from connector.settings.schema_files import HOUSE, PROGRAM, RELATIONSHIPS, SURVEY, schema_texts
from tests.unit.settings.conftest import PAPER

try:
    import jsonschema
except ImportError:
    if os.environ.get("CI"):
        raise
    pytest.skip("schemas are not tested: the package jsonschema is not installed", allow_module_level=True)

CONFIG = Path(__file__).parents[2] / "config"
FILES = sorted(path for path in (CONFIG / "examples").rglob("*.yaml"))


def schema_for(path: Path) -> str:
    return {"programs": PROGRAM, "surveys": SURVEY}.get(path.parent.name, f"{path.stem}.json")


def plain(value: Any) -> Any:
    """What an editor sees: a date is the text that stands there."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def read(path: Path) -> Any:
    return plain(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))


def errors(name: str, data: Any, *, specs: dict[str, CrmSpec] | None = None) -> list[str]:
    schema = json.loads(schema_texts(specs or installed_specs())[name])
    return [each.json_path for each in jsonschema.Draft7Validator(schema).iter_errors(data)]


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties" and not path.endswith("/if"):
                yield from ((f"{path}/{name}", each) for name, each in value.items())
            yield from properties(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from properties(value, f"{path}/{index}")


def test_the_files_are_those_that_the_command_writes() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in (CONFIG / "schema").iterdir()}
    assert written == schema_texts(installed_specs()), "run `closedloop schema --write config/schema`"


@pytest.mark.parametrize("name", [HOUSE, RELATIONSHIPS, PROGRAM, SURVEY])
def test_each_is_a_valid_schema_and_explains_every_key(name: str) -> None:
    schema = json.loads(schema_texts(installed_specs())[name])
    jsonschema.Draft7Validator.check_schema(schema)
    found = dict(properties(schema))
    assert len(found) > 2
    assert [path for path, each in found.items() if len(each.get("description", "")) < 10] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CONFIG).as_posix())
def test_every_example_is_valid(path: Path) -> None:
    assert errors(schema_for(path), read(path)) == []


@pytest.mark.parametrize("folder", ["programs", "surveys"])
def test_there_are_examples_of_each_kind(folder: str) -> None:
    assert [path for path in FILES if path.parent.name == folder]


@pytest.mark.parametrize(
    ("file", "keys", "value", "place"),
    [
        ("closedloop.yaml", ["mode"], "shadowy", "$.mode"),
        ("closedloop.yaml", ["mial"], {}, "$"),
        ("closedloop.yaml", ["instance_key"], ["a-literal-key-of-more-than-32-bytes"], "$.instance_key[0]"),
        ("closedloop.yaml", ["crms", "sf", "adapter"], "paper", "$.crms.sf.adapter"),
        ("closedloop.yaml", ["crms", "sf", "evry"], "15 minutes", "$.crms.sf"),
        ("closedloop.yaml", ["crms", "sf", "login", "client_secret"], "literal", "$.crms.sf.login"),
        ("closedloop.yaml", ["crms", "sf", "facts", "acount.kind"], "Account.Type", "$.crms.sf.facts"),
        ("closedloop.yaml", ["crms", "sf", "facts", "account.tier"], {"fields": "Account.Tier__c"}, "$.crms.sf.facts"),
        ("closedloop.yaml", ["crms", "hub", "same_as"], {"accounts": "company.id"}, "$.crms.hub.same_as"),
        ("closedloop.yaml", ["write_back", "contact"], ["scroe"], "$.write_back.contact[0]"),
        ("closedloop.yaml", ["spacing", "relationship", "after_relationship"], "3 months", "$.spacing.relationship"),
        ("relationships.yaml", ["relationships"], [{"typ": "partner"}], "$.relationships[0]"),
        ("programs/ongoing.yaml", ["act"], [], "$.act"),
        ("programs/ongoing.yaml", ["act"], [{"id": "low", "when": "x", "do": "y", "due": "soon"}], "$.act[0].due"),
        ("programs/ongoing.yaml", ["milestones"], [{"id": "a", "when": {"befor": "x"}}], "$.milestones[0].when"),
        ("surveys/relationship.yaml", ["questions"], [{"id": "a", "text": "b", "several": ["one"]}], "$.questions[0]"),
    ],
)
def test_mistakes_are_underlined_where_they_stand(file: str, keys: list[str], value: Any, place: str) -> None:
    path = CONFIG / "examples" / "kea" / file
    data = read(path)
    inner = data
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    found = errors(schema_for(path), data)
    assert found
    assert all(each.startswith(place) for each in found), found


def test_an_adapter_of_somebody_else_brings_its_own_keys() -> None:
    house = read(CONFIG / "examples" / "kea" / "closedloop.yaml")
    login = {"flow": "token", "token": "${env:TOKEN}"}
    house["crms"] = {
        "paper": {"adapter": "paper", "login": login, "shelves": 2, "facts": {"account.kind": "Firm.Kind"}}
    }
    assert errors(HOUSE, house, specs={"paper": PAPER}) == []
    house["crms"]["paper"]["shelves"] = 0
    assert errors(HOUSE, house, specs={"paper": PAPER}) == ["$.crms.paper.shelves"]


def test_an_adapter_without_settings_of_its_own_kinds_offers_only_what_it_has() -> None:
    few = CrmSpec(
        name="few",
        label="Few",
        capabilities=Capabilities(reads=frozenset({RecordKind.ACCOUNT}), writes=frozenset()),
        settings=PAPER.settings,
        objects={RecordKind.ACCOUNT: "Firm"},
        sources={},
        open=PAPER.open,
    )
    schema = json.loads(schema_texts({"few": few})[HOUSE])
    facts = schema["definitions"]["few"]["properties"]["facts"]["properties"]
    assert {name.partition(".")[0] for name in facts} == {"account"}
