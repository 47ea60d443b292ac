"""What `check` found, as lines: mistakes by place, then each connection, then the counts; coloured on a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector.domain.findings import Severity
from connector.domain.forecasts import Forecast
from connector.ports.storage.counting import Levels, Reached
from connector.usecases.check import Checked
from connector.usecases.check_connections import Connected
from connector.usecases.check_relay import NEEDED_LATER, RelaySeen

_STYLES = {Severity.ERROR.value: "bold red", Severity.WARNING.value: "yellow"}
_DOT = " · "
LEAST_SHOWN = 3
"""Mapped facts of a connection that are shown with their share filled; JSON has all of them."""


@dataclass(frozen=True, slots=True)
class Told:
    """One mistake as it is told; file, line and column (from 1) are None where no file says it."""

    file: str | None
    line: int | None
    column: int | None
    severity: str
    message: str

    @property
    def place(self) -> str:
        """Such as relationships.yaml:3:43."""
        return f"{self.file}:{self.line}:{self.column}" if self.file is not None else "-"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def show(console: Console, mistakes: Sequence[Told], checked: Checked | None) -> None:
    """Print everything: on a terminal in columns that wrap, elsewhere one line for each mistake and each count."""
    if mistakes:
        _print_rows(console, [(Text(each.place), _severity(each), Text(each.message)) for each in mistakes])
        console.print()
    if checked is not None:
        _print_rows(console, [(Text(name, style="bold"), text) for name, text in _lines(checked)])
        console.print()
    console.print(_summary(mistakes, checked), soft_wrap=True)


def _print_rows(console: Console, rows: Sequence[tuple[Text, ...]]) -> None:
    if console.is_terminal:
        grid = Table.grid(padding=(0, 2, 0, 0))
        for column in range(len(rows[0])):
            grid.add_column(no_wrap=column < len(rows[0]) - 1)
        for row in rows:
            grid.add_row(*row)
        console.print(grid)
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.plain.ljust(width) for cell, width in zip(row, widths, strict=False)]
        console.print("  ".join([*cells, row[-1].plain]), soft_wrap=True, markup=False)


def _severity(told: Told) -> Text:
    return Text(told.severity, style=_STYLES[told.severity])


def _lines(checked: Checked) -> Iterator[tuple[str, Text]]:
    counted = checked.counted
    for connected in checked.connections:
        filled = counted.filled.get(connected.crm.name, {}) if counted is not None else {}
        yield connected.crm.name, _connection(connected, filled)
    if checked.relay is not None:
        yield "mail relay", _relay(checked.relay)
    if counted is None:
        yield "counts", Text(checked.uncounted or "", style="yellow")
        return
    yield "contact.level", _levels(counted.levels)
    yield "types", Text(f"{_numbers(counted.types)} (of {sum(counted.types.values()):,})")
    if counted.reached is not None:
        yield "test mode", _reached(counted.reached)
    yield "next 30 days", _forecast(counted.forecast)


def _connection(connected: Connected, filled: Mapping[str, tuple[int, int]]) -> Text:
    if connected.failure is not None:
        return Text(str(connected.failure).removeprefix(f"{connected.crm.name}: "), style="red")
    text = Text("signed in", style="green").append(f" to {connected.organisation}", style="default")
    least = sorted((known / records, name) for name, (known, records) in filled.items() if records)[:LEAST_SHOWN]
    shares = [f"{name} {_share(*filled[name])}" for part, name in least if part < 1]
    return text.append(f"{_DOT}least known: {', '.join(shares)}" if shares else "", style="default")


def _relay(relay: RelaySeen) -> Text:
    if relay.failure is not None:
        text = Text(str(relay.failure), style="red" if relay.is_needed else "yellow")
        return text.append("" if relay.is_needed else f" {NEEDED_LATER.capitalize()}.", style="default")
    return Text("ready", style="green").append(f" at {relay.address}", style="default")


def _reached(reached: Reached) -> Text:
    persons, accounts = _number(reached.persons, "person"), _number(reached.accounts, "account")
    return Text(f"reaches {persons} at {accounts}", style="" if reached.persons else "yellow")


def _levels(levels: Levels) -> Text:
    known = {level.value: number for level, number in levels.persons.items() if level is not None}
    text = Text(f"{_numbers(known)}{_DOT}unknown {levels.unknown:,} ({_share(levels.unknown, levels.total)})")
    if levels.titles:
        common = ", ".join(f'"{title}" {number:,}' for title, number in levels.titles)
        text.append(f"  top unknown titles: {common}")
    return text


def _forecast(forecast: Forecast) -> Text:
    if forecast.busiest is None:
        return Text("nobody is asked")
    day, number = forecast.busiest
    return Text(f"{forecast.asks:,} ask{'' if forecast.asks == 1 else 's'}, busiest day {number:,} ({day:%a %d %b})")


def _numbers(counts: Mapping[str, int]) -> str:
    return _DOT.join(f"{name} {number:,}" for name, number in counts.items())


def _share(part: int, whole: int) -> str:
    """A percentage that is 0 or 100 only where it is so."""
    if not whole or part in (0, whole):
        return "0 %" if not part else "100 %"
    return f"{min(max(round(100 * part / whole), 1), 99)} %"


def _summary(mistakes: Sequence[Told], checked: Checked | None) -> Text:
    """What was found, and what nobody could look at: only where all was looked at there is nothing to mend."""
    errors = sum(each.severity == Severity.ERROR for each in mistakes)
    warnings = len(mistakes) - errors
    failed = checked.failed if checked is not None else 0
    counted = ", ".join(_number(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n)
    if checked is None:
        rest = " CRMs and counts are looked at once the files can be read."
    else:
        rest = f" {_number(failed, 'connection')} cannot be used." if failed else ""
    style = _STYLES["error" if errors or failed else "warning"] if mistakes or failed else "green"
    return Text(f"{counted or 'No mistakes found'}; nothing was sent or written.{rest}", style=style)


def _number(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
