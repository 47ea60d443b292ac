"""Around actions, on both databases: overdue owners, what accounts show, status, the jobs, the whole loop."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from connector.cli import stages
from connector.cli.main import app
from connector.domain.links import LinkPurpose, token
from connector.domain.records import RecordKind
from connector.domain.selection import VerdictKind
from connector.ports.errors import CrmRejected, CrmUnavailable, StageFailed, StagePostponed
from connector.ports.storage.records import Joining
from connector.testing.asking_world import KEYRING
from connector.testing.fakes import FakeClock, FakeMailer
from connector.usecases.ask import ask
from connector.usecases.hear import PageState, submit
from connector.usecases.status import status
from connector.usecases.write_back import write_back
from jobs import act, tasks
from jobs.stages import after_response, jobs_of
from tests.acting import STAND_IN, acting_policy, hear, make_rule, run_act, run_tasks
from tests.asking import NONCES, make_asking
from tests.builders import before_renewal
from tests.ports import make_ports
from tests.worlds import Standing, World, account, contact, make_page

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


def join(world, *, home=None):
    """Accounts of the portal are those of the org that they name now, as each page of a sync leaves it."""
    with world.storage.begin() as unit:
        unit.records.join(RecordKind.ACCOUNT, Joining(pairs={"hub": "sf"}, home=home), at=world.now)
        unit.commit()


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
    run_tasks(world)
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
        "dropped": 0,
        "without_task": {"sf": 1},
        "no_tasks_in": [],
        "refused": {"sf": {"tasks": 1, "codes": ["FIELD_LOCKED"]}},
    }
    monkeypatch.setattr(stages, "opened", lambda config: nullcontext(ports_of(world)))
    lines = CliRunner().invoke(app, ["status"]).output.splitlines()
    assert "actions: 1 open, 1 overdue, 0 done, 0 dropped" in lines
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


def test_the_job_says_that_the_crm_hides_its_tasks_and_who_mends_it(world):
    for crm_id in ("003A", "003B"):
        hear(world, crm_id, 4)
    run_act(world)
    run_tasks(world)
    world.wait(minutes=15)
    for crm_id in ("00T1", "00T2"):
        world.desk.delete(crm_id)
    with pytest.raises(StageFailed, match=r"sf: all 2 tasks .* give the integration user the right") as failed:
        tasks.run(ports_of(world), world.crm)
    assert (failed.value.counts["hidden"], failed.value.counts["gone"]) == (2, 0)


def test_an_opened_action_wakes_the_jobs_of_each_crm_in_the_order_in_which_answers_do(world):
    ports = replace(ports_of(world), crms=(world.crm, replace(world.crm, name="hub")))
    (job,) = jobs_of(ports, stage="act")
    keys = tuple(job.follows({"opened": 1}))
    assert keys == ("tasks:hub", "tasks:sf", "write_back:hub", "write_back:sf")
    assert [key for key in keys if key in after_response(ports)] == [
        key for key in after_response(ports) if key in keys
    ]
    assert job.follows({"opened": 0}) == ()


def test_a_rule_reads_what_any_record_of_the_joined_account_and_person_knows(world, rows):
    there = contact("52", account="51", address=contact()["address"], title="Head of Tugs")
    show(world, "hub", accounts=[account("51", tier="gold", same_as="001A")], contacts=[there])
    join(world)
    when = "answer.works <= 6 and account.tier = 'gold' and contact.title = 'Head of Tugs'"
    hear(world, "003A", 4)
    hear(world, "003B", 4)
    assert run_act(world, policy=acting_policy(make_rule(when))).opened == 1
    assert [row["cause"] for row in rows("action")] == [
        f"Rule low: {when} (answer.works = 4, account.tier = gold, contact.title = Head of Tugs)"
    ]


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
