"""A command of ours as a process: started as a terminal does it, waited for, and listened to."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

COMMAND = str(Path(sys.executable).with_name("closedloop"))
RUN_SECONDS = 120
"""More than any one command needs on a loaded machine of two cores."""
LOOK_SECONDS = 0.05
_KEPT: list[socket.socket] = []
"""Sockets that keep ports for this process until it ends; they are few, and nothing ever comes in by them."""


def present() -> datetime:
    """The machine's present moment, as the command reads it."""
    return datetime.fromtimestamp(time.time(), tz=UTC)


def free_port() -> int:
    """A port that nobody else is given while this process lives, and that a server which reuses addresses can have.

    It stays bound, without listening: a port that is only looked up is anybody's until the server has started.
    """
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    _KEPT.append(keeper)
    return int(keeper.getsockname()[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A command that runs, since when, and what it has said so far."""

    process: "subprocess.Popen[bytes]"
    output: IO[str]
    since: datetime

    def signal(self, number: signal.Signals) -> None:
        """Signal its whole process group, as a terminal does."""
        os.killpg(self.process.pid, number)

    def until(self, condition: Callable[[], Any], *, seconds: float = RUN_SECONDS) -> Any:
        """The first true value of a condition; fails after so many seconds, or where the command ends before."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            code = self.process.poll()
            if code is not None and (value := condition()):  # it came true before the end
                return value
            assert code is None, f"it ended with {code} before, and said: {self.said}"
            assert time.monotonic() < end, f"not within {seconds} s; it said: {self.said}"
            time.sleep(LOOK_SECONDS)
        return value

    def ended(self, *, seconds: float = RUN_SECONDS) -> int:
        """Its exit code; fails where it takes longer."""
        return self.process.wait(seconds)

    @property
    def said(self) -> str:
        """Standard output and standard error so far."""
        self.output.seek(0)
        return self.output.read()


@contextmanager
def started(*arguments: str, environ: dict[str, str], cwd: Path, program: str = COMMAND) -> Iterator[Running]:
    """The command in a process group of its own, as a terminal starts it; killed with the block where it still runs."""
    with TemporaryFile("w+") as output:  # a pipe that nobody reads would hold it up once it is full
        since = present()
        process = subprocess.Popen(
            [program, *arguments], stdout=output, stderr=subprocess.STDOUT, env=environ, cwd=cwd, start_new_session=True
        )
        with process:
            try:
                yield Running(process=process, output=output, since=since)
            finally:
                process.kill()
