"""The README's first hour, typed as it stands there, beside CRMs that live as those of a demo do."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from connector.cli.main import app
from tests.e2e.living import COMMAND, ROOT, RUN_SECONDS, VARIABLES, environment, living_sandbox, present

HERE = {command.name for command in app.registered_commands}
HOUR = re.compile(r"## The first hour\n.*?```sh\n(.*?)```", re.DOTALL)


def typed() -> str:
    """What the README tells a newcomer to type; every question of `init` is answered with its default."""
    (block,) = HOUR.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert ".venv/bin/closedloop init my-company " in block
    return block.replace(".venv/bin/closedloop", COMMAND).replace("init my-company ", "init my-company --yes ")


@pytest.mark.skipif(not {"init", "check"} <= HERE, reason="some of the commands of the first hour are not there")
def test_the_first_hour_goes_as_the_readme_says_and_nothing_is_sent_or_written(tmp_path: Path) -> None:
    with living_sandbox(accounts=8, contacts=40, start=present().isoformat(timespec="seconds")) as sandbox:
        told = tmp_path / "var" / "demo" / "environment"
        told.parent.mkdir(parents=True)
        machine = {name: os.environ[name] for name in VARIABLES if name in os.environ}
        of_demo = {name: value for name, value in environment(tmp_path, sandbox).items() if name not in machine}
        told.write_text("".join(f"{name}={value}\n" for name, value in of_demo.items()))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", typed()],
            cwd=tmp_path,
            env=machine,
            capture_output=True,
            text=True,
            timeout=4 * RUN_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert (tmp_path / "my-company" / "closedloop.yaml").is_file()
        assert (tmp_path / "var" / "mine").is_dir()
        counts = sandbox.get("counts")
        written = {crm: counts[crm]["rows_written"] for crm in ("salesforce", "hubspot")}
        assert (counts["mail"]["received"], written) == (0, {"salesforce": 0, "hubspot": 0})
        assert counts["salesforce"]["requests"] > 0
