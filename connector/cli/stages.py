"""`closedloop run STAGE` and `closedloop status`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import typer

from connector.cli.failures import FAILURE, explained, worst_first
from connector.cli.modes import modes_told
from connector.cli.opening import HERE, AsJson, Folder, opened, print_json
from connector.domain.plans import PlanDecision
from connector.ports.errors import ConnectorError
from connector.ports.wiring import Ports
from connector.usecases.status import status as read_status
from jobs import plan as plan_job
from jobs.plan import PlanChanged
from jobs.runs import run_now
from jobs.stages import NEEDS, STAGES, StageRun, attempt_stage, counts_of, jobs_of
from jobs.standing import standings

Stage = Annotated[str, typer.Argument(help=f"One of {', '.join(STAGES)}, or `all` in this order.")]
PlanNumber = Annotated[int | None, typer.Option("--plan", help="Run only if this stored plan still holds.")]


def run(stage: Stage, plan: PlanNumber = None, config: Folder = HERE, as_json: AsJson = False) -> None:
    """Run one stage of the loop now, or all of them."""
    if stage not in (*STAGES, "all"):
        raise typer.BadParameter(f"found {stage!r}; expected one of {', '.join(STAGES)}, all")
    if plan is not None and stage != "plan":
        raise typer.BadParameter("--plan goes with `run plan`")
    with opened(config) as ports:
        wanted = STAGES if stage == "all" else [stage]
        runs = [_run_stored(ports, plan)] if plan is not None else _run_each(wanted, ports)
    done = counts_of(runs)
    if as_json:
        print_json(done)
    else:
        for name, counts in done.items():
            typer.echo(f"{name}: {_told(counts)}")
    _raise_worst([error for run in runs for error in run.errors])


def _run_each(stages: Iterable[str], ports: Ports) -> list[StageRun]:
    """Run each stage; one that fails keeps only those from running that need what it brings."""
    done: dict[str, StageRun] = {}
    for stage in stages:
        needed = NEEDS.get(stage)
        if needed in done and done[needed].has_failed:
            typer.echo(f"{stage} was not run: it needs {needed}, which failed.", err=True)
        else:
            done[stage] = attempt_stage(stage, ports)
    return list(done.values())


def _raise_worst(errors: Sequence[ConnectorError]) -> None:
    """Tell every failure once; the worst is raised, which tells it last and decides the exit code."""
    if not errors:
        return
    worst, *others = sorted(errors, key=worst_first)
    for text in dict.fromkeys(map(explained, others)):
        if text != explained(worst):
            typer.echo(text, err=True)
    raise worst


def _told(counts: object) -> str:
    if counts is None:
        return "another process is running it"
    if not isinstance(counts, dict):
        return str(counts)
    return ", ".join(f"{name} {_nested(value)}" for name, value in counts.items()) or "nothing to do"


def _nested(value: object) -> str:
    return f"({_told(value)})" if isinstance(value, dict) else str(value)


def _run_stored(ports: Ports, plan_id: int) -> StageRun:
    (job,) = jobs_of(ports, stage="plan")
    job = replace(job, run=lambda ports: plan_job.run(ports, plan_id=plan_id))
    done = run_now(job, ports)
    if isinstance(done.error, PlanChanged):
        typer.echo(f"Not run: {done.error}", err=True)
        _tell("in the plan only", done.error.refused.only_then)
        _tell("now only", done.error.refused.only_now)
        raise typer.Exit(FAILURE)
    return StageRun(stage="plan", runs=[done])


def _tell(where: str, rows: Sequence[PlanDecision]) -> None:
    for row in rows:
        typer.echo(f"  {where}: {row.occurrence} {row.person}: {row.verdict} ({row.rule})", err=True)


def status(config: Folder = HERE, as_json: AsJson = False) -> None:
    """Show the mode, what is known of each CRM, what was decided, and how each stage last ended."""
    with opened(config) as ports:
        state = read_status(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)
        state["jobs"] = standings(ports)
    if as_json:
        print_json(state)
        return
    typer.echo(f"mode {state['mode']}{_stopped(state)}")
    for line in modes_told(state):
        typer.echo(line)
    for crm, kinds in state["records"].items():
        typer.echo(f"{crm}: " + (_counted(kinds) or "not synced yet"))
    for track, outcomes in state["outcomes"].items():
        typer.echo(f"{track}: " + ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items()))
    for crm, refused in state["refused"].items():
        typer.echo(f"{crm}: {refused['values']} values refused, tried again daily ({', '.join(refused['codes'])})")
    for line in _actions(state["actions"]):
        typer.echo(line)
    for each in state["runs"]:
        ended = f"{each['outcome'] or 'running or crashed'} at {each['finished_at'] or each['started_at']}"
        typer.echo(f"{each['stage']}: {ended}{' - ' + each['error'] if each['error'] else ''}")
    for each in state["jobs"]:
        typer.echo(f"{each['job']}: {_due(each)}")


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


def _stopped(state: Mapping[str, Any]) -> str:
    if state["stopped_at"] is None:
        return ""
    reason = f": {state['stop_reason']}" if state["stop_reason"] else ""
    return f", STOPPED since {state['stopped_at']}{reason}"


def _counted(kinds: Mapping[str, int]) -> str:
    """Such as: 2 accounts, 5 opportunities."""
    return ", ".join(
        f"{number} {kind.removesuffix('y')}{'ies' if kind.endswith('y') else 's'}" for kind, number in kinds.items()
    )
