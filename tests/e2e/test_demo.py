"""`closedloop demo`: simulated months whose figures agree with each other, and a clean end whatever happens."""

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from adapters.sandbox.world.stories import STORIES
from connector.domain.programs import Track
from connector.storage.engine import open_storage
from jobs.demo.summary import mismatch
from tests.e2e.processes import COMMAND, started

pytestmark = pytest.mark.xdist_group("demo")
LAST_DAY = date(2026, 2, 4)
KEA = ZoneInfo("Pacific/Auckland")
LIVE_SECONDS = 300
"""A month takes about 10 s on two idle cores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What a month left behind."""

    folder: Path
    summary: dict[str, Any]
    said: str


def demo(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [COMMAND, "demo", "--months", "1", "--no-serve", "--folder", str(folder), *options]
    cwd = folder.parent
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=LIVE_SECONDS, check=False)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """One month without a terminal, lived once however many workers the tests are spread over."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, said = root / "lived" / "month", root / "lived" / "said.txt"
    folder.parent.mkdir(exist_ok=True)
    with (root / "lived" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            done = demo(folder)
            assert (done.returncode, done.stderr) == (0, "")
            said.write_text(done.stdout)
    return Lived(folder=folder, summary=json.loads((folder / "summary.json").read_text()), said=said.read_text())


def test_the_summary_has_its_figures_and_they_agree_with_each_other(lived: Lived) -> None:
    summary = lived.summary
    assert sorted(summary) == [
        "actions",
        "actions_done",
        "actions_overdue",
        "candidates",
        "crms",
        "days",
        "mail",
        "outcomes",
        "people",
        "responses",
        "seconds",
    ]
    assert list(summary["outcomes"]) == ["sent", "deferred", "substituted", "blocked", "failed"]
    assert {crm: sorted(figures) for crm, figures in summary["crms"].items()} == {
        crm: [
            "pulled",
            "requests",
            "requests_by_kind",
            "second_writeback_writes",
            "tasks_done",
            "tasks_made",
            "written",
        ]
        for crm in ("salesforce", "hubspot")
    }
    assert summary["days"] == 30
    assert summary["candidates"] == sum(summary["outcomes"].values()) > 0
    assert summary["outcomes"]["sent"] == summary["mail"]["received"] > 0
    for figures in summary["crms"].values():
        assert sum(figures["requests_by_kind"].values()) == figures["requests"]
        assert figures["second_writeback_writes"] == 0
        assert figures["pulled"] > 0
    assert summary["crms"]["salesforce"]["written"] > 0
    made = sum(figures["tasks_made"] for figures in summary["crms"].values())
    assert 0 < summary["actions_done"] < summary["actions"] <= made < summary["responses"]


def test_scanners_open_every_link_and_every_answer_comes_from_a_person(lived: Lived) -> None:
    summary = lived.summary
    assert summary["responses"] == summary["people"]["answers_ok"] > 0
    assert summary["mail"]["scanner_requests"] >= 2 * summary["mail"]["received"]
    assert summary["mail"]["scanner_refused"] == 0


def test_without_a_terminal_it_speaks_in_plain_lines_and_shows_the_stories(lived: Lived) -> None:
    lines = lived.said.splitlines()
    assert lines[0].startswith("An invented company's CRM, 1 month from 05 January 2026")
    written = sum(figures["written"] for figures in lived.summary["crms"].values())
    tasks = sum(figures["tasks_made"] for figures in lived.summary["crms"].values())
    asked = f"{lived.summary['outcomes']['sent']} asked, {written - tasks} written"
    assert lines[1] == f"2026-02-04  day 30: {asked}"
    assert "\x1b" not in lived.said
    assert "\r" not in lived.said
    assert [story.account for story in STORIES if story.account not in lived.said] == []
    assert "Kowhai Crispbread, as hubspot now shows it to a rep (invented)" in lived.said
    assert "See Kowhai Crispbread as its rep does in the CRM" in lived.said[lived.said.index("With --serve") :]
    assert "http://" not in lived.said, "nothing is open any more"
    assert max(map(len, lines)) <= 80
    assert str(lived.folder / "summary.json") in "".join(lines)


def test_one_decision_that_is_missing_makes_the_sum_fail(lived: Lived, tmp_path: Path) -> None:
    copy = tmp_path / "closedloop.sqlite"
    source = lived.folder / "data" / "closedloop.sqlite"
    with closing(sqlite3.connect(source)) as whole, closing(sqlite3.connect(copy)) as target:
        whole.backup(target)
    assert mismatch(counted(copy)) is None
    with closing(sqlite3.connect(copy)) as database, database:
        removed = "(SELECT min(id) FROM decision WHERE track = 'real')"
        database.execute(f"DELETE FROM verdict WHERE decision_id = {removed}")
        database.execute(f"DELETE FROM decision WHERE id = {removed}")
    missing = counted(copy)
    candidates = missing["candidates"]
    said = f"{candidates} candidates, but {candidates - 1} outcomes: somebody was dropped silently."
    assert (mismatch(missing), candidates) == (said, lived.summary["candidates"])


def counted(database: Path) -> dict[str, Any]:
    """Candidates and outcomes, counted as the demo counts them."""
    storage = open_storage(f"sqlite:///{database}")
    try:
        with storage.snapshot() as unit:
            outcomes = unit.decisions.outcomes(track=Track.REAL, today=LAST_DAY)
            return {"candidates": unit.occurrences.count_candidates(), "outcomes": outcomes}
    finally:
        storage.close()


def test_ctrl_c_in_the_middle_ends_everything_with_130_and_the_next_start_lives_the_month_of_its_seed(
    lived: Lived, tmp_path: Path
) -> None:
    folder = tmp_path / "month"
    command = ("demo", "--months", "24", "--no-serve", "--folder", str(folder))
    with started(*command, environ=dict(os.environ), cwd=tmp_path) as running:
        org = running.until(lambda: sandbox_of(folder))
        running.until(lambda: has_asked(folder))
        children = descendants_of(running.process.pid)
        assert len(children) == 1, "the sandbox"
        running.signal(signal.SIGINT)
        assert running.ended() == 130
    assert [pid for pid in children if is_alive(pid)] == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(org, trust_env=False)
    done = demo(folder, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) | {"seconds": 0} == lived.summary | {"seconds": 0}


def sandbox_of(folder: Path) -> str | None:
    """Where the demo's sandbox listens, once that is written down."""
    file = folder / "environment"
    lines = file.read_text().splitlines() if file.exists() else []
    values = dict(line.split("=", 1) for line in lines)
    return values.get("SALESFORCE_URL")


def has_asked(folder: Path) -> bool:
    """Whether the months are under way: somebody has been asked."""
    database = folder / "data" / "closedloop.sqlite"
    if not database.exists():
        return False
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as reader:
        try:
            return bool(reader.execute("SELECT count(*) FROM invitation").fetchone()[0])
        except sqlite3.OperationalError:  # the table is not there yet
            return False


def stat_of(pid: int) -> list[str]:
    """State, parent and so on of a process; nothing where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    return stat_of(pid)[:1] not in ([], ["Z"])


def descendants_of(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    everybody = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    children = [one for one in everybody if stat_of(one)[1:2] == [str(pid)]]
    return children + [further for child in children for further in descendants_of(child)]


def console_urls(said: str) -> tuple[str, str]:
    """Where the console shows the account with a story, and the next weeks."""
    addresses = [line.strip() for line in said.splitlines() if line.startswith("  http://")]
    (account,) = (each for each in addresses if "/accounts/" in each)
    (plan,) = (each for each in addresses if each.endswith("/plan"))
    return account, plan


def test_the_end_leaves_everything_open_until_ctrl_c(tmp_path: Path) -> None:
    folder = tmp_path / "month"
    command = ("demo", "--months", "1", "--serve", "--folder", str(folder))
    with started(*command, environ=dict(os.environ), cwd=tmp_path) as running:
        running.until(lambda: "Ctrl-C ends everything." in running.said, seconds=LIVE_SECONDS)
        org, children = sandbox_of(folder), descendants_of(running.process.pid)
        assert httpx.get(f"{org}/_sandbox/clock", trust_env=False).status_code == 200
        assert f"All accounts with a story: {org}/_sandbox/records" in running.said
        shown = next(line.strip() for line in running.said.splitlines() if line.startswith(f"  {org}/_sandbox/records"))
        assert "Kowhai Crispbread" in httpx.get(shown, trust_env=False).raise_for_status().text
        account, plan = console_urls(running.said)
        assert "Kowhai Crispbread" in httpx.get(account, trust_env=False).raise_for_status().text
        today = datetime.fromisoformat(httpx.get(f"{org}/_sandbox/clock", trust_env=False).json()["now"]).astimezone(
            KEA
        )
        assert f"{today:%-d %b %Y}" in httpx.get(plan, trust_env=False).raise_for_status().text
        running.signal(signal.SIGINT)
        assert running.ended() == 130
    assert (len(children), [pid for pid in children if is_alive(pid)]) == (1, [])


def test_a_folder_that_is_not_the_demos_own_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "to-ada.txt").write_text("Dear Ada")
    done = demo(folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"closedloop: {folder} is not empty and not the demo's own: name another --folder.\n"
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"to-ada.txt": "Dear Ada"}
