"""`closedloop sandbox`: the invented world alone, for trying any client against it."""

import os
import sys
from typing import Annotated

import typer

Always = Annotated[bool, typer.Option("--json", help="For programs; the line it prints when ready is JSON anyway.")]


def sandbox(context: typer.Context, as_json: Always = False) -> None:
    """Run the sandbox alone: --port N [--seed --accounts --contacts]; prints one line of JSON when ready.

    `--start now --environment FILE`: a world of today, and the variables by which a folder of `init` reaches it.
    """
    os.execv(sys.executable, [sys.executable, "-m", "adapters.sandbox", *context.args])  # noqa: S606 -- our own module
