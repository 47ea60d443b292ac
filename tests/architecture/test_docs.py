"""Documents in step with the code: targets, dependencies, commands, stages, folders, versions."""

import re
import tomllib
from pathlib import Path

import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from connector import __version__
from connector.cli.main import app
from jobs.stages import STAGES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TABLE = "\n".join(line for line in README.splitlines() if line.startswith("|"))
CODE = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", README, re.DOTALL))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a group of commands
FOLDERS = sorted({path.parent.name for path in (ROOT / "connector").glob("*/*.*")} - {"__pycache__"})


def requirements(texts: list[str]) -> list[Requirement]:
    found = [Requirement(text) for text in texts]
    return [each for each in found if canonicalize_name(each.name) != PROJECT["name"]]


RUNTIME = requirements(
    [*PROJECT["dependencies"], *(text for extra in PROJECT["optional-dependencies"].values() for text in extra)]
)
EVERYTHING = [*RUNTIME, *requirements(PYPROJECT["dependency-groups"]["dev"])]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!+]+)", line) for line in lines if is_pin(line)]
    assert [line for line, match in zip(filter(is_pin, lines), found, strict=True) if match is None] == []
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def is_pin(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def test_every_target_of_the_makefile_explains_itself() -> None:
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    targets = [line for line in lines if re.match(r"[a-z][a-z-]*:", line)]
    assert {line.partition(":")[0] for line in targets} >= {"help", "demo", "test", "check", "bench", "format"}
    assert [line for line in targets if not re.search(r"## \S.{10,}", line)] == []


@pytest.mark.parametrize("name", [each.name for each in RUNTIME])
def test_every_dependency_has_its_reason_in_the_readme(name: str) -> None:
    rows = [line for line in TABLE.splitlines() if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", line)]
    assert [row for row in rows if len(row.split("|")) == 4 and row.split("|")[2].strip()], f"{name} is in no row"


def test_every_development_dependency_is_named_in_the_readme() -> None:
    names = [each.name for each in requirements(PYPROJECT["dependency-groups"]["dev"])]
    assert [name for name in names if name not in README] == []


def test_constraints_pin_every_direct_dependency_within_what_the_project_asks_for() -> None:
    pinned = pins()
    missing = [each.name for each in EVERYTHING if canonicalize_name(each.name) not in pinned]
    assert missing == []
    outside = [
        f"{each} is pinned to {pinned[canonicalize_name(each.name)]}"
        for each in EVERYTHING
        if not each.specifier.contains(Version(pinned[canonicalize_name(each.name)]), prereleases=True)
    ]
    assert outside == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"closedloop {command}\b", CODE)


def test_there_are_the_commands_of_the_first_turn() -> None:
    assert set(COMMANDS) >= {"plan", "run", "status", "serve", "stop", "resume", "demo", "sandbox"}


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_in_the_readme(stage: str) -> None:
    assert re.search(rf"\b{stage}\b", CODE)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_of_the_connector_is_on_the_map(folder: str) -> None:
    assert re.search(rf"`connector/{folder}/?`", TABLE)


def test_the_changelog_tells_of_this_version() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == __version__
