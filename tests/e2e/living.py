"""Settings and data of a test's own, a sandbox beside them, and the `closedloop` command as a process.

The command reads the machine's clock, so the sandbox starts at the machine's present moment, and everything that
is due is made due on the organisation's present day; its time zone is one in which that day is half over.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
from typer.testing import CliRunner

from connector.cli.main import app
from tests.adapters.conftest import Sandbox
from tests.e2e.forks import run_command
from tests.e2e.processes import RUN_SECONDS, Running, free_port, present, started

ROOT = Path(__file__).parents[2]
BEFORE_RENEWAL = timedelta(days=120)
VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "PYTHONPATH")


def noon_zone(now: datetime) -> tuple[str, timezone]:
    """The time zone in which it is between 12 and 1 o'clock: by name, which counts west of Greenwich, and as such."""
    east = 12 - now.hour
    return f"Etc/GMT{-east:+d}", timezone(timedelta(hours=east))


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A settings folder of a test's own, the environment it needs, and the sandbox that it points at."""

    folder: Path
    environ: dict[str, str]
    sandbox: Sandbox
    today_zone: timezone

    def run(self, *arguments: str, code: int = 0, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run the command to its end, which must have this exit code."""
        place = self.folder.parent
        done = run_command(arguments, environ=self.environ | environ, cwd=place, seconds=RUN_SECONDS)
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        return done

    def json(self, *arguments: str) -> Any:
        """What a command that ends well prints with --json; run within this process, which saves its start."""
        done = CliRunner().invoke(app, [*arguments, "--json"], env=self.environ, catch_exceptions=False)
        assert done.exit_code == 0, (arguments, done.output)
        return json.loads(done.stdout)

    def json_of_process(self, *arguments: str, hash_seed: int) -> Any:
        """The same by a process of its own, which walks through sets as this seed has it: forked ones share theirs."""
        with self.running(*arguments, "--json", PYTHONHASHSEED=str(hash_seed)) as process:
            assert process.ended() == 0, process.said
            return json.loads(process.said)

    @contextmanager
    def running(self, *arguments: str, **environ: str) -> Iterator[Running]:
        """The command as a process that is ended with the block, if it has not ended by itself."""
        with started(*arguments, environ=self.environ | environ, cwd=self.folder.parent) as process:
            yield process

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a settings file; the old text must stand in it."""
        path = self.folder / name
        text = path.read_text()
        assert old in text, (name, old)
        path.write_text(text.replace(old, new))

    def use_own_ports(self) -> None:
        """Let the pages and the console listen where the environment says: a port of the file is anybody's."""
        path = self.folder / "closedloop.yaml"
        own = 'listen: {public: "${env:CLOSEDLOOP_LISTEN}", console: "${env:CLOSEDLOOP_CONSOLE}"}'
        text, number = re.subn(r"^listen:.*$", lambda _: own, path.read_text(), flags=re.MULTILINE)
        assert number == 1, path
        path.write_text(text)

    def go_live(self) -> None:
        """From shadow to live."""
        self.edit("closedloop.yaml", "mode: shadow", "mode: live")

    def touch(self, object_name: str, record_id: str, **fields: Any) -> None:
        """Change a record as an admin of the CRM does."""
        self.sandbox.fault("touch", object=object_name, id=record_id, fields=fields)

    def make_due(self) -> int:
        """Make every account strategic and its wave before the renewal due today; how many there are."""
        renewal = (present().astimezone(self.today_zone).date() + BEFORE_RENEWAL).isoformat()
        accounts = self.sandbox.get("records/Account", limit=1000)
        for account in accounts:
            self.touch("Account", account["Id"], Type="Customer", Tier__c="A", Renewal_Date__c=renewal)
        return len(accounts)

    def ask_and_answer(self) -> int:
        """Ask everybody due, let people answer on the page that is served, write nothing; how many answered."""
        for stage in ("sync", "plan", "ask"):
            self.json("run", stage)
        return self.answer()

    def answer(self) -> int:
        """Let everybody who was asked answer on the page that is served, while nothing is asked or written."""
        self.run("stop")
        with self.running("serve") as serving:
            serving.until(self.is_open)
            self.sandbox.post("people/act", {"all": True})
            serving.signal(signal.SIGTERM)
            assert serving.ended() == 0
        self.run("resume")
        return int(self.json("status")["responses"])

    def is_open(self) -> bool:
        """Whether `serve` answers."""
        try:
            answer = httpx.get(f"{self.environ['CLOSEDLOOP_PUBLIC_URL']}/healthz", trust_env=False)
        except httpx.TransportError:
            return False
        return (answer.status_code, answer.text) == (200, "ok")

    def mails(self) -> int:
        """How many mails the sandbox's inbox got."""
        return int(self.sandbox.get("counts")["mail"]["received"])

    def writes(self) -> int:
        """How many rows were written to the sandbox's org."""
        return int(self.sandbox.get("counts")["salesforce"]["rows_written"])

    def requests(self) -> int:
        """How many requests the sandbox's org got."""
        return int(self.sandbox.get("counts")["salesforce"]["requests"])


@contextmanager
def living_sandbox(**options: Any) -> Iterator[Sandbox]:
    """A sandbox that ends with the block."""
    arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "adapters.sandbox", "--port", "0", "--with-parent", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, f"the sandbox ended with {process.wait(10)} before it was ready"
            ready = json.loads(line)
            with httpx.Client(base_url=ready["control"] + "/", timeout=60, trust_env=False) as control:
                yield Sandbox(ready=ready, control=control)
        finally:
            process.terminate()


def make_house(folder: Path, sandbox: Sandbox, *, with_hubspot: bool = False) -> House:
    """The example settings of Kea with one CRM or both, pointed at the sandbox, with programs long in force."""
    zone_name, zone = noon_zone(present())
    settings = folder / "settings"
    shutil.copytree(ROOT / "config" / "examples" / "kea", settings)
    if not with_hubspot:
        leave_out_hubspot(settings / "closedloop.yaml")
    house = House(folder=settings, environ=environment(folder, sandbox), sandbox=sandbox, today_zone=zone)
    house.edit("closedloop.yaml", "timezone: Pacific/Auckland", f"timezone: {zone_name}")
    house.use_own_ports()
    for program in sorted((settings / "programs").iterdir()):
        house.edit(f"programs/{program.name}", "starts_on: 2026-01-01", "starts_on: 2020-01-01")
    return house


def leave_out_hubspot(file: Path) -> None:
    """Cut the second CRM out of a house file, as its first lines tell an admin without HubSpot to do."""
    before, _, rest = file.read_text().partition("  hub:\n")
    assert rest, file
    file.write_text(before + rest[rest.index("\n\n") + 1 :])


def environment(folder: Path, sandbox: Sandbox) -> dict[str, str]:
    """The variables that the example names, and the few that a process needs to start at all."""
    listen, ready = f"127.0.0.1:{free_port()}", sandbox.ready
    return {name: os.environ[name] for name in VARIABLES if name in os.environ} | {
        "CLOSEDLOOP_CONFIG": str(folder / "settings"),
        "CLOSEDLOOP_PUBLIC_URL": f"http://{listen}",
        "CLOSEDLOOP_LISTEN": listen,
        "CLOSEDLOOP_CONSOLE": f"127.0.0.1:{free_port()}",
        "CLOSEDLOOP_DATA": str(folder / "data"),
        "CLOSEDLOOP_KEY": "a-key-of-the-tests-with-32-bytes",
        "SMTP_RELAY": f"{ready['smtp']['host']}:{ready['smtp']['port']}",
        "SMTP_TLS": "none",
        "SALESFORCE_ORG_ID": sandbox.get("records/Organization", limit=1)[0]["Id"],
        "SALESFORCE_URL": ready["salesforce"]["url"],
        "SALESFORCE_CLIENT_ID": ready["salesforce"]["client_id"],
        "SALESFORCE_CLIENT_SECRET": ready["salesforce"]["client_secret"],
        **access(sandbox),
    }


def access(sandbox: Sandbox) -> dict[str, str]:
    """The variables of the portal's connection; its id is asked for without the adapter."""
    told = sandbox.ready["hubspot"]
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    details = httpx.get(f"{told['url']}/account-info/v3/details", headers=headers, trust_env=False)
    return {
        "HUBSPOT_URL": told["url"],
        "HUBSPOT_ACCESS_TOKEN": told["access_token"],
        "HUBSPOT_ORG_ID": str(details.raise_for_status().json()["portalId"]),
    }
