"""Whatever stands in a file, loading gives a configuration or mistakes in that file, and no other error."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from connector.ports.crm import CrmSpec
from connector.ports.errors import ConfigError
from connector.settings.loading import load

GOOD = Path(__file__).parent / "good"
ODD: tuple[Any, ...] = (None, True, -1, 2.5, "", "x", "${env:X}", [], {}, [None], [[]], [{}], {"": None}, {"x": {}})

Step = str | int


def paths(value: Any, path: tuple[Step, ...] = ()) -> list[tuple[Step, ...]]:
    """The path of every value in a file."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for key, item in below for inner in paths(item, (*path, key)))]


def plain(file: str) -> Any:
    """A good file's data as JSON knows it, which is YAML too."""
    return json.loads(json.dumps(YAML(typ="safe").load((GOOD / file).read_text()), default=str))


def replaced(data: Any, path: tuple[Step, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = replaced(copy[path[0]], path[1:], value)
    return copy


FILES = sorted(path.relative_to(GOOD).as_posix() for path in GOOD.rglob("*.yaml"))
SPOTS = [(file, path) for file in FILES for path in paths(plain(file))]


@given(spot=st.sampled_from(SPOTS), value=st.sampled_from(ODD))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_odd_value_anywhere_is_accepted_or_a_mistake(
    spot: tuple[str, tuple[Step, ...]], value: Any, specs: dict[str, CrmSpec], environ: dict[str, str]
) -> None:
    file, path = spot
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "kea"
        shutil.copytree(GOOD, folder)
        (folder / file).write_text(json.dumps(replaced(plain(file), path, value)))
        try:
            load(folder, specs=specs, environ=environ)
        except ConfigError as error:
            lines = {name: len((folder / name).read_text().splitlines()) for name in FILES}
            misplaced = [m for m in error.mistakes if not (1 <= m.line <= lines[m.file] and m.column >= 1)]
            if misplaced or not error.mistakes:
                pytest.fail(f"{file} {path} {value!r}: {error}")
