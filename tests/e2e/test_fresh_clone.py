"""What the README promises a stranger: a fresh clone, `make demo`, and nothing else."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.living import ROOT, VARIABLES

pytestmark = pytest.mark.xdist_group("clone")
SECONDS = 600
"""An environment is made in 50 s and a month lived in as many on a busy machine of two cores."""
NO_NETWORK = re.compile(r"NewConnectionError|Temporary failure in name resolution|No matching distribution")
LOCK = Path(tempfile.gettempdir()) / "closedloop-fresh-clone.lock"


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """What is committed here, in an empty folder; one at a time on a machine, since each makes an environment."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository, so that nothing can be cloned")
    folder = tmp_path / "closedloop"
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True, timeout=60)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)  # 250 MB of environment


def in_clone(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run something in the clone as a person of this machine does: no environment of ours is inherited."""
    kept = [name for name in os.environ if name in VARIABLES or name.startswith(("PIP_", "SSL_", "HTTPS_"))]
    environ = {name: os.environ[name] for name in kept}
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_a_fresh_clone_lives_through_a_month_by_the_commands_of_its_readme(clone: Path) -> None:
    readme = (clone / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^make demo  ", readme, re.MULTILINE)
    assert "make demo SERVE=no MONTHS=6" in readme
    done = in_clone(clone, "make", "demo", "SERVE=no", "MONTHS=1")
    if done.returncode and NO_NETWORK.search(done.stdout + done.stderr) and os.environ.get("CI") != "true":
        pytest.skip("packages cannot be fetched on this machine")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing in it is real" in " ".join(done.stdout.split())
    summary = json.loads((clone / "var" / "demo" / "summary.json").read_text())
    assert summary["outcomes"]["sent"] > 20
    assert summary["responses"] > 5
    changed = in_clone(clone, "git", "status", "--porcelain").stdout
    assert changed == "", "what the demo makes is no part of the repository"
    assert in_clone(clone, ".venv/bin/closedloop", "--help").returncode == 0
