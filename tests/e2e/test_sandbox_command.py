"""`closedloop sandbox`: the invented world alone, the same for a seed, so that any real client can be pointed at it."""

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from typing import Any

import httpx
import pytest

from tests.e2e.processes import COMMAND, RUN_SECONDS

SMALL = ("--accounts", "5", "--contacts", "20")


@contextmanager
def sandbox(folder: Path, *options: str) -> "Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]":
    command = [COMMAND, "sandbox", "--port", "0", *SMALL, *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=folder) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def world(folder: Path, seed: int) -> tuple[Any, Any]:
    """How to sign in, without the ports, and every contact."""
    with sandbox(folder, "--seed", str(seed)) as (_, ready):
        login = {name: ready["salesforce"][name] for name in ("client_id", "client_secret", "access_token")}
        return login, httpx.get(f"{ready['control']}/records/Contact", params={"limit": 100}).json()


def test_it_prints_one_line_of_json_when_ready_and_nothing_else(tmp_path: Path) -> None:
    with sandbox(tmp_path) as (process, ready):
        assert {name: sorted(part) for name, part in ready.items() if isinstance(part, dict)} == {
            "salesforce": ["access_token", "api_version", "client_id", "client_secret", "url"],
            "hubspot": ["access_token", "portal_id", "url"],
            "smtp": ["host", "port"],
        }
        assert ready["control"] == f"{ready['salesforce']['url']}/_sandbox"
        login = {name: ready["salesforce"][name] for name in ("client_id", "client_secret")}
        form = {"grant_type": "client_credentials", **login}
        assert httpx.post(f"{ready['salesforce']['url']}/services/oauth2/token", data=form).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert (process.wait(RUN_SECONDS), *process.communicate()) == (0, "", "")


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    with sandbox(tmp_path) as (process, _):
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(RUN_SECONDS) == 0


def test_the_same_seed_gives_the_same_world_and_another_seed_another_one(tmp_path: Path) -> None:
    first = world(tmp_path, 7)
    assert len(first[1]) == 20
    assert world(tmp_path, 7) == first
    other = world(tmp_path, 8)
    assert (other[0] != first[0], other[1] != first[1]) == (True, True)


@pytest.mark.parametrize("options", [("--contacts", "1"), ("--start", "soon")])
def test_options_that_do_not_fit_are_refused_with_2(tmp_path: Path, options: tuple[str, str]) -> None:
    done = subprocess.run(
        [COMMAND, "sandbox", *options], capture_output=True, text=True, cwd=tmp_path, timeout=RUN_SECONDS, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.startswith("sandbox: ")) == (2, "", True)


def said_on_a_terminal(folder: Path, *options: str, until: str) -> str:
    """What it says to a terminal, up to a line that ends so."""
    ours, its = pty.openpty()
    command = [COMMAND, "sandbox", "--port", "0", *SMALL, *options]
    said = ""
    with subprocess.Popen(command, stdout=its, cwd=folder) as process, open(ours, "rb", buffering=0) as screen:
        os.close(its)
        try:
            while not said.endswith(until):
                assert select([screen], [], [], RUN_SECONDS)[0], said
                said += screen.read(4096).decode().replace("\r\n", "\n")
        finally:
            process.kill()
    return said


def test_on_a_terminal_it_speaks_in_words_without_a_secret_and_names_the_file(tmp_path: Path) -> None:
    said = said_on_a_terminal(tmp_path, "--environment", "here.env", until="Ctrl-C ends it.\n")
    variables = dict(line.split("=", 1) for line in (tmp_path / "here.env").read_text().splitlines()[1:])
    secret = {name for name in variables if name.endswith(("_SECRET", "_TOKEN", "_KEY", "CLIENT_ID"))}
    assert len(secret) == 4
    assert [name for name in secret if variables[name] in said] == []
    url, portal = variables["SALESFORCE_URL"], variables["HUBSPOT_ORG_ID"]
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert lines[0] == "Two invented CRMs and a mail relay are ready; nothing in them is real."
    for line in (f"Salesforce {url}", f"HubSpot {url}, portal {portal}", "set -a; . ./here.env; set +a"):
        assert line in lines
    assert "today 5 January 2026 in Pacific/Auckland" in lines


def test_on_a_terminal_json_is_said_where_it_is_asked_for(tmp_path: Path) -> None:
    ready = json.loads(said_on_a_terminal(tmp_path, "--json", until="}\n"))
    assert sorted(ready) == ["control", "hubspot", "salesforce", "smtp"]
