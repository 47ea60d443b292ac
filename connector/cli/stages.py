"""`closedloop run STAGE` and `closedloop status`."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from connector.cli.failures import FAILURE, explained, tell, worst_first
from connector.cli.mails import waiting_told
from connector.cli.opening import HERE, AsJson, Folder, opened, print_json
from connector.cli.screen import line, screen
from connector.cli.show_run import show_runs
from connector.cli.show_status import show_status
from connector.domain.plans import PlanDecision
from connector.ports.errors import ConnectorError
from connector.ports.wiring import Ports
from connector.usecases.status import status as read_status
from connector.usecases.status import waiting_mails
from jobs import plan as plan_job
from jobs.plan import PlanChanged
from jobs.runs import run_now
from jobs.stages import NEEDS, STAGES, StageRun, attempt_stage, counts_of, jobs_of
from jobs.standing import standings

Stage = Annotated[str, typer.Argument(help=f"One of {', '.join(STAGES)}, or `all` in this order.")]
PlanNumber = Annotated[int | None, typer.Option("--plan", help="Run only if this stored plan still holds.")]


def run(stage: Stage, plan: PlanNumber = None, config: Folder = HERE, as_json: AsJson = False) -> None:
    """Run one stage of the loop now, or all of them; `sync` goes on with `derive`, so that `plan` sees what came."""
    if stage not in (*STAGES, "all"):
        raise typer.BadParameter(f"found {stage!r}; expected one of {', '.join(STAGES)}, all")
    if plan is not None and stage != "plan":
        raise typer.BadParameter("--plan goes with `run plan`")
    with opened(config) as ports:
        runs = [_run_stored(ports, plan)] if plan is not None else _run_wanted(stage, ports)
        waiting = (
            waiting_mails(storage=ports.storage, clock=ports.clock) if any(run.stage == "ask" for run in runs) else ()
        )
        zone, now = ports.policy.organisation.zone, ports.clock.now()
    if as_json:
        print_json(counts_of(runs))
    else:
        show_runs(screen(), counts_of(runs))
        for told in waiting_told(waiting, zone=zone, now=now):
            screen().print(told)
    _raise_worst([error for run in runs for error in run.errors])


def _run_wanted(stage: str, ports: Ports) -> list[StageRun]:
    """Run what was asked for; after a sync also what a plan needs of it, where anything was loaded."""
    if stage == "all":
        return _run_each(STAGES, ports)
    done = attempt_stage(stage, ports)
    goes_on = stage == "sync" and not done.has_failed
    return [done, attempt_stage("derive", ports)] if goes_on else [done]


def _run_each(stages: Iterable[str], ports: Ports) -> list[StageRun]:
    """Run each stage; one that fails keeps only those from running that need what it brings."""
    done: dict[str, StageRun] = {}
    for stage in stages:
        failed = [needed for needed in NEEDS.get(stage, ()) if needed in done and done[needed].has_failed]
        if failed:
            typer.echo(f"{stage} was not run: it needs {failed[0]}, which failed.", err=True)
        else:
            done[stage] = attempt_stage(stage, ports)
    return list(done.values())


def _raise_worst(errors: Sequence[ConnectorError]) -> None:
    """Tell every failure once; the worst is raised, which tells it last and decides the exit code."""
    if not errors:
        return
    worst, *others = sorted(errors, key=worst_first)
    told = {explained(worst)}
    for error in others:
        if explained(error) not in told:
            tell(error)
        told.add(explained(error))
    raise worst


def _run_stored(ports: Ports, plan_id: int) -> StageRun:
    (job,) = jobs_of(ports, stage="plan")
    job = replace(job, run=lambda ports: plan_job.run(ports, plan_id=plan_id))
    done = run_now(job, ports)
    if isinstance(done.error, PlanChanged):
        screen(stderr=True).print(f"Not run: {done.error}")
        _tell("in the plan only", done.error.refused.only_then)
        _tell("now only", done.error.refused.only_now)
        raise typer.Exit(FAILURE)
    return StageRun(stage="plan", runs=[done])


def _tell(where: str, rows: Sequence[PlanDecision]) -> None:
    for row in rows:
        screen(stderr=True).print(line(f"  {where}: {row.occurrence} {row.person}: {row.verdict} ({row.rule})"))


def status(config: Folder = HERE, as_json: AsJson = False) -> None:
    """Show the mode, what is known of each CRM, what was decided, and how each stage last ended."""
    with opened(config) as ports:
        state = read_status(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)
        state["jobs"] = standings(ports)
    if as_json:
        print_json(state)
        return
    show_status(screen(), state)
