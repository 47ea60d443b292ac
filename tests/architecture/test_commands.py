"""Every command explains itself and each of its options, and speaks to programs by --json."""

import pytest
import typer

from connector.cli.main import app

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group of commands


def test_the_commands_are_found() -> None:
    assert {"plan", "explain", "run", "status", "serve", "stop", "resume", "demo", "sandbox"} <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_json(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert "--json" in options


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_each_of_its_parameters_has_a_help_text(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    assert command.help.endswith((".", "?"))
    assert [each.name for each in command.params if not getattr(each, "help", None)] == []
