"""How things stand, on a terminal: a line each for mode, CRMs, outcomes, actions, runs and jobs."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from connector.cli.modes import modes_told
from connector.cli.screen import line, word


def show_status(console: Console, state: Mapping[str, Any]) -> None:
    """Print the document of `status`."""
    console.print(_mode(state))
    for each in modes_told(state):
        console.print(each, markup=False)
    for crm, kinds in state["records"].items():
        console.print(f"{crm}: {_counted(kinds) or 'not synced yet'}")
    for crm, stage in state["needs"].items():
        console.print(f"{crm}: nothing is planned until `{stage}` has run")
    for track, outcomes in state["outcomes"].items():
        console.print(line(f"{track}: ", _outcomes(outcomes)))
    for crm, refused in state["refused"].items():
        told = f" values refused, tried again daily ({', '.join(refused['codes'])})"
        console.print(line(f"{crm}: {refused['values']}", told))
    for each in _actions(state["actions"]):
        console.print(each)
    for run in state["runs"]:
        console.print(_run(run))
    for job in state["jobs"]:
        console.print(f"{job['job']}: {_due(job)}")


def _due(job: Mapping[str, Any]) -> str:
    """Such as: next due 2026-01-05 09:15:00+00:00; 3 missed, 1 failed in 14 days."""
    next_due = "not served yet" if job["next_due"] is None else f"next due {job['next_due']}"
    lately = f"{job['missed']} missed, {job['failed']} failed in {job['days']} days"
    return f"{'running' if job['is_running'] else next_due}; {lately}"


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


def _mode(state: Mapping[str, Any]) -> Text:
    if state["stopped_at"] is None:
        return line("mode ", word(state["mode"]))
    reason = f": {state['stop_reason']}" if state["stop_reason"] else ""
    return line("mode ", word(state["mode"]), ", ", word("STOPPED"), f" since {state['stopped_at']}{reason}")


def _outcomes(outcomes: Mapping[str, int]) -> Text:
    """Such as: 3 sent, 2 deferred; what is none stays plain."""
    parts = [line(f"{number} ", word(outcome) if number else outcome) for outcome, number in outcomes.items()]
    return Text(", ").join(parts)


def _run(run: Mapping[str, Any]) -> Text:
    moment = run["finished_at"] or run["started_at"]
    error = f" - {run['error']}" if run["error"] else ""
    return line(f"{run['stage']}: ", word(run["outcome"] or "running or crashed"), f" at {moment}{error}")


def _counted(kinds: Mapping[str, int]) -> str:
    """Such as: 2 accounts, 5 opportunities."""
    return ", ".join(
        f"{number} {kind.removesuffix('y')}{'ies' if kind.endswith('y') else 's'}" for kind, number in kinds.items()
    )
