"""`closedloop plan`: what a run would decide now, without deciding it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from connector.cli.modes import mode_of
from connector.cli.numbers import counted
from connector.cli.opening import HERE, AsJson, Folder, opened, print_json
from connector.cli.screen import LOUD, QUIET, grid, screen, word
from connector.domain.programs import Track
from connector.domain.selection import VerdictKind
from connector.domain.sentences import day_in_words, in_brief
from connector.usecases.check_ids import demand_kept_ids
from connector.usecases.name_plan import NamedPlan, NamedProgram, name_plan
from connector.usecases.plan import Planned, make_plan
from connector.usecases.unplanned import unplanned

SHOWN = 10
"""People whom the plan names for each program, unless all are wanted."""
WAYS = {VerdictKind.BLOCK: "not asked", VerdictKind.DEFER: "would wait", VerdictKind.SUBSTITUTE: "another is asked"}
All = Annotated[bool, typer.Option("--all", help=f"Name everybody who would be asked, not the first {SHOWN}.")]


def plan(config: Folder = HERE, everybody: All = False, as_json: AsJson = False) -> None:
    """Show who would be asked now, who not, and why. Stores the plan under a number for `run plan --plan`."""
    with opened(config) as ports:
        demand_kept_ids(ports.storage, policy=ports.policy, texts=ports.texts)
        plan_id, planned = make_plan(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)
        missing = unplanned(planned, storage=ports.storage, policy=ports.policy, crms=ports.crms)
        named = name_plan(planned, storage=ports.storage, policy=ports.policy, limit=None if everybody else SHOWN)
    if as_json:
        print_json(
            {
                "plan": plan_id,
                "digest": planned.digest,
                "as_of": planned.inputs.as_of,
                "mode": ports.policy.mode,
                "needs": missing,
                "decisions": [asdict(row) for row in planned.rows],
            }
        )
    else:
        console = screen()
        _head(console, plan_id, planned, mode_of(ports.policy), missing)
        _show(console, named)


def _head(console: Console, plan_id: int, planned: Planned, mode: str, missing: Mapping[str, str]) -> None:
    day = day_in_words(planned.inputs.as_of)
    total = counted(len(planned.rows), "candidate")
    console.print(f"Plan {plan_id} as of {day}, digest {planned.digest[:12]}: {total}")
    console.print(mode)
    for crm, stage in missing.items():
        console.print(f"{crm} is not planned yet: `closedloop run {stage}` comes first.")
    if not missing and not any(row.verdict == VerdictKind.ASK for row in planned.rows):
        nobody = "Nobody would be asked who was not decided about before" if planned.rows else "Nothing is due today"
        console.print(f"{nobody}. `closedloop check` shows the next 30 days.")


def _show(console: Console, named: NamedPlan) -> None:
    for program in named.programs:
        console.print()
        _program(console, program)
    if named.others:
        console.print()
        console.print(Text("Who would not be asked now, and why", style=LOUD))
        table = grid("People", "Verdict", "Why")
        for verdict, rule, number in named.others:
            table.add_row(str(number), word(WAYS[verdict]), in_brief(rule))
        console.print(table)
    if named.programs:
        console.print()
        console.print(Text("`closedloop explain NAME` says why, of anybody; `closedloop run plan` stores it.", QUIET))


def _program(console: Console, program: NamedProgram) -> None:
    silent = ", on the shadow track, which sends nothing" if program.track is Track.SHADOW else ""
    console.print(Text(f"{program.name} ({program.program}): {program.number} would be asked{silent}", style=LOUD))
    table = grid("Name", "Title or level", "Account", "Milestone", "Due")
    for each in program.asks:
        table.add_row(each.name, each.role, each.account, each.milestone, each.due_on.isoformat())
    console.print(table)
    if program.number > len(program.asks):
        console.print(f"and {program.number - len(program.asks)} more (--all)")
