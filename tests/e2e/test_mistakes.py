"""`closedloop check` against a living sandbox: each seeded mistake is told where it stands, and nothing is run."""

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connector.cli.main import main
from tests.adapters.conftest import Sandbox
from tests.e2e.living import House, environment, living_sandbox, noon_zone, present
from tests.mistakes.seeds import KEA, Place, Seed, read_seeds

pytestmark = pytest.mark.xdist_group("mistakes")
SEEDS = read_seeds()
CONFIGURATION = 2


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One world for all of them, since none of them may change it."""
    with living_sandbox(accounts=8, contacts=40, start=present().isoformat(timespec="seconds")) as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, sandbox: Sandbox) -> House:
    """The example with both CRMs as it is shipped."""
    settings = Path(shutil.copytree(KEA, tmp_path / "settings"))
    zone = noon_zone(present())[1]
    return House(folder=settings, environ=environment(tmp_path, sandbox), sandbox=sandbox, today_zone=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How `check --json` ended, and what it said."""

    code: int
    mistakes: dict[Place, str]
    text: str

    @property
    def errors(self) -> set[Place]:
        """Where it stops an admin."""
        return {place for place in self.mistakes if place.severity == "error"}


@dataclass(frozen=True, slots=True)
class Check:
    """The command within this process: forty starts of Python would take a minute."""

    house: House
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self) -> Checked:
        """Check the house as it is now."""
        for name, value in self.house.environ.items():
            self.monkeypatch.setenv(name, value)
        self.monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # `main` puts its own there
        self.monkeypatch.setattr(sys, "argv", ["closedloop", "check", "--json", "--config", str(self.house.folder)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.capsys.readouterr()
        mistakes = _by_place(json.loads(said.out)["mistakes"])
        return Checked(code=int(ended.value.code or 0), mistakes=mistakes, text=said.out + said.err)


@pytest.fixture
def check(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """Checks the house."""
    return Check(house, monkeypatch, capsys)


def _by_place(mistakes: list[dict[str, Any]]) -> dict[Place, str]:
    """All messages of a place in one, since two CRMs may say the same of it."""
    told: dict[Place, str] = {}
    for each in mistakes:
        if each["file"] is not None:
            place = Place(each["file"], each["line"], each["column"], each["severity"])
            told[place] = f"{told.get(place, '')}\n{each['message']}"
    return told


def changes(house: House) -> dict[str, int]:
    """Everything that a run would leave behind: mails, rows in both CRMs, rows in our database."""
    counts = house.sandbox.get("counts")
    return {
        "mails": counts["mail"]["received"],
        **{crm: counts[crm]["rows_written"] for crm in ("salesforce", "hubspot")},
        "rows": sum(_rows(path) for path in (house.folder.parent / "data").glob("*.sqlite")),
    }


def _rows(database: Path) -> int:
    with closing(sqlite3.connect(database)) as opened:
        tables = [name for (name,) in opened.execute("select name from sqlite_master where type = 'table'")]
        ours = [name for name in tables if name != "alembic_version" and not name.startswith("sqlite_")]
        return sum(opened.execute(f'select count(*) from "{name}"').fetchone()[0] for name in ours)


NOTHING = {"mails": 0, "salesforce": 0, "hubspot": 0, "rows": 0}


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_a_mistake_is_told_at_its_place_and_nothing_is_run(seed: Seed, check: Check) -> None:
    seed.lay_over(check.house.folder)
    done = check.run()
    assert done.errors == seed.errors, done.mistakes
    assert seed.places - set(done.mistakes) == set(), done.mistakes
    missing = [word for place, words in seed.words.items() for word in words if word not in done.mistakes[place]]
    assert missing == [], done.mistakes
    assert [word for word in seed.never_told if word in done.text] == []
    assert done.code == (CONFIGURATION if seed.errors else 0)
    assert changes(check.house) == NOTHING


def test_the_example_as_it_is_shipped_has_no_mistake(check: Check) -> None:
    done = check.run()
    assert (done.code, done.errors) == (0, set()), done.text
    assert changes(check.house) == NOTHING


def test_the_command_as_a_process_ends_with_2_and_one_document_on_standard_output(house: House) -> None:
    (seed,) = (each for each in SEEDS if each.name.endswith("two-at-once"))
    seed.lay_over(house.folder)
    failed = house.run("check", "--json", code=CONFIGURATION)
    assert set(_by_place(json.loads(failed.stdout)["mistakes"])) == seed.places
    assert changes(house) == NOTHING
