"""`closedloop init`: a few questions, and a first folder of settings in shadow mode."""

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from connector.bootstrap import SystemClock, installed_specs
from connector.cli.answers import Answers, Beginning, answered
from connector.cli.examples import examples
from connector.cli.failures import INTERRUPTED
from connector.cli.opening import AsJson, print_json, written_to
from connector.cli.questions import Questions
from connector.settings.examples import read_examples
from connector.settings.schema_files import schema_texts
from connector.settings.starting import ENVIRONMENT, Start, started_files, variables

Where = Annotated[Path, typer.Argument(help="The folder to write, such as settings.", file_okay=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing: take options, and defaults for the rest.")]
Name = Annotated[str | None, typer.Option("--organisation", help="The name that people who are asked read.")]
Zone = Annotated[str | None, typer.Option("--timezone", help="An IANA time zone: milestones are days of its calendar.")]
Tongue = Annotated[str | None, typer.Option("--language", help="The language that your surveys are written in.")]
Crms = Annotated[str | None, typer.Option("--crms", help="Which CRMs, with commas; the first one gets the writes.")]
Fields = Annotated[list[str] | None, typer.Option("--field", help="CRM.FACT=FIELD, or CRM.FACT= where there is none.")]
Types = Annotated[str | None, typer.Option("--relationships", help="Which relationship types, with commas.")]
Url = Annotated[str | None, typer.Option("--public-url", help="Base of the links in mails.")]
Relay = Annotated[str | None, typer.Option("--relay", help="Host and port of the mail relay.")]
Sender = Annotated[str | None, typer.Option("--from", help="The address that mail comes from.")]
StandIn = Annotated[
    str | None, typer.Option("--stand-in", help="Address in the CRM of who acts where nobody else can.")
]


def init(
    folder: Where,
    organisation: Name = None,
    timezone: Zone = None,
    language: Tongue = None,
    crms: Crms = None,
    field: Fields = None,
    relationships: Types = None,
    public_url: Url = None,
    relay: Relay = None,
    sender: Sender = None,
    stand_in: StandIn = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Ask a few questions and write a folder of settings in shadow mode, commented, with nothing secret in it.

    A file that is there already is left as it is.
    """
    given = Answers(
        organisation=organisation,
        timezone=timezone,
        language=language,
        crms=crms,
        fields=field or [],
        relationships=relationships,
        public_url=public_url,
        relay=relay,
        sender=sender,
        stand_in=stand_in,
    )
    known, specs = read_examples(examples() / "kea"), installed_specs()
    beginning = Beginning(examples=known, specs=specs, environ=os.environ, now=SystemClock().now())
    questions = Questions(is_silent=yes, on_stderr=as_json)
    try:
        start = answered(questions, given, beginning=beginning)
    except typer.Abort:
        _tell_how_to_go_on(folder, questions, as_json=as_json)
        raise typer.Exit(INTERRUPTED) from None
    schemas = {f"schema/{name}": text for name, text in schema_texts(specs).items()}
    with written_to(folder):
        kept = _write(folder, started_files(start, examples=known) | schemas)
    _tell(folder, start, kept=kept, as_json=as_json)


def _write(folder: Path, files: dict[str, str]) -> dict[str, bool]:
    """Write what is not there yet; for each file whether it was."""
    was_there = {}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            was_there[name] = True
        else:
            was_there[name] = False
    return was_there


def _tell_how_to_go_on(folder: Path, questions: Questions, *, as_json: bool) -> None:
    """On standard error: the command that takes what was answered so far and asks the rest."""
    words = [word for option, text in questions.said for word in (option, text)]
    command = ["closedloop", "init", str(folder), *words, *(["--json"] if as_json else [])]
    typer.echo("\n\nNothing is written yet.", err=True)
    if words:
        typer.echo(f"This goes on from here, with what you answered:\n  {shlex.join(command)}", err=True)


def _tell(folder: Path, start: Start, *, kept: dict[str, bool], as_json: bool) -> None:
    names = [each.name for each in variables(start)]
    if as_json:
        written, left = ([name for name, was in kept.items() if was is is_kept] for is_kept in (False, True))
        print_json({"folder": str(folder), "written": written, "kept": left, "variables": names})
        return
    for name, was_there in kept.items():
        typer.echo(f"{'was there, left as it is' if was_there else 'wrote'}: {folder / name}")
    typer.echo(f"\nSet these in the environment ({folder / ENVIRONMENT} says what they are):")
    for name in names:
        typer.echo(f"  {name}{', which is set here' if os.environ.get(name) else ''}")
    typer.echo("Then, in this order; nothing is sent or written in shadow mode:")
    for command in ("check", "run sync", "plan"):
        typer.echo(f"  closedloop {command} --config {folder}")
