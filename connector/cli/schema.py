"""`closedloop schema`: JSON Schemas of the settings, with which editors complete keys and underline mistakes."""

import json
from pathlib import Path
from typing import Annotated

import typer

from connector.bootstrap import installed_specs
from connector.cli.opening import AsJson, print_json, written_to
from connector.settings.schema_files import schema_texts

Write = Annotated[Path | None, typer.Option("--write", help="Write a file for each into this folder.", file_okay=False)]


def schema(write: Write = None, as_json: AsJson = False) -> None:
    """Print the JSON Schemas of closedloop.yaml, relationships.yaml, programs and surveys, or write them as files.

    The keys of every installed CRM adapter are in them.
    """
    texts = schema_texts(installed_specs())
    if write is None:
        print_json({name: json.loads(text) for name, text in texts.items()})
        return
    with written_to(write):
        paths = write_schemas(write, texts)
    if as_json:
        print_json({"written": [str(path) for path in paths]})
    else:
        typer.echo("\n".join(f"wrote {path}" for path in paths))


def write_schemas(folder: Path, texts: dict[str, str]) -> list[Path]:
    """Write the files, over earlier ones: they are made and never edited."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths
