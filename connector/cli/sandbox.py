"""`closedloop sandbox`: the invented world alone, for trying any client against it."""

import os
import sys

import typer


def sandbox(context: typer.Context) -> None:
    """Run the sandbox alone: --port N [--seed --contacts --accounts]; prints one line of JSON when ready."""
    os.execv(sys.executable, [sys.executable, "-m", "adapters.sandbox", *context.args])  # noqa: S606 -- our own module
