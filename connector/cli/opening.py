"""What every command shares: where the settings are, and the ports joined from them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.bootstrap import configure, wired
from connector.ports.wiring import Ports

Folder = Annotated[
    Path,
    typer.Option("--config", envvar="CLOSEDLOOP_CONFIG", help="The folder with closedloop.yaml.", file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
HERE = Path()


@contextmanager
def opened(folder: Path) -> Iterator[Ports]:
    """The ports of the settings in a folder. Raises ConfigError, StorageError."""
    with wired(configure(folder, environ=os.environ)) as ports:
        yield ports


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, indent=2, default=str))
