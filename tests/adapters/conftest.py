"""The sandbox as a process of its own, for every adapter's contract tests."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """A running sandbox: its ready line, and its control pages."""

    ready: dict[str, Any]
    control: httpx.Client

    def get(self, path: str, **query: Any) -> Any:
        """Read a control page."""
        return self.control.get(path, params=query).raise_for_status().json()

    def post(self, path: str, values: dict[str, Any]) -> Any:
        """Do something by a control page."""
        return self.control.post(path, json=values).raise_for_status().json()

    def fault(self, name: str, **values: Any) -> None:
        """Switch a fault on."""
        self.post("faults", {"name": name, **values})


@pytest.fixture(scope="session")
def start_sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Starts sandboxes with options given by name; they end with the session."""
    with ExitStack() as stack:
        yield lambda **options: _start(stack, options)


def _start(stack: ExitStack, options: dict[str, Any]) -> Sandbox:
    arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "adapters.sandbox", "--port", "0", "--with-parent", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    stack.callback(_end, process)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the sandbox ended with {process.wait(10)} before it was ready"
    ready = json.loads(line)
    control = stack.enter_context(httpx.Client(base_url=ready["control"] + "/", timeout=30, trust_env=False))
    return Sandbox(ready=ready, control=control)


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.wait(20)
    if process.stdout is not None:
        process.stdout.close()
