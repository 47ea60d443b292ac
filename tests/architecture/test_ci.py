"""What a stranger relies on: CI runs what a person runs, and nothing is left out there without a word."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ONE_PAGE = "tests/browser/test_survey_in_browser.py"


def browser_tests(tmp_path: Path, **environ: str) -> str:
    """The summary of the browser tests on a machine that has no Chromium."""
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "PATH")}
    options = ["-n0", "-p", "no:cacheprovider", "-rs", "-x", f"--basetemp={tmp_path / 'inner'}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", ONE_PAGE, *options],
        cwd=ROOT,
        env=kept | {"PATH": str(tmp_path)} | environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return f"{done.returncode}\n{done.stdout}"


def test_without_a_browser_its_tests_are_left_out_with_a_message(tmp_path: Path) -> None:
    told = browser_tests(tmp_path)
    assert told.startswith("0\n"), told
    assert "no Chromium on this machine (apt install chromium)" in told
    assert " passed" not in told


def test_without_a_browser_ci_fails(tmp_path: Path) -> None:
    told = browser_tests(tmp_path, CI="true")
    assert told.startswith("1\n"), told
    assert "no Chromium on this machine" in told


def test_ci_runs_what_the_readme_tells_a_person_to_run() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^export CI=true$", script, re.MULTILINE)
    (targets,) = re.findall(r"^make VENV=\S+ (.*)$", script, re.MULTILINE)
    assert targets.split() == ["check", "test"]
    assert [target for target in targets.split() if f"make {target}" not in readme] == []


@pytest.mark.parametrize("folder", ["unit", "contract", "adapters", "integration", "e2e", "browser", "crash"])
def test_make_test_leaves_no_folder_out(folder: str) -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ntest:")[2].partition("\n\n")[0]
    assert "--ignore" not in recipe
    assert " -k " not in recipe
    assert list((ROOT / "tests" / folder).rglob("test_*.py")) != []
