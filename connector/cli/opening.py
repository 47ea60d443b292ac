"""What every command shares: where the settings are, and the ports joined from them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.bootstrap import configure, wired
from connector.ports.errors import ConnectorError
from connector.ports.wiring import Ports

Folder = Annotated[
    Path,
    typer.Option("--config", envvar="CLOSEDLOOP_CONFIG", help="The folder with closedloop.yaml.", file_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
HERE = Path()


class UnwritableFolder(ConnectorError):
    """A folder that somebody named cannot be written to."""


@contextmanager
def opened(folder: Path) -> Iterator[Ports]:
    """The ports of the settings in a folder. Raises ConfigError, StorageError."""
    with wired(configure(folder, environ=os.environ)) as ports:
        yield ports


@contextmanager
def written_to(folder: Path) -> Iterator[None]:
    """Within it files of a folder are written that somebody named; raises UnwritableFolder where that cannot be."""
    try:
        yield
    except OSError as error:
        where, why = error.filename or folder, error.strerror or error
        raise UnwritableFolder(f"{where} cannot be written: {why}. Name a folder that you may write to.") from None


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, indent=2, default=str))
