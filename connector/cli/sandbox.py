"""`closedloop sandbox`: the invented world alone, for trying any client against it."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

Port = Annotated[int | None, typer.Option(help="HTTP port on 127.0.0.1; a free one where none is given.")]
Seed = Annotated[int | None, typer.Option(help="The same seed gives the same world.")]
Accounts = Annotated[int | None, typer.Option(help="How many accounts the org has.")]
Contacts = Annotated[int | None, typer.Option(help="How many contacts the org has.")]
Start = Annotated[str | None, typer.Option(help="Where its clock begins, such as 2026-01-05T06:00:00Z, or `now`.")]
Variables = Annotated[
    Path | None, typer.Option("--environment", help="Write here by which variables a folder of `init` reaches it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON when ready, as where no terminal listens.")]


def sandbox(
    context: typer.Context,
    port: Port = None,
    seed: Seed = None,
    accounts: Accounts = None,
    contacts: Contacts = None,
    start: Start = None,
    environment: Variables = None,
    as_json: AsJson = False,
) -> None:
    """Run the sandbox alone; says when it is ready, and where. Further options are those of `adapters.sandbox`."""
    given = {
        "--port": port,
        "--seed": seed,
        "--accounts": accounts,
        "--contacts": contacts,
        "--start": start,
        "--environment": environment,
    }
    words = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    words += ["--json"] if as_json else []
    command = [sys.executable, "-m", "adapters.sandbox", *words, *context.args]
    os.execv(sys.executable, command)  # noqa: S606 -- our own module
