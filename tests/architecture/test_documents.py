"""What the READMEs say is what there is: keys, facts, commands, jobs, variables, and the parts drawn from the code."""

import re
from collections.abc import Iterator, Set
from pathlib import Path

import pytest

from jobs.stages import STAGES
from tests.documents import keys
from tests.documents.blocks import DRAWN, ROOT, redrawn
from tests.documents.commands import commands, options
from tests.documents.crms import specs

READMES = sorted(
    path
    for path in (ROOT / "README.md", *ROOT.glob("*/README.md"), *ROOT.glob("adapters/*/README.md"))
    if path.parent.name != ".git"
)
KEYS = keys.wanted()
VARIABLE = re.compile(r"\$\{env:(\w+)\}")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def missing(wanted: Set[str], told: Set[str]) -> list[str]:
    """The keys that are not told of; one whose parts are told of is."""
    begun = {told_key[: match.end()] for told_key in told for match in re.finditer(r"[\w]+(?=[.\[])", told_key)}
    return sorted(wanted - told - begun)


@pytest.mark.parametrize("heading", KEYS)
def test_every_key_of_the_configuration_is_told(heading: str) -> None:
    assert len(keys.told(heading)) > 3
    assert missing(KEYS[heading], keys.told(heading)) == []


@pytest.mark.parametrize("heading", KEYS)
def test_no_key_is_told_that_does_not_exist(heading: str) -> None:
    known = KEYS[heading]
    assert sorted(key for key in keys.told(heading) if key not in known) == []


@pytest.mark.parametrize("heading", [heading for heading in KEYS if keys.defaults(heading)])
def test_every_default_is_told_as_it_is(heading: str) -> None:
    wanted = keys.defaults(heading)
    told = {path: re.sub(r" days?|,.*", "", keys.told_default(heading, path)).strip("`") for path in wanted}
    assert told == wanted


def test_no_model_of_keys_is_forgotten() -> None:
    assert sorted(keys.models().keys() - keys.reached()) == []


@pytest.mark.parametrize("name", [spec.name for spec in specs()])
def test_every_key_of_an_adapter_is_told_in_its_readme(name: str) -> None:
    (spec,) = (spec for spec in specs() if spec.name == name)
    told = set(re.findall(r"^\| `([^`]+)` \|", text_of(f"adapters/{name}/README.md"), re.MULTILINE))
    assert missing(keys.keys_of(spec.settings), told) == []


@pytest.mark.parametrize("file", DRAWN)
def test_the_drawn_parts_of_a_readme_are_as_the_code_says(file: str) -> None:
    assert text_of(file) == redrawn(file, text_of(file)), "run `make docs`"


@pytest.mark.parametrize("stage", STAGES)
def test_every_job_is_told_to_the_operator(stage: str) -> None:
    assert re.search(rf"^\| `{stage}(:CRM)?` \|", text_of("jobs/README.md"), re.MULTILINE)


@pytest.mark.parametrize("command", commands())
def test_every_command_and_option_is_told_to_the_operator(command: str) -> None:
    section = text_of("jobs/README.md").partition("\n## Commands\n")[2]
    rows = section.partition(f"| **`closedloop {command}")[2].partition("| **`closedloop ")[0]
    assert rows, f"closedloop {command} has no row"
    assert sorted(option for option in options(command) if option not in rows) == []


def test_every_variable_that_an_example_names_is_told() -> None:
    named = {
        name
        for file in sorted((ROOT / "config" / "examples").rglob("*.yaml"))
        for line in file.read_text(encoding="utf-8").splitlines()
        for name in VARIABLE.findall(line.partition("#")[0])
    }
    assert len(named) > 10
    assert sorted(named - keys.told("Variables that the examples name")) == []


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_a_readme_points_at_is_there(readme: Path) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", readme.read_text(encoding="utf-8"))
    inside = [target.partition("#")[0] for target in targets if "://" not in target]
    assert [target for target in inside if target and not (readme.parent / target).exists()] == []


def said_commands(readme: Path) -> Iterator[tuple[str, list[str]]]:
    """The commands that a README's shell blocks tell somebody to type, with their words."""
    for block in re.findall(r"```sh\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL):
        for line in re.findall(r"^(?:\S*/)?closedloop (\w.*?)\s*(?:#.*)?$", block, re.MULTILINE):
            name, *words = line.split()
            yield name, words


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_readme_tells_somebody_to_type_exists(readme: Path) -> None:
    for name, words in said_commands(readme):
        flags = {word for word in words if word.startswith("--")}
        assert sorted(flags - options(name)) == [], (readme.name, name)
