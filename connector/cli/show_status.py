"""How things stand, on a terminal: lines for mode, CRMs, outcomes, mails and actions, and a table of the jobs."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector.cli.mails import waiting_told
from connector.cli.modes import modes_told
from connector.cli.numbers import listed
from connector.cli.screen import LOUD, QUIET, grid, line, outcome, word
from connector.domain.programs import Track
from connector.domain.sentences import minute_in_words
from connector.ports.storage.asking import Waiting

State = Mapping[str, Any]


def show_status(console: Console, state: State) -> None:
    """Print the document of `status`; every time to the minute in the organisation's zone, which is named once."""
    zone = ZoneInfo(state["timezone"])
    console.print(_mode(state, zone))
    for each in modes_told(state):
        console.print(each)
    for each in _crms(state):
        console.print(each)
    for track, outcomes in state["outcomes"].items():
        console.print(line(f"{track}: ", _outcomes(outcomes, is_shadow=track == Track.SHADOW)))
    waiting = [Waiting(**each) for each in state["mails"]]
    for each in (*waiting_told(waiting, zone=zone, now=state["at"]), *_actions(state["actions"])):
        console.print(each)
    console.print()
    console.print(_jobs(state, zone))
    for error in _errors(state):
        console.print(error)


def _crms(state: State) -> Iterator[str]:
    """What is known of each CRM, what it waits for, and what it refused."""
    for crm, kinds in state["records"].items():
        yield f"{crm}: {listed(kinds) or 'not synced yet'}"
    for crm, stage in state["needs"].items():
        yield f"{crm}: nothing is planned until `closedloop run {stage}` has run"
    for crm, refused in state["refused"].items():
        yield f"{crm}: {refused['values']} values refused, tried again daily ({', '.join(refused['codes'])})"


def _actions(actions: Mapping[str, Any]) -> Iterator[str]:
    """How actions stand: one line, and one for each CRM in which some have no task."""
    states = ", ".join(f"{actions[state]} {state}" for state in ("open", "overdue", "done", "dropped"))
    yield f"actions: {states}"
    for crm, number in actions["without_task"].items():
        refused = actions["refused"].get(crm)
        reason = "their tasks are to be made" if crm else "their accounts are in no CRM any more"
        if crm in actions["no_tasks_in"]:
            reason = "no tasks can be made there"
        elif refused:
            reason = f"{refused['tasks']} refused, tried again daily ({', '.join(refused['codes'])})"
        yield f"{crm or 'nowhere'}: {number} open actions without a task: {reason}"


def _mode(state: State, zone: ZoneInfo) -> Text:
    if state["stopped_at"] is None:
        return line("mode ", word(state["mode"]))
    reason = f": {state['stop_reason']}" if state["stop_reason"] else ""
    since = minute_in_words(state["stopped_at"], zone)
    return line("mode ", word(state["mode"]), ", ", word("STOPPED"), f" since {since}{reason}")


def _outcomes(outcomes: Mapping[str, int], *, is_shadow: bool) -> Text:
    """Such as: 3 sent, 2 deferred; what is none stays plain."""
    named = {name: outcome(name, is_shadow=is_shadow) for name in outcomes}
    parts = [line(f"{number} ", named[name] if number else named[name].plain) for name, number in outcomes.items()]
    return Text(", ").join(parts)


def _jobs(state: State, zone: ZoneInfo) -> Table:
    """Each job once, in the order of the loop; a run of what is no job any more comes last."""
    days = next((job["days"] for job in state["jobs"]), 0)
    table = grid("Job", "Last run", "Next due", "Missed", "Failed")
    table.caption = f"missed and failed in {days} days; times in {zone.key}"
    table.caption_style, table.caption_justify = QUIET, "left"
    runs = {run["stage"]: run for run in state["runs"]}
    for job in state["jobs"]:
        ended, due = _ended(runs.pop(job["job"], None), state, zone), _next(job, state, zone)
        table.add_row(job["job"], ended, due, str(job["missed"]), str(job["failed"]))
    for key, run in runs.items():
        table.add_row(key, _ended(run, state, zone), "no job any more")
    return table


def _ended(run: Mapping[str, Any] | None, state: State, zone: ZoneInfo) -> Text:
    if run is None:
        return Text("never", style=QUIET)
    moment = run["finished_at"] or run["started_at"]
    return line(word(run["outcome"] or "running or crashed"), " ", _minute(moment, state, zone))


def _next(job: Mapping[str, Any], state: State, zone: ZoneInfo) -> str:
    if job["is_running"]:
        return "running"
    if job["next_due"] is None:
        return "not served yet"
    return "now" if job["next_due"] <= state["at"] else _minute(job["next_due"], state, zone)


def _minute(at: datetime, state: State, zone: ZoneInfo) -> str:
    """Such as 5 Jan 09:15; of another year than now with the year."""
    local, now = at.astimezone(zone), state["at"].astimezone(zone)
    year = "" if local.year == now.year else f" {local.year}"
    return f"{local.day} {local:%b}{year} {local:%H:%M}"


def _errors(state: State) -> Iterator[Text]:
    """What a job's last run ended with, where it did not end well."""
    for run in state["runs"]:
        if run["error"]:
            yield line(Text(f"{run['stage']}: ", style=LOUD), run["error"])
