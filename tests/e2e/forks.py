"""Processes that are forked from one which has imported the product and done nothing else: it saves each its start."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from connector.cli.main import main

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([main.__module__, "tests.crash.month"])


def run_forked(target: Callable[..., None], *arguments: Any, environ: Mapping[str, str], seconds: float) -> int:
    """Run a function of a module in a process of its own with this environment; its exit code, negative for a signal.

    A process that is not done after so many seconds is killed, and the test fails.
    """
    process = _PROCESSES.Process(target=_in_environment, args=(dict(environ), target, *arguments))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
    assert process.exitcode is not None, f"not within {seconds} s"
    return process.exitcode


def run_command(
    arguments: Sequence[str], *, environ: Mapping[str, str], cwd: Path, seconds: float
) -> "subprocess.CompletedProcess[str]":
    """Run the command line to its end, as its entry point does."""
    with TemporaryDirectory() as folder:
        out, err = (Path(folder) / name for name in ("out", "err"))
        code = run_forked(_command, list(arguments), cwd, (out, err), environ=environ, seconds=seconds)
        return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())


def _in_environment(environ: dict[str, str], target: Callable[..., None], *arguments: Any) -> None:
    os.environ.clear()
    os.environ.update(environ)
    target(*arguments)


def _command(arguments: list[str], cwd: Path, streams: tuple[Path, Path]) -> None:
    os.chdir(cwd)
    sys.argv = ["closedloop", *arguments]
    with ExitStack() as stack:
        for number, file in enumerate(streams, start=1):
            os.dup2(stack.enter_context(file.open("wb")).fileno(), number)
        main()
