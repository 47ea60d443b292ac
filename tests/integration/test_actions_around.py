"""Around actions, on both databases: which CRM, merges, overdue owners, what accounts show, status, the whole loop."""

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from connector.cli import stages
from connector.cli.main import app
from connector.domain.links import LinkPurpose, token
from connector.domain.records import RecordKind
from connector.domain.selection import VerdictKind
from connector.ports.crm import Removal
from connector.ports.errors import CrmRejected, CrmUnavailable, StagePostponed
from connector.testing.asking_world import KEYRING
from connector.testing.fakes import FakeClock, FakeMailer
from connector.usecases.ask import ask
from connector.usecases.hear import PageState, submit
from connector.usecases.status import status
from connector.usecases.write_back import write_back
from jobs import act, tasks
from tests.acting import STAND_IN, acting_policy, hear, make_rule, run_act, run_tasks
from tests.asking import NONCES, make_asking
from tests.builders import before_renewal
from tests.ports import make_ports
from tests.worlds import LittleAdapter, Standing, World, account, contact, make_page

REP = {"crm_id": "005A", "name": "Ola Rep", "address": "ola@kea.example", "is_active": True}


@pytest.fixture
def world(storage):
    world = World(storage)
    world.load(
        owners=[REP], accounts=[account(owner="005A")], contacts=[contact("003A", owner="005A"), contact("003B")]
    )
    return world


def show(world, crm, **kinds):
    """Another CRM shows records, with the same people where the addresses are the same."""
    with world.storage.begin() as unit:
        for kind in RecordKind:
            page = make_page(kind, kinds.get(f"{kind}s", ()), at=world.now, is_last=True)
            unit.records.store_page(crm, page, seen_at=world.now)
        unit.commit()


def second(world, **changes):
    """A connection to another CRM with a desk of its own."""
    other = World(world.storage, now=world.now, org_id="P1")

    @contextmanager
    def opened():
        yield LittleAdapter(other)

    return replace(world.crm, name="hub", open=opened, **changes), other.desk


def join(world, crm_id, *, to):
    """Two accounts are one, as syncing a `same_as` leaves it."""
    with world.storage.begin() as unit:
        unit.connection.execute(
            text(
                """UPDATE account SET joined_id = (SELECT id FROM account WHERE crm_id = :into) WHERE crm_id = :own"""
            ),
            {"own": crm_id, "into": to},
        )
        unit.commit()


@pytest.mark.parametrize(("home", "expected"), [(False, "sf"), (True, "hub")])
def test_the_task_of_a_joined_account_lives_at_home_else_where_the_contact_was_invited(world, rows, home, expected):
    show(world, "hub", accounts=[account("51")], contacts=[contact("52", account="51", address=contact()["address"])])
    join(world, "51", to="001A")
    hub, hub_desk = second(world, is_home=home)
    hear(world, "003A", 4)
    run_act(world, crms=[world.crm, hub])
    for crm in (world.crm, hub):
        run_tasks(world, crm=crm, crms=[world.crm, hub])
    seen = [
        (crm, task.account_id, task.contact_id)
        for crm, desk in (("sf", world.desk), ("hub", hub_desk))
        for task, _ in desk.asked
    ]
    assert seen == [("hub", "51", "52") if home else ("sf", "001A", "003A")]
    assert rows("action")[0]["crm"] == expected


def test_an_account_that_home_does_not_know_keeps_its_task_where_it_is_known(world):
    show(world, "hub", accounts=[account("51")], contacts=[contact("52", account="51")])
    hub, hub_desk = second(world)
    home = replace(world.crm, is_home=True)
    hear(world, "52", 4)
    run_act(world, crms=[home, hub])
    run_tasks(world, crm=hub, crms=[home, hub])
    assert [(task.account_id, task.contact_id) for task, _ in hub_desk.asked] == [("51", "52")]


def test_a_contact_that_home_knows_by_same_as_takes_the_task_there(world):
    show(world, "hub", accounts=[account("51")], contacts=[contact("52", account="51", same_as="003B")])
    hub, _ = second(world)
    home = replace(world.crm, is_home=True)
    hear(world, "52", 4)
    run_act(world, crms=[home, hub])
    run_tasks(world, crm=home, crms=[home, hub])
    assert [(task.account_id, task.contact_id) for task, _ in world.desk.asked] == [("001A", "003B")]


def test_a_contact_merged_between_answer_and_task_gives_the_task_to_the_winner(world):
    hear(world, "003A", 4)
    run_act(world)
    merged = [Removal(crm_id="003A", merged_into="003B")]
    with world.storage.begin() as unit:
        page = make_page(RecordKind.CONTACT, (), at=world.now, removed=merged, is_last=True)
        unit.records.store_page("sf", page, seen_at=world.now)
        unit.commit()
    run_tasks(world)
    assert [(task.account_id, task.contact_id) for task, _ in world.desk.asked] == [("001A", "003B")]


def test_an_account_merged_between_answer_and_task_gives_the_task_to_the_winner(world):
    world.wait(minutes=1)
    world.change(RecordKind.ACCOUNT, account("001B"))
    hear(world, "003A", 4)
    run_act(world)
    world.wait(minutes=1)
    with world.storage.begin() as unit:
        page = make_page(RecordKind.ACCOUNT, (), at=world.now, removed=[Removal(crm_id="001A", merged_into="001B")])
        unit.records.store_page("sf", page, seen_at=world.now)
        unit.commit()
    world.change(RecordKind.CONTACT, contact("003A", account="001B"))
    run_tasks(world)
    assert [(task.account_id, task.contact_id) for task, _ in world.desk.asked] == [("001B", "003A")]


def test_a_contact_who_has_left_leaves_the_task_on_the_account_alone(world):
    hear(world, "003A", 4)
    run_act(world)
    world.wait(minutes=1)
    world.change(RecordKind.CONTACT, removed=["003A"])
    run_tasks(world)
    assert [(task.account_id, task.contact_id) for task, _ in world.desk.asked] == [("001A", None)]


def test_an_account_that_is_gone_drops_the_action_or_moves_it_to_its_other_crm(world, rows):
    show(world, "hub", accounts=[account("51")])
    hub, hub_desk = second(world)
    join(world, "51", to="001A")
    hear(world, "003A", 4)
    run_act(world, crms=[world.crm, hub])
    world.wait(minutes=1)
    world.change(RecordKind.ACCOUNT, removed=["001A"])
    run_tasks(world, crm=world.crm, crms=[world.crm, hub])
    run_tasks(world, crm=hub, crms=[world.crm, hub])
    assert ([task.account_id for task, _ in hub_desk.asked], world.desk.asked) == (["51"], [])
    hear(world, "003B", 4)
    with world.storage.begin() as unit:
        removed = make_page(RecordKind.ACCOUNT, (), at=world.now, removed=[Removal(crm_id="51")])
        unit.records.store_page("hub", removed, seen_at=world.now)
        unit.commit()
    assert run_act(world, crms=[world.crm, hub]).opened == 1
    assert [(row["crm"], row["owner_reason"]) for row in rows("action")][1:] == [
        (None, "unassigned: the account is in no CRM any more")
    ]


def test_an_account_that_is_gone_everywhere_drops_the_action(world, rows):
    hear(world, "003A", 4)
    run_act(world)
    world.wait(minutes=1)
    world.change(RecordKind.ACCOUNT, removed=["001A"])
    assert run_tasks(world).dropped == 1
    assert [(row["state"], row["resolution"]) for row in rows("action")] == [
        ("dropped", "The account is in no CRM any more.")
    ]
    assert (run_tasks(world).dropped, [row["state"] for row in rows("task")]) == (0, ["dropped"])


def test_an_owner_with_too_many_overdue_actions_is_not_asked_for_more_until_they_catch_up(world):
    policy = acting_policy()
    policy = replace(policy, actions=replace(policy.actions, most_overdue=1))
    late = replace(policy.programs[0], milestones=(before_renewal(expires_days=14),))
    policy = replace(policy, programs=(late,))
    hear(world, "003A", 4)
    hear(world, "003B", 4)
    run_act(world, policy=policy)
    run_tasks(world, policy=policy)
    world.wait(days=3)
    world.change(RecordKind.ACCOUNT, account(owner="005A", renewal_on=date(2026, 7, 3)))
    (first, second) = world.plan(policy=policy).decisions
    assert [(each.verdict, each.rule, each.until_on) for each in (first, second)] == [
        (VerdictKind.DEFER, "owner has overdue actions", date(2026, 3, 6))
    ] * 2
    assert [(each.value, each.threshold, each.source) for each in first.reasons] == [("2", "at most 1", "sf/005A")]
    world.desk.complete("00T1", words="Done.", at=world.now)
    run_tasks(world, policy=policy)
    world.wait(days=1)
    assert [each.verdict for each in world.plan(policy=policy).decisions] == [VerdictKind.ASK] * 2


def test_an_owner_of_two_crms_is_known_by_their_address(world):
    hub_rep = {"crm_id": "77", "address": "Ola@Kea.example", "is_active": True}
    show(world, "hub", owners=[hub_rep], accounts=[account("51", owner="77")])
    hear(world, "003A", 4)
    run_act(world)
    with world.storage.snapshot() as unit:
        assert unit.actions.overdue(today=world.now.date()) == {}
        assert unit.actions.overdue(today=world.now.date() + timedelta(days=9)) == {"sf/005A": 1, "hub/77": 1}


def test_accounts_show_how_many_actions_are_open_and_zero_once_none_is(world, rows):
    crm = replace(world.crm, write_words={RecordKind.ACCOUNT: ("open_actions",)})

    def written():
        write_back(crm, storage=world.storage, policy=acting_policy(), clock=Standing(world.now))
        return [(write.crm_id, dict(write.values)) for write in world.pushed]

    for crm_id in ("003A", "003B"):
        hear(world, crm_id, 4)
    run_act(world)
    run_tasks(world)
    assert written() == [("001A", {"open_actions": 2})]
    for number in (1, 2):
        world.wait(minutes=15)
        world.desk.complete(f"00T{number}", words="Done.", at=world.now)
        run_tasks(world)
        assert written()[number:] == [("001A", {"open_actions": 2 - number})]
    assert (written()[3:], rows("dirty")) == ([], [])


def test_status_tells_how_actions_stand_and_why_some_have_no_task(world, monkeypatch):
    def refuse(task):
        raise CrmRejected("FIELD_LOCKED: Task.WhoId of Ann", crm="sf")

    hear(world, "003A", 4)
    run_act(world)
    world.desk.before = refuse
    run_tasks(world)
    world.wait(days=3)
    clock = Standing(world.now)
    told = status(storage=world.storage, policy=acting_policy(), crms=[world.crm], clock=clock)["actions"]
    assert told == {
        "open": 1,
        "overdue": 1,
        "done": 0,
        "without_task": {"sf": 1},
        "no_tasks_in": [],
        "refused": {"sf": {"tasks": 1, "codes": ["FIELD_LOCKED"]}},
    }
    monkeypatch.setattr(stages, "opened", lambda config: nullcontext(ports_of(world)))
    lines = CliRunner().invoke(app, ["status"]).output.splitlines()
    assert "actions: 1 open, 1 overdue, 0 done" in lines
    assert "sf: 1 open actions without a task: 1 refused, tried again daily (FIELD_LOCKED)" in lines


def ports_of(world):
    return make_ports(world.storage, world.crm, clock=Standing(world.now), policy=acting_policy())


def test_the_jobs_say_what_they_did_and_that_tasks_wait(world):
    def lost(task):
        raise CrmUnavailable("Not now.", crm="sf")

    hear(world, "003A", 4)
    assert act.run(ports_of(world)) == {"opened": 1, "passed": 0}
    world.desk.after = lost
    with pytest.raises(StagePostponed, match="sf: 1 tasks wait") as waiting:
        tasks.run(ports_of(world), world.crm)
    assert waiting.value.counts["postponed"] == 1


def test_the_whole_loop_from_a_milestone_to_a_closed_action(world, rows):
    policy = acting_policy(make_rule("answer.works <= 6 and answer.change is known"))
    world.plan(policy=policy)
    clock = FakeClock(world.now)
    assert ask(make_asking(world.storage, FakeMailer(), clock=clock, policy=policy, crms=())).sent == 2
    for nonce, form in zip(NONCES, [{"works": ["3"], "change": ["Call back"]}, {"works": ["9"]}], strict=False):
        link = token(KEYRING, key_id=KEYRING.signing, purpose=LinkPurpose.ANSWER, nonce=nonce)
        pages = [submit(link, form=form, storage=world.storage, clock=clock).state for _ in range(2)]
        assert pages == [PageState.TAKEN, PageState.USED]
    assert (run_act(world, policy=policy).opened, run_tasks(world, policy=policy).made) == (1, 1)
    world.wait(minutes=15)
    world.desk.complete("00T1", words="Called back.", at=world.now)
    assert run_tasks(world, policy=policy).done == 1
    assert [(row["state"], row["resolution"]) for row in rows("action")] == [("done", "Called back.")]
    assert STAND_IN not in str(rows("task"))
