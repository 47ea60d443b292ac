"""What the sandbox tells people to type once it listens."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sandbox.ready import for_people

TOLD = {
    "salesforce": {"url": "http://127.0.0.1:1"},
    "hubspot": {"url": "http://127.0.0.1:2", "portal_id": 3},
    "smtp": {"host": "127.0.0.1", "port": 4},
    "control": "http://127.0.0.1:5",
}


@pytest.mark.parametrize("name", ["here.env", "my own/here.env", "it's $HOME; `id`.env"])
def test_a_shell_reads_the_file_of_variables_by_what_it_is_told_to_type(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("SMTP_TLS=none\n")
    said = for_people(TOLD, now=datetime(2026, 1, 5, tzinfo=UTC), environment=Path(name))
    (line,) = (line.strip() for line in said.splitlines() if line.strip().startswith("set -a"))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{line}; printenv SMTP_TLS"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("none\n", "")
