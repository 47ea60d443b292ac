"""Every example of settings loads with the real adapters, and each of its programs is dry-run on a living world."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connector.bootstrap import configure, wired
from connector.ports.wiring import Ports
from connector.testing.fakes import FakeClock
from connector.usecases.plan import Planned, make_plan, run_plan
from jobs.stages import run_stage
from tests.adapters.conftest import Sandbox
from tests.e2e.living import environment, living_sandbox

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
READING = ("sync", "derive")
"""The stages that a plan needs first."""
WEEKS = 30
"""Longer than the wait after any milestone; the worlds' programs all come up within a few of them."""


def plan_a_week(ports: Ports, sandbox: Sandbox, clock: FakeClock) -> Planned:
    """Live a week, sync it, and plan it twice: as a dry run and for the store. Both must decide the same."""
    clock.turn(timedelta(days=7))
    sandbox.post("clock", {"now": clock.now().isoformat()})
    for stage in READING:
        run_stage(stage, ports)
    inputs = {"storage": ports.storage, "policy": ports.policy, "crms": ports.crms, "clock": clock}
    _, shown = make_plan(**inputs)
    done = run_plan(**inputs)
    assert isinstance(done, Planned)
    assert (shown.digest, shown.rows) == (done.digest, done.rows), "the dry run equals the run"
    return shown


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir()))
def test_every_program_of_an_example_finds_people_and_decides_each_with_reasons(example: str, tmp_path: Path) -> None:
    with living_sandbox() as sandbox:
        clock = FakeClock(datetime.fromisoformat(sandbox.get("clock")["now"]))
        configuration = configure(EXAMPLES / example, environ=environment(tmp_path, sandbox))
        wanted = {program.id for program in configuration.policy.programs}
        found: Counter[str] = Counter()
        with wired(configuration, clock=clock) as ports:
            for stage in (*READING, "plan"):
                run_stage(stage, ports)
            for _ in range(WEEKS):
                planned = plan_a_week(ports, sandbox, clock)
                assert all(row.reasons and row.track == "shadow" for row in planned.rows)
                found.update(row.occurrence.partition("/")[0] for row in planned.rows if row.verdict == "ask")
                if found.keys() == wanted:
                    break
        assert found.keys() == wanted
        assert sandbox.get("counts")["mail"]["received"] == 0
