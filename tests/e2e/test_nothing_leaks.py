"""A month with faults on, and then every log line, error text and output is searched for the people of the world."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import create_engine, text

from tests.adapters.conftest import Sandbox
from tests.e2e.forks import run_command
from tests.e2e.living import ROOT, House, living_sandbox, make_house
from tests.e2e.loud_month import VARIABLE
from tests.e2e.processes import RUN_SECONDS

pytestmark = pytest.mark.xdist_group("month")
"""One worker runs all of these, so that the month is lived once."""
SIZES = {"accounts": 40, "contacts": 300, "hubspot-companies": 30, "hubspot-contacts": 200}
MONTH_SECONDS = 900
ALWAYS = 1000
ERRORS = {
    "run": ("error", "counts"),
    "fire": ("error",),
    "message": ("error",),
    "task": ("error",),
    "write_log": ("message",),
}
"""Every column in which we keep what went wrong."""
COMMANDS = (
    ("status",),
    ("status", "--json"),
    ("plan",),
    ("plan", "--json"),
    ("run", "sync"),
    ("run", "write_back", "--json"),
    ("stop", "--reason", "a look at the logs"),
    ("resume",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What a month left: the world's names and addresses, the logs, and the house."""

    house: House
    people: frozenset[str]
    logs: str

    def errors(self) -> dict[str, str]:
        """All that is kept of what went wrong, by table."""
        engine = create_engine(f"sqlite:///{self.house.folder.parent / 'data' / 'closedloop.sqlite'}")
        with engine.connect() as connection:
            told = {
                table: "\n".join(
                    str(value)
                    for row in connection.execute(text(f"SELECT {', '.join(columns)} FROM {table}"))
                    for value in row
                    if value is not None
                )
                for table, columns in ERRORS.items()
            }
        engine.dispose()
        return told


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """A month of both CRMs with faults, lived once for all tests; its clock goes on from January 2026."""
    folder = tmp_path_factory.mktemp("loud")
    with living_sandbox(**SIZES) as sandbox:
        house = make_house(folder, sandbox, with_hubspot=True)
        house.go_live()
        before = people_of(sandbox)
        told = {"settings": str(house.folder), "control": sandbox.ready["control"], "quotes": quotes_of(sandbox)}
        done = subprocess.run(
            [sys.executable, "-m", "tests.e2e.loud_month"],
            env=house.environ | {"PYTHONPATH": str(ROOT), VARIABLE: json.dumps(told)},
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=MONTH_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / "logs").write_text(done.stdout + done.stderr)
        yield Lived(house=house, people=before | people_of(sandbox), logs=done.stdout + done.stderr)


def people_of(sandbox: Sandbox) -> frozenset[str]:
    """Every address, full name and account name of both CRMs, in lower case."""
    kinds = ("Contact", "Account", "User")
    contacts, accounts, users = (sandbox.get(f"records/{kind}", limit=ALWAYS) for kind in kinds)
    portal = {kind: sandbox.get(f"records/{kind}", crm="hubspot", limit=ALWAYS) for kind in ("contacts", "companies")}
    people = [user for user in users if user["FirstName"]]  # one is the integration's own, and called so
    names = [
        *(each[word] for each in (*contacts, *people) for word in ("Name", "Email")),
        *(each["Name"] for each in accounts),
        *(each["email"] for each in portal["contacts"]),
        *(f"{each['firstname']} {each['lastname']}" for each in portal["contacts"]),
        *(each["name"] for each in portal["companies"]),
    ]
    return frozenset(name.strip().lower() for name in names if name)


def quotes_of(sandbox: Sandbox) -> list[str]:
    """What a CRM quotes when it refuses something: a person with their address, and an account."""
    contacts = sandbox.get("records/Contact", limit=30)
    accounts = sandbox.get("records/Account", limit=30)
    return [
        f"{one['Name']} <{one['Email']}> of {account['Name']} is not valid"
        for one, account in zip(contacts, accounts, strict=True)
        if one["Email"]
    ]


def found_in(told: str, people: frozenset[str]) -> list[str]:
    """Who of the world is named in a text, with some words around the name."""
    folded = told.lower()
    found = []
    for name in sorted(each for each in people if each in folded):  # much faster than an expression for each
        match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded)
        if match:
            found.append(f"{name}: ...{told[max(0, match.start() - 80) : match.end() + 40]}...")
    return found


def test_the_search_would_find_somebody(lived: Lived) -> None:
    assert len(lived.people) > 800
    for name in sorted(lived.people)[::50]:
        assert found_in(f"the row of {name.upper()}, again", lived.people) != []


def test_the_month_was_loud_and_much_went_wrong(lived: Lived) -> None:
    events = {json.loads(line)["event"] for line in lived.logs.splitlines() if line.startswith("{")}
    assert events >= {"job_done", "job_failed", "page_served"}
    told = lived.errors()
    quiet = {table for table, words in told.items() if not words}
    assert quiet <= {"task"}, "of a month's few tasks none may have been refused"


def test_every_log_line_is_json(lived: Lived) -> None:
    assert [line for line in lived.logs.splitlines() if not isinstance(json.loads(line), dict)] == []


def test_no_log_line_names_anybody(lived: Lived) -> None:
    assert found_in(lived.logs, lived.people) == []


@pytest.mark.parametrize("table", ERRORS)
def test_no_error_that_is_kept_names_anybody(lived: Lived, table: str) -> None:
    assert found_in(lived.errors()[table], lived.people) == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_names_anybody_whose_name_was_not_given(lived: Lived, command: tuple[str, ...]) -> None:
    done = run_with_faults(lived, command)
    assert "Traceback" not in done
    assert found_in(done, lived.people) == []


def run_with_faults(lived: Lived, command: tuple[str, ...]) -> str:
    """What a command says while both CRMs refuse and quote; whatever its exit code."""
    (quote, *_) = quotes_of(lived.house.sandbox)
    for crm, status in (("salesforce", 400), ("hubspot", 400)):
        lived.house.sandbox.fault("fail_next", crm=crm, status=status, count=3, message=quote)
    house = lived.house
    done = run_command(command, environ=house.environ, cwd=house.folder.parent, seconds=RUN_SECONDS)
    house.sandbox.control.delete("faults").raise_for_status()
    return done.stdout + done.stderr
