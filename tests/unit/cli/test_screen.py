"""Colours: on a terminal only, never with NO_COLOR, and never from what a CRM's records say."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pytest
from rich.console import Console
from rich.text import Text

from connector.cli.failures import explained, tell
from connector.cli.screen import STYLES, grid, line, screen, tell_indented, word
from connector.ports.errors import ConfigError, CrmUnavailable, Mistake

MISTAKES = ConfigError(
    [
        Mistake(file="closedloop.yaml", line=20, column=1, found="found no key `mail`", expected="expected it"),
        Mistake(file="programs/won.yaml", line=3, column=7, found="found `x`", expected="expected y"),
    ]
)
DOWN = CrmUnavailable("sf: the org is not available")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def xterm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 256 colours, whatever runs the tests."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@contextmanager
def terminal() -> Iterator[Terminal]:
    """Standard output and error as one terminal."""
    stream = Terminal()
    with redirect_stdout(stream), redirect_stderr(stream):
        yield stream


def test_a_terminal_gets_colours() -> None:
    with terminal() as stream:
        screen().print(line("it is ", word("ask"), " now"))
    assert stream.getvalue() == "it is \x1b[32mask\x1b[0m now\n"


def test_with_no_color_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with terminal() as stream:
        screen().print(line("it is ", word("ask"), " now"))
    assert stream.getvalue() == "it is ask now\n"


def test_what_is_no_terminal_gets_the_bare_words_and_nothing_folded(capsys: pytest.CaptureFixture[str]) -> None:
    table = grid("Type", "Name")
    table.add_row("closedloop explain " + "x" * 80, "y" * 60)
    screen().print(line("it is ", word("block"), " ", "z" * 300))
    screen().print(table)
    first, _, row = capsys.readouterr().out.splitlines()
    assert first == f"it is block {'z' * 300}"
    assert row.split() == ["closedloop", "explain", "x" * 80, "y" * 60]


def test_what_records_say_is_never_read_as_markup() -> None:
    with terminal() as stream:
        screen().print(line("[red]Ann[/red] :smile:"))
    assert stream.getvalue() == "[red]Ann[/red] :smile:\n"


EVIL = "Ann \x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp\u2066\r"
SHOWN = "Ann ]0;owned[2J31mgnp"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_nothing_that_others_wrote_reaches_the_terminal_as_a_command(is_terminal: bool) -> None:
    table = grid("Name", "Account")
    table.add_row(EVIL, "Harbour")
    stream = Terminal() if is_terminal else io.StringIO()
    with redirect_stdout(stream):
        screen().print(EVIL)
        screen().print(line(EVIL, " ", word("kept")))
        tell_indented(screen(), 1, EVIL)
        screen().print(table)
    plain = stream.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert [each.rstrip() for each in plain.split("\n")] == [
        *(SHOWN, f"{SHOWN} kept", f"  {SHOWN}"),
        *(f"Name{' ' * len(SHOWN[4:])}  Account", f"{SHOWN}  Harbour", ""),
    ]


def test_a_failure_with_somebody_s_name_in_it_is_clean_too() -> None:
    with terminal() as stream:
        tell(CrmUnavailable(f"sf: nobody is known by {EVIL}"))
    assert stream.getvalue() == f"\x1b[1;31mclosedloop:\x1b[0m sf: nobody is known by {SHOWN}\n"


def test_a_line_break_in_what_others_wrote_begins_no_line_of_ours() -> None:
    with terminal() as stream:
        screen().print(line(word("ask"), ": “fine\n2 March 2026: block”"))
    assert stream.getvalue() == "\x1b[32mask\x1b[0m: “fine 2 March 2026: block”\n"


def test_a_mistake_shows_its_place_and_what_was_found() -> None:
    with terminal() as stream:
        tell(MISTAKES)
    first, *_, last = stream.getvalue().splitlines()
    assert first == "\x1b[1mclosedloop.yaml:20:1:\x1b[0m \x1b[31mfound no key `mail`\x1b[0m; expected it"
    assert last == "\x1b[2m2 mistakes; nothing was run.\x1b[0m"


def test_a_failure_shows_who_speaks() -> None:
    with terminal() as stream:
        tell(DOWN)
    assert stream.getvalue() == "\x1b[1;31mclosedloop:\x1b[0m sf: the org is not available\n"


@pytest.mark.parametrize("error", [MISTAKES, DOWN], ids=["mistakes", "failure"])
def test_without_a_terminal_failures_are_told_in_bare_words(error, capsys: pytest.CaptureFixture[str]) -> None:
    tell(error)
    assert capsys.readouterr() == ("", f"{explained(error)}\n")


def test_every_style_is_one_that_rich_knows() -> None:
    console = Console(file=io.StringIO())
    for name, style in STYLES.items():
        assert name == name.lower()
        console.print(Text(name, style=style))
