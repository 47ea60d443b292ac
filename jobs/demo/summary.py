"""What the demo leaves behind: figures that can be checked against each other and against the sandbox's own."""

from typing import Any

from connector.domain.programs import Track
from connector.ports.wiring import Ports
from jobs.demo.months import Lived
from jobs.demo.sandbox import Sandbox
from jobs.stages import run_stage


def summarise(ports: Ports, sandbox: Sandbox, lived: Lived) -> dict[str, Any]:
    """Candidates and outcomes from the store, requests and writes as the sandbox counted them.

    Every answered record is marked dirty once more and written back a second time, which must write nothing.
    """
    counts = sandbox.counts()
    today = ports.policy.organisation.day_of(sandbox.now())
    with ports.storage.begin() as unit:
        candidates = unit.occurrences.count_candidates()
        outcomes = unit.decisions.outcomes(track=Track.REAL, today=today)
        responses = unit.responses.count()
        actions = unit.actions.counts(today=today)
        unit.write_backs.mark_answered(at=sandbox.now())
        unit.commit()
    run_stage("write_back", ports)
    again = sandbox.counts()
    return {
        "days": lived.days,
        "candidates": candidates,
        "outcomes": {outcome.value: number for outcome, number in outcomes.items()},
        "responses": responses,
        "actions": actions.open + actions.done,
        "actions_done": actions.done,
        "actions_overdue": actions.overdue,
        "mail": counts["mail"],
        "people": counts["people"],
        "crms": {
            crm.adapter: {
                "pulled": lived.pulled.get(crm.name, 0),
                "written": counts[crm.adapter]["rows_written"],
                "tasks_made": counts[crm.adapter]["tasks_made"],
                "tasks_done": counts[crm.adapter]["tasks_done"],
                "requests": counts[crm.adapter]["requests"],
                "requests_by_kind": counts[crm.adapter]["by_kind"],
                "second_writeback_writes": again[crm.adapter]["rows_written"] - counts[crm.adapter]["rows_written"],
            }
            for crm in ports.crms
        },
    }


def mismatch(summary: dict[str, Any]) -> str | None:
    """A sentence where the outcomes do not add up to the candidates, which principle 1 forbids; else None."""
    decided = sum(summary["outcomes"].values())
    if decided == summary["candidates"]:
        return None
    return f"{summary['candidates']} candidates, but {decided} outcomes: somebody was dropped silently."
