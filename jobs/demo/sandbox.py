"""The sandbox as the demo sees it: a process that it starts and ends, and control pages over HTTP."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from connector.ports.errors import ConnectorError

END_SECONDS = 10
TURN_SECONDS = 600
"""A turn of the clock lives every day between, and everybody's answers."""


class SandboxFailed(ConnectorError):
    """The sandbox did not start, or did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """A running sandbox: where its parts listen, and its control pages."""

    salesforce: Mapping[str, str]
    hubspot: Mapping[str, str]
    smtp_host: str
    smtp_port: int
    control_url: str
    http: httpx.Client

    def now(self) -> datetime:
        """The sandbox's time, aware, in UTC: this makes a Sandbox a Clock."""
        return datetime.fromisoformat(self.get("clock")["now"])

    def turn(self, to: datetime) -> None:
        """Turn the clock; the world and its people live until then before this returns."""
        answer = self.http.post(f"{self.control_url}/clock", json={"now": to.isoformat()}, timeout=TURN_SECONDS)
        if answer.is_error:
            raise SandboxFailed(f"The sandbox's clock could not be turned: {answer.text}")

    def counts(self) -> dict[str, Any]:
        """What the sandbox counted: requests, rows written, mails, answers."""
        return dict(self.get("counts"))

    def get(self, page: str, **query: str) -> Any:
        """A control page's JSON."""
        answer = self.http.get(f"{self.control_url}/{page}", params=query)
        if answer.is_error:
            raise SandboxFailed(f"The sandbox answered {answer.status_code} for {page}: {answer.text}")
        return answer.json()


@contextmanager
def running_sandbox(*, seed: int = 1, accounts: int = 80, contacts: int = 600) -> Iterator[Sandbox]:
    """Start a sandbox as a process of its own, on free ports, and end it with the block whatever happens."""
    command = [sys.executable, "-m", "adapters.sandbox", "--port", "0", "--with-parent", "--stories"]
    options = ["--seed", str(seed), "--accounts", str(accounts), "--contacts", str(contacts)]
    # In a session of its own a terminal's Ctrl-C does not reach it: it lives until we have ended what talks to it.
    process = subprocess.Popen(  # noqa: S603 -- our own module
        [*command, *options], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield _ready(process)
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(process: "subprocess.Popen[str]") -> Sandbox:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise SandboxFailed(f"The sandbox ended with {process.wait(END_SECONDS)} before it was ready.")
    told = json.loads(line)
    return Sandbox(
        salesforce=told["salesforce"],
        hubspot=told["hubspot"],
        smtp_host=told["smtp"]["host"],
        smtp_port=told["smtp"]["port"],
        control_url=told["control"],
        http=httpx.Client(timeout=30),
    )
