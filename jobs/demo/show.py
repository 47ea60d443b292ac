"""What a person sees of the demo: progress, the figures, and one account as the CRM now shows it."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from jobs.demo.months import Lived
from jobs.demo.sandbox import Sandbox


class DayLine:
    """Progress: a bar on a terminal, one plain line a month elsewhere."""

    def __init__(self, console: Console, *, days: int) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[figures]}"))
        self._console = console
        self._bar = Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task("living", total=days, figures="")

    def __enter__(self) -> "DayLine":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def after_day(self, moment: datetime, lived: Lived) -> None:
        """Show how far it is."""
        figures = f"{lived.sent} asked, {sum(lived.written.values())} written"
        self._bar.update(self._task, completed=lived.days, description=f"{moment:%d %b %Y}", figures=figures)
        if not self._console.is_terminal and lived.days and lived.days % 30 == 0:
            self._console.print(f"{moment:%Y-%m-%d}  day {lived.days}: {figures}")


def show_summary(console: Console, summary: dict[str, Any]) -> None:
    """The figures in a few lines."""
    outcomes = ", ".join(f"{number} {word}" for word, number in summary["outcomes"].items())
    console.print(f"\n[bold]{summary['candidates']} candidates[/] = {outcomes}")
    console.print(f"[bold]{summary['responses']} responses[/] from people; mail scanners opened every link too.")
    for crm, figures in summary["crms"].items():
        console.print(
            f"[bold]{crm}[/]: {figures['pulled']} records pulled, {figures['written']} contacts written in"
            f" {figures['requests']} requests; a second write-back wrote {figures['second_writeback_writes']}."
        )


def show_account(console: Console, sandbox: Sandbox) -> None:
    """The account with the most scores, as a rep sees its people in the CRM."""
    seen = sandbox.get("rep")
    if seen["account"] is None:
        console.print("Nobody has answered yet: live through more months.")
        return
    table = Table(title=f"{seen['account']}, as {seen['crm']} now shows it to a rep (invented)", title_justify="left")
    for heading in ("Contact", "Title", "Level", "Score", "Answered on"):
        table.add_column(heading)
    for person in seen["contacts"]:
        score = "" if person["score"] is None else f"{person['score']:g}"
        row = (person["name"], person["title"], person["level"] or "unknown", score, person["answered_on"])
        table.add_row(*(text or "" for text in row))
    console.print(table)
