"""An id that was changed: no plan asks anybody again for it, and in shadow, where nobody is asked, plans go on."""

import io
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from connector.cli import plan as plan_command
from connector.cli.show_person import show
from connector.domain.programs import Mode
from connector.ports.errors import ConfigError
from connector.ports.wiring import Ports
from connector.usecases.check_ids import renamed_findings
from connector.usecases.explain import Explanation, explain
from jobs import plan
from tests.builders import NOW, make_policy, make_program
from tests.ports import make_ports
from tests.worlds import Standing, World, account, contact

TEXT = """id: {program}
milestones:
  - id: {milestone}
    when: {{before: account.renewal_on, by: {days} days}}
"""
DUE = (NOW + timedelta(days=120)).date()


def ports_of(
    world: World, *, program: str = "ongoing", milestone: str = "renewal", days: int = 120, mode: Mode
) -> Ports:
    """What the job works with after this is written into the one program's file."""
    own = make_program()
    (known,) = own.milestones
    changed = replace(own, id=program, milestones=(replace(known, id=milestone, when=replace(known.when, days=days)),))
    return make_ports(
        world.storage,
        world.crm,
        clock=Standing(NOW),
        policy=make_policy(programs=[changed], mode=mode, digest=f"{program} {milestone} {days}"),
        texts={"programs/ongoing.yaml": TEXT.format(program=program, milestone=milestone, days=days)},
    )


@pytest.fixture
def world(storage: Any) -> World:
    world = World(storage)
    world.load(accounts=[account("001A", renewal_on=DUE)], contacts=[contact("003A")])
    return world


def occurrences(world: World) -> dict[tuple[str, str], int]:
    with world.storage.snapshot() as unit:
        return dict(unit.counts.occurrences())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"milestone": "before"}, "3:9: found the milestone `before` in the place of `renewal`"),
        ({"program": "lasting"}, "1:5: found the program `lasting` in the place of `ongoing`"),
    ],
)
@pytest.mark.parametrize(("first", "then"), [("live", "live"), ("test", "live"), ("live", "shadow")])
def test_a_plan_is_refused_at_the_new_id_and_nothing_of_it_is_stored(
    world: World, changed: dict[str, str], told: str, first: str, then: str
) -> None:
    plan.run(ports_of(world, mode=Mode(first)))
    before = occurrences(world)
    with pytest.raises(ConfigError) as caught:
        plan.run(ports_of(world, mode=Mode(then), **changed))
    was = "renewal" if "milestone" in changed else "ongoing"
    rest = "which came due 1 time and is gone with the same moment; "
    expected = f"expected the id `{was}`, or another moment: who was asked then may be asked again"
    assert str(caught.value) == f"programs/ongoing.yaml:{told}, {rest}{expected}"
    assert occurrences(world) == before == {("ongoing", "renewal"): 1}
    assert plan.run(ports_of(world, mode=Mode(first)))["digest"], "under the old id it goes on"


@pytest.mark.parametrize(
    ("changed", "first", "then"),
    [
        ({"milestone": "before"}, "shadow", "shadow"),
        ({"milestone": "before"}, "shadow", "live"),
        ({"milestone": "before", "days": 119}, "live", "live"),
    ],
    ids=["in shadow", "in shadow before", "at another moment"],
)
def test_where_nobody_is_asked_again_a_new_id_is_planned(
    world: World, changed: dict[str, Any], first: str, then: str
) -> None:
    plan.run(ports_of(world, mode=Mode(first)))
    assert plan.run(ports_of(world, mode=Mode(then), **changed))["digest"]


def test_of_two_ids_that_stood_there_the_last_one_is_told(world: World) -> None:
    for hour, milestone in enumerate(("first", "second")):
        ports = ports_of(world, mode=Mode.SHADOW, milestone=milestone)
        plan.run(replace(ports, clock=Standing(NOW + timedelta(hours=hour))))
    third = ports_of(world, mode=Mode.SHADOW, milestone="third")
    with world.storage.snapshot() as unit:
        (found,) = renamed_findings(unit, third.policy, third.texts)
    assert found.message == (
        "found the milestone `third` in the place of `second`, which came due 1 time and is gone with the same moment;"
        " expected the id `second`, or another moment: what shadow mode decided then, which asked nobody, it decides"
        " again"
    )


def explained(ports: Ports) -> list[str]:
    """What `explain` says on a terminal of a plan of now about the one person."""
    found = explain(
        "sf/003A", storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock, texts=ports.texts
    )
    assert isinstance(found, Explanation)
    stream = io.StringIO()
    show(Console(file=stream, width=300), found, {})
    _, _, rest = stream.getvalue().partition("What a plan of now would decide\n")
    return [line.strip() for line in rest.partition("\n\n")[0].splitlines()]


def test_plan_and_explain_promise_nothing_that_run_plan_refuses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plan.run(ports_of(world, mode=Mode.LIVE))
    ports = ports_of(world, mode=Mode.LIVE, milestone="before")
    with pytest.raises(ConfigError) as refused:
        plan.run(ports)
    assert explained(ports) == [f"Nothing is planned until this is mended: {refused.value}"]
    monkeypatch.setattr(plan_command, "opened", lambda folder: nullcontext(ports))
    with pytest.raises(ConfigError) as shown:
        plan_command.plan()
    assert str(shown.value) == str(refused.value)


def test_where_shadow_alone_decided_explain_goes_on(world: World) -> None:
    plan.run(ports_of(world, mode=Mode.SHADOW))
    first, _ = explained(ports_of(world, mode=Mode.LIVE, milestone="before"))
    assert first.startswith("Would be asked now by program ongoing for milestone before of sf/001A")
