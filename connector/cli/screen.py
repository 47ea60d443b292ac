"""What a terminal shows: the one console of each stream, and the few styles that mean something.

Colours need a terminal and no NO_COLOR; Rich looks at both. Text of others is never read as markup, and nothing of it
reaches the terminal as a command.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from connector.domain.foreign_text import harmless

WIDTH = 200
"""Columns of a table that goes into a file or another program: nothing of it is folded."""
STEP = 2
"""Columns of a step to the right."""
GOOD: Final = "green"
WAITING: Final = "yellow"
BAD: Final = "red"
QUIET: Final = "dim"
LOUD: Final = "bold"

STYLES = {
    **dict.fromkeys(("ask", "sent", "ok", "done", "true", "live"), GOOD),
    **dict.fromkeys(("defer", "deferred", "postponed", "unknown", "ready", "uncertain"), WAITING),
    **dict.fromkeys(("block", "failed", "false", "stopped", "overdue", "refused"), BAD),
    **dict.fromkeys(("blocked", "cancelled", "expired", "closed"), QUIET),
}
"""By word of ours; every other word is shown plainly."""


def screen(*, stderr: bool = False) -> Console:
    """The console of standard output, or of standard error. Long lines are left to the terminal to wrap."""
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = WIDTH
    return guarded(console)


def guarded(console: Console) -> Console:
    """The console, which shows from now on only what is harmless of every text, whoever wrote it."""
    console.push_render_hook(_Guard())
    return console


class _Guard(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Guarded(renderables)]


class _Guarded:
    """What is to be shown, with the words of each segment cleaned; Rich's own control segments stay."""

    def __init__(self, renderables: Sequence[ConsoleRenderable]) -> None:
        self._renderables = renderables

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for renderable in self._renderables:
            for segment in console.render(renderable, options):
                yield segment if segment.control else segment._replace(text=harmless(segment.text))


def word(text: object) -> Text:
    """One of our words in its style."""
    return Text(str(text), style=STYLES.get(str(text).lower(), ""))


def outcome(name: str, *, is_shadow: bool) -> Text:
    """An outcome in its style; on the shadow track nothing is sent, it only would be."""
    return Text("would be sent" if is_shadow and name == "sent" else name, style=STYLES.get(name, ""))


def line(*parts: object) -> Text:
    """The parts as one line, whatever line breaks are in them; what is no Text yet is shown as it is."""
    text = Text.assemble(*(part if isinstance(part, Text) else str(part) for part in parts))
    return Text(" ").join(text.split("\n", allow_blank=True)) if "\n" in text.plain else text


def tell_indented(console: Console, steps: int, *parts: object) -> None:
    """The parts as one line, so many steps in; where a terminal is too narrow it goes on below, as far in."""
    text = line(*parts)
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, STEP * steps), expand=False), soft_wrap=False)
    else:
        console.print(line(" " * STEP * steps, text))


def grid(*headings: str) -> Table:
    """A table without lines, whose headings are shown above its rows."""
    columns = [Column(heading, overflow="fold") for heading in headings]
    return Table(*columns, box=None, header_style=LOUD, pad_edge=False)
