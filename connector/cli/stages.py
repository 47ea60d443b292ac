"""`closedloop run STAGE` and `closedloop status`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import typer

from connector.cli.failures import FAILURE
from connector.cli.opening import HERE, AsJson, Folder, opened, print_json
from connector.domain.plans import PlanDecision
from connector.ports.errors import StagePostponed
from connector.ports.wiring import Ports
from connector.usecases.status import status as read_status
from jobs import plan as plan_job
from jobs.plan import PlanChanged
from jobs.stages import STAGES, StageRun, run_stage

Stage = Annotated[str, typer.Argument(help=f"One of {', '.join(STAGES)}, or `all` in this order.")]
PlanNumber = Annotated[int | None, typer.Option("--plan", help="Run only if this stored plan still holds.")]


def run(stage: Stage, plan: PlanNumber = None, config: Folder = HERE, as_json: AsJson = False) -> None:
    """Run one stage of the loop now, or all of them."""
    if stage not in (*STAGES, "all"):
        raise typer.BadParameter(f"found {stage!r}; expected one of {', '.join(STAGES)}, all")
    if plan is not None and stage != "plan":
        raise typer.BadParameter("--plan goes with `run plan`")
    with opened(config) as ports:
        if plan is not None:
            done, waiting = {"plan": _run_stored(ports, plan).counts}, None
        else:
            done, waiting = _run_each(STAGES if stage == "all" else [stage], ports)
    if as_json:
        print_json(done)
    else:
        for name, counts in done.items():
            typer.echo(f"{name}: {'another process is running it' if counts is None else _told(counts)}")
    if waiting is not None:
        raise waiting


def _run_each(stages: Iterable[str], ports: Ports) -> tuple[dict[str, Mapping[str, Any] | None], StagePostponed | None]:
    """What each stage did; one that waits for a connection does not keep those behind it, a failure does."""
    done: dict[str, Mapping[str, Any] | None] = {}
    waiting: StagePostponed | None = None
    for stage in stages:
        try:
            done[stage] = run_stage(stage, ports).counts
        except StagePostponed as postponed:
            done[stage], waiting = postponed.counts, waiting or postponed
    return done, waiting


def _told(counts: object) -> str:
    if not isinstance(counts, dict):
        return str(counts)
    return ", ".join(f"{name} {_nested(value)}" for name, value in counts.items()) or "nothing to do"


def _nested(value: object) -> str:
    return f"({_told(value)})" if isinstance(value, dict) else str(value)


def _run_stored(ports: Ports, plan_id: int) -> StageRun:
    try:
        return run_stage("plan", ports, job=partial(plan_job.run, plan_id=plan_id))
    except PlanChanged as changed:
        typer.echo(f"Not run: {changed}", err=True)
        _tell("in the plan only", changed.refused.only_then)
        _tell("now only", changed.refused.only_now)
        raise typer.Exit(FAILURE) from None


def _tell(where: str, rows: Sequence[PlanDecision]) -> None:
    for row in rows:
        typer.echo(f"  {where}: {row.occurrence} {row.person}: {row.verdict} ({row.rule})", err=True)


def status(config: Folder = HERE, as_json: AsJson = False) -> None:
    """Show the mode, what is known of each CRM, what was decided, and how each stage last ended."""
    with opened(config) as ports:
        state = read_status(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)
    if as_json:
        print_json(state)
        return
    typer.echo(f"mode {state['mode']}{_stopped(state)}")
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


def _actions(actions: Mapping[str, Any]) -> Iterator[str]:
    """How actions stand: one line, and one for each CRM in which some have no task."""
    yield f"actions: {actions['open']} open, {actions['overdue']} overdue, {actions['done']} done"
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
