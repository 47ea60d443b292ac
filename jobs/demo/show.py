"""What a person sees of the demo: progress, the figures, and one account as the CRM now shows it."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from jobs.demo.months import Lived
from jobs.demo.sandbox import Sandbox
from jobs.demo.stories import Story

TASKS_SHOWN = 4


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
    console.print(
        f"[bold]{summary['actions']} actions[/] for reps: {summary['actions_done']} done,"
        f" {summary['actions_overdue']} of the open ones overdue."
    )
    for crm, figures in summary["crms"].items():
        console.print(
            f"[bold]{crm}[/]: {figures['pulled']} records pulled, {figures['written']} written and"
            f" {figures['tasks_made']} tasks made in {figures['requests']} requests; a second write-back wrote"
            f" {figures['second_writeback_writes']}."
        )


def show_account(console: Console, sandbox: Sandbox, story: Story) -> None:
    """An account as a rep sees its people and tasks in the CRM."""
    seen = sandbox.get("rep", crm=story.crm, account=story.crm_id)
    table = Table(title=f"{seen['account']}, as {seen['crm']} now shows it to a rep (invented)", title_justify="left")
    for heading in ("Contact", "Title", "Level", "Score", "Answered on"):
        table.add_column(heading, no_wrap=heading != "Title")
    for person in seen["contacts"]:
        score = "" if person["score"] is None else f"{person['score']:g}"
        row = (person["name"], person["title"], person["level"] or "unknown", score, person["answered_on"])
        table.add_row(*(text or "" for text in row))
    console.print(table)
    console.print(_account_line(seen["fields"]))
    if seen["tasks"]:
        console.print(_tasks(seen["tasks"]))


def _account_line(fields: dict[str, Any]) -> str:
    """Such as: On the account: score 7.3 of 12 voices, the newest of 2026-05-29; 1 open action."""
    actions = int(fields["open_actions"] or 0)
    waits = f"{actions} open action{'' if actions == 1 else 's'}"
    if fields["score"] is None:
        return f"On the account: no score yet; {waits}."
    voices = int(fields["voices"])
    heard = f"{voices} voice{'' if voices == 1 else 's'}"
    return f"On the account: score {fields['score']:g} of {heard}, the newest of {fields['score_on']}; {waits}."


def _tasks(tasks: list[dict[str, Any]]) -> Table:
    """The account's tasks with what reps wrote into them."""
    shown = tasks[:TASKS_SHOWN]
    more = f", {len(shown)} of {len(tasks)}" if len(tasks) > len(shown) else ""
    table = Table(title=f"Tasks on the account{more}", title_justify="left")
    for heading in ("Task", "Due", "Done", "The rep wrote"):
        table.add_column(heading, no_wrap=heading in ("Due", "Done"))
    for task in shown:
        row = (task["subject"], task["due_on"], task["done_on"], task["comment"])
        table.add_row(*(text or "" for text in row))
    return table
