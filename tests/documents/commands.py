"""Every command with its arguments and options, as the command line itself explains them."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from connector.cli.main import app
from tests.documents.tables import code, first_sentence, table

_GIVEN_TO_ALL = "--help"
_SAME_EVERYWHERE = ("--config", "--json")
"""Told once above the table; a command's first row shows whether it takes them."""


def commands() -> Mapping[str, Any]:
    """The commands by name, in the order of `closedloop --help`."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def options(name: str) -> set[str]:
    """The names of a command's options."""
    shown = {text for each in commands()[name].params for text in (*each.opts, *each.secondary_opts)}
    return {text for text in shown if text.startswith("-")} - {_GIVEN_TO_ALL}


def commands_table() -> str:
    """One row a command, and one for each of its own arguments and options."""
    return table(("command", "what it does"), [row for name in commands() for row in _rows(name)])


def _rows(name: str) -> Iterator[tuple[str, str]]:
    command = commands()[name]
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    shared = [f"[{each}]" for each in _SAME_EVERYWHERE if each in options(name)]
    words = ["closedloop", name, *(_shown(each) for each in arguments), *shared]
    yield f"**{code(' '.join(words))}**", first_sentence(command.help)
    yield from ((code(each.name.upper()), str(each.help or "")) for each in arguments)
    own = [each for each in command.params if each.param_type_name == "option"]
    yield from ((_names(each), _explained(each)) for each in own if each.opts[0] not in _SAME_EVERYWHERE)


def _shown(argument: Any) -> str:
    name = argument.name.upper()
    return name if argument.required else f"[{name}]"


def _names(option: Any) -> str:
    return ", ".join(code(each) for each in (*option.opts, *option.secondary_opts))


def _explained(option: Any) -> str:
    """Its help, and where else the value may come from."""
    variables = [option.envvar] if isinstance(option.envvar, str) else list(option.envvar or ())
    return f"{option.help or ''}{''.join(f' Else the variable {code(each)}.' for each in variables)}"
