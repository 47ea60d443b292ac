"""The README's first hour, typed as it stands there in two terminals: one is for the invented CRMs."""

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.living import ROOT, VARIABLES
from tests.e2e.processes import COMMAND, Running, started

HOUR = re.compile(r"## The first hour\n(.*?)\n## ", re.DOTALL)
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
ANSWERS = "--yes --organisation 'Our Company' --from feedback@our-company.example --stand-in feedback-desk@kea.example"
"""To the questions that have no default; the others are answered with theirs."""
HOUR_SECONDS = 300
MACHINE = {name: os.environ[name] for name in VARIABLES if name in os.environ}


def typed() -> tuple[list[str], str]:
    """What the README tells a newcomer to type: the sandbox's words, and what goes into the second terminal."""
    (hour,) = HOUR.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    first, second, *_ = BLOCK.findall(hour)
    activation, command = (shlex.split(line, comments=True) for line in first.splitlines())
    assert (activation, command[:2]) == ([".", ".venv/bin/activate"], ["closedloop", "sandbox"])
    assert "\nclosedloop init my-company " in second
    answered = second.replace("init my-company ", f"init my-company {ANSWERS} ").replace(". .venv/bin/activate\n", "")
    return command[1:], re.sub("^closedloop ", f"{COMMAND} ", answered, flags=re.MULTILINE)


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The CRMs of the first terminal, open; what they said."""
    with started(*typed()[0], environ=MACHINE, cwd=tmp_path) as running:
        told: dict[str, Any] = json.loads(running.until(lambda: line_of(running)))
        yield told


def line_of(running: Running) -> str:
    """The first whole line that was said."""
    line, end, _ = running.said.partition("\n")
    return line if end else ""


def shell(text: str, *, folder: Path) -> str:
    """What one terminal shows; fails where a command does."""
    with started("-euo", "pipefail", "-c", text, environ=MACHINE, cwd=folder, program="bash") as running:
        assert running.ended(seconds=HOUR_SECONDS) == 0, running.said
        return running.said


def test_the_first_hour_shows_who_would_be_asked_and_nothing_is_sent_or_written(
    tmp_path: Path, ready: dict[str, Any]
) -> None:
    said = shell(typed()[1], folder=tmp_path)
    asked = re.search(r"\): (\d+) would be asked", said)
    coming = re.search(r"next 30 days\s+(\d+) asks", said)
    assert asked, said
    assert coming, said
    assert int(coming[1]) >= int(asked[1]) > 0, said
    assert said.count("No mistakes found; nothing was sent or written.") == 2
    counts = httpx.get(f"{ready['control']}/counts", trust_env=False).raise_for_status().json()
    written = {crm: counts[crm]["rows_written"] for crm in ("salesforce", "hubspot")}
    assert (counts["mail"]["received"], written) == (0, {"salesforce": 0, "hubspot": 0})
    assert (tmp_path / "var" / "sandbox.env").stat().st_mode & 0o077 == 0, "for its owner alone"
