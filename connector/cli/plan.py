"""`closedloop plan`: what a run would decide now, without deciding it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from rich.console import Console

from connector.cli.modes import mode_of
from connector.cli.opening import HERE, AsJson, Folder, opened, print_json
from connector.cli.screen import grid, screen, word
from connector.usecases.plan import Planned, make_plan
from connector.usecases.unplanned import unplanned


def plan(config: Folder = HERE, as_json: AsJson = False) -> None:
    """Show who would be asked now, who not, and why. Stores the plan under a number for `run plan --plan`."""
    with opened(config) as ports:
        plan_id, planned = make_plan(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)
        missing = unplanned(planned, storage=ports.storage, policy=ports.policy, crms=ports.crms)
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
        _show(screen(), plan_id, planned, mode_of(ports.policy), missing)


def _show(console: Console, plan_id: int, planned: Planned, mode: str, missing: Mapping[str, str]) -> None:
    console.print(f"Plan {plan_id} as of {planned.inputs.as_of}, digest {planned.digest[:12]}: {_total(planned)}")
    console.print(mode, markup=False)
    for crm, stage in missing.items():
        console.print(f"{crm} is not planned yet: `closedloop run {stage}` comes first.", markup=False)
    if not planned.rows:
        if not missing:
            console.print("Nothing is due today. `closedloop check` shows the next 30 days.")
        return
    table = grid("Program and milestone", "Track", "Verdict", "Rule", "People")
    counts = Counter(
        ("/".join(row.occurrence.split("/")[:2]), row.track, row.verdict, row.rule) for row in planned.rows
    )
    for (milestone, track, verdict, rule), people in sorted(counts.items()):
        table.add_row(milestone, track, word(verdict), rule, str(people))
    console.print(table)


def _total(planned: Planned) -> str:
    people = len(planned.rows)
    return f"{people} candidate{'' if people == 1 else 's'}"
