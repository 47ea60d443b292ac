"""Test mode on both databases: whom it reaches, that it holds to the last moment, and what opens with live."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.listed import Listed
from connector.domain.programs import Mode
from connector.domain.records import RecordKind
from connector.domain.selection import Reason
from connector.ports.crm import Page
from connector.ports.errors import RelayUnavailable
from connector.testing.asking_world import ACCOUNTS, MONDAY, POLICY, PROGRAM, decide_to_ask, store_records
from connector.testing.fakes import FakeClock, FakeMailer
from connector.usecases.ask import AskReport, ask
from connector.usecases.status import status
from connector.usecases.write_back import write_back
from tests.acting import acting_policy, hear, run_act, run_tasks
from tests.asking import NONCES, make_asking, rows_of, states_of
from tests.builders import make_policy, make_program
from tests.worlds import ALL_WORDS, Standing, World, account, answer, contact

LISTED = Listed(recipients=("*@harbour.example",), accounts=("Harbour Test",))
TEST = {"mode": Mode.TEST, "listed": LISTED}
TUI = Listed(recipients=("anna@tui.example", "*@weka.example"), accounts=("tui & söhne <gmbh>",))


@pytest.fixture
def world(storage):
    world = World(storage, write_words=ALL_WORDS)
    world.load(
        accounts=[account("001A", name="  HARBOUR test "), account("001B", name="Harbour")],
        contacts=[
            contact("003A"),
            contact("003B", account="001B"),
            contact("003C", address="ann@elsewhere.example"),
            contact("003D", level=None),
            contact("003E", account="001B", opted_out=True),
        ],
    )
    return world


def verdicts(planned):
    return {row.person: (row.verdict, row.rule, row.track) for row in planned.rows}


def reasons(planned, person):
    (row,) = (row for row in planned.rows if row.person == person)
    return row.reasons


def test_only_listed_addresses_at_listed_accounts_are_asked_and_each_other_is_blocked_with_all_reasons(world):
    planned = world.plan(policy=make_policy(**TEST))
    assert verdicts(planned) == {
        "sf/003A": ("ask", "asked", "real"),
        "sf/003B": ("block", "not in the test list", "real"),
        "sf/003C": ("block", "not in the test list", "real"),
        "sf/003D": ("block", "no seat", "real"),
        "sf/003E": ("block", "not in the test list", "real"),
    }
    assert reasons(planned, "sf/003E") == (
        Reason(
            rule="not in the test list",
            value="account sf/001B",
            threshold="an account of the test list (Harbour Test)",
            source="sf/001B",
            on="2026-03-02",
        ),
        Reason(rule="opted out", value="yes", threshold="no", source="sf/003E", on="2026-03-02"),
    )
    assert reasons(planned, "sf/003C") == (
        Reason(
            rule="not in the test list",
            value="an address at elsewhere.example",
            threshold="an address of the test list (*@harbour.example)",
            source="sf/003C",
            on="2026-03-02",
        ),
    )


def test_an_account_is_listed_by_its_id_too_and_a_program_alone_may_be_in_test(world):
    listed = Listed(recipients=("*",), accounts=("001B",))
    tested = make_policy(programs=[make_program(mode=Mode.TEST)], listed=replace(listed, recipients=("*@*.example",)))
    found = verdicts(world.plan(policy=tested))
    assert {person for person, (verdict, *_) in found.items() if verdict == "ask"} == {"sf/003B"}
    assert found["sf/003A"] == ("block", "not in the test list", "real")


def test_going_live_opens_only_what_falls_due_from_that_day_and_no_backlog_of_the_test(world, rows):
    world.plan(policy=make_policy(**TEST))
    world.wait(days=2)
    due_now = account("001B", name="Harbour", renewal_on=(world.now + timedelta(days=120)).date())
    live = make_policy(listed=LISTED)
    assert {verdict for verdict, *_ in verdicts(world.plan(policy=live)).values()} == {"block"}
    world.change(RecordKind.ACCOUNT, due_now | {"crm_id": "001C", "name": "New"})
    world.change(RecordKind.CONTACT, contact("003N", account="001C"))
    world.wait(minutes=1)
    later = verdicts(world.plan(policy=live))
    assert later["sf/003N"] == ("ask", "asked", "real")
    assert later["sf/003B"] == ("block", "not in the test list", "real")
    without_list = verdicts(world.plan(policy=make_policy()))
    assert without_list["sf/003B"] == ("block", "not in the test list", "real"), "also where the list is gone"
    (start,) = rows("track_start")
    assert (start["live_on"] - start["started_on"]).days == 2


def test_what_falls_due_on_the_very_day_of_going_live_is_opened(world):
    world.plan(policy=make_policy(**TEST))
    found = verdicts(world.plan(policy=make_policy(listed=LISTED)))
    assert found["sf/003B"] == ("ask", "asked", "real")


def test_test_then_shadow_then_live_opens_nothing_of_before(world, rows):
    world.plan(policy=make_policy(**TEST))
    world.wait(days=1)
    world.plan(policy=make_policy(mode=Mode.SHADOW))
    assert rows("track_start") == []
    world.wait(days=1)
    world.plan(policy=make_policy())
    assert {row["track"] for row in rows("decision") if row["verdict"] == "ask"} == {"real", "shadow"}
    assert sum(row["track"] == "real" and row["verdict"] == "ask" for row in rows("decision")) == 1


def test_from_live_back_to_test_and_live_again_nobody_of_the_time_between_is_asked(world):
    policy = make_policy(programs=[make_program(starts_on=world.now.date() + timedelta(days=1))])
    world.plan(policy=policy)
    world.wait(days=1)
    renewal_on = (world.now + timedelta(days=120)).date()
    world.change(RecordKind.ACCOUNT, account("001B", name="Harbour", renewal_on=renewal_on))
    tested = verdicts(world.plan(policy=replace(policy, **TEST)))
    assert tested["sf/003B"] == ("block", "not in the test list", "real")
    world.wait(days=1)
    assert verdicts(world.plan(policy=policy))["sf/003B"] == ("block", "not in the test list", "real")


def test_fields_are_written_at_listed_accounts_only_and_the_others_wait_for_live(world):
    for crm_id in ("003A", "003B"):
        answer(world, crm_id, 9.0)

    def written(policy):
        world.pushed.clear()
        write_back(world.crm, storage=world.storage, policy=policy, clock=Standing(world.now))
        return [write.crm_id for write in world.pushed]

    assert written(make_policy(**TEST)) == ["003A"]
    assert written(make_policy(**TEST)) == []
    assert written(make_policy()) == ["003B"]


@pytest.mark.parametrize("is_house", [True, False])
def test_tasks_are_made_at_listed_accounts_only_and_the_others_wait_for_live(world, is_house):
    hear(world, "003A", 4)
    hear(world, "003B", 4)
    tested = acting_policy(**TEST) if is_house else acting_policy(program={"mode": Mode.TEST}, listed=LISTED)
    run_act(world, policy=tested)
    report = run_tasks(world, policy=tested)
    assert (report.made, report.would_open) == (1, 1)
    assert [task.account_id for task, _ in world.desk.asked] == ["001A"]
    assert run_tasks(world).made == 1


def test_an_account_that_loses_its_name_while_tasks_are_made_gets_none(world):
    def rename(task):
        world.wait(minutes=1)
        world.change(RecordKind.ACCOUNT, account("001A", name="Somebody Else"))

    hear(world, "003A", 4)
    hear(world, "003A", 3)
    run_act(world, policy=acting_policy(**TEST))
    world.desk.after = rename
    report = run_tasks(world, policy=acting_policy(**TEST))
    assert (report.made, report.would_open, len(world.desk.asked)) == (1, 1, 1)


def test_status_tells_whom_test_mode_reaches(world):
    def told(**changes):
        state = status(
            storage=world.storage, policy=make_policy(**changes), crms=[world.crm], clock=Standing(world.now)
        )
        return state["mode"], state["programs"], state["test"]

    reach = {"recipients": ("*@harbour.example",), "accounts": ("Harbour Test",), "account_records": 1}
    assert told(**TEST) == ("test", {"ongoing": "test"}, reach)
    assert told() == ("live", {"ongoing": "live"}, None)
    assert told(mode=Mode.SHADOW, listed=LISTED) == ("shadow", {"ongoing": "shadow"}, None)


def reaching(storage, mailer, *, listed=TUI, clock=None):
    """The ask stage in test mode."""
    return make_asking(storage, mailer, clock=clock, policy=replace(POLICY, mode=Mode.TEST, listed=listed))


def rename_accounts(storage):
    """Both accounts have other names from a little later on."""
    at = MONDAY + timedelta(minutes=5)
    rows = [(crm_id, at, f"{name} & Co") for crm_id, name in ACCOUNTS]
    page = Page(
        kind=RecordKind.ACCOUNT, columns=("crm_id", "stamp", "name"), rows=rows, cursor=at.isoformat(), is_last=True
    )
    with storage.begin() as unit:
        unit.records.store_page("sf", page, seen_at=at)
        unit.commit()


def test_what_was_decided_in_live_mode_reaches_only_who_is_listed_once_in_test(storage):
    store_records(storage)
    decide_to_ask(storage)
    mailer = FakeMailer()
    assert ask(reaching(storage, mailer)).sent == 1
    assert [envelope.recipient for envelope in mailer.given] == ["anna@tui.example"]
    assert len(rows_of(storage, "invitation")) == 1, "nobody else is even invited"
    assert ask(make_asking(storage, mailer, new_nonce=iter(NONCES[9:]).__next__)).sent == 2


def test_mail_that_waits_from_live_mode_stays_ready_in_test(storage):
    store_records(storage)
    decide_to_ask(storage)
    ask(make_asking(storage, FakeMailer([RelayUnavailable()])))
    clock, mailer = FakeClock(), FakeMailer()
    clock.turn(timedelta(hours=1))
    ask(reaching(storage, mailer, clock=clock))
    assert [envelope.recipient for envelope in mailer.given] == ["anna@tui.example"]
    assert states_of(storage) == ["sent", "ready", "ready"]


def test_the_list_is_read_again_before_each_mail(storage):
    store_records(storage)
    decide_to_ask(storage)
    everybody = replace(TUI, recipients=("*@tui.example",))
    mailer = FakeMailer(on_send=lambda envelope: rename_accounts(storage))
    assert ask(reaching(storage, mailer, listed=everybody)).sent == 1
    assert states_of(storage) == ["sent", "ready"]


def test_a_contact_that_moved_to_an_account_that_is_not_listed_gets_no_mail(storage):
    store_records(storage)
    decide_to_ask(storage)
    later = MONDAY + timedelta(minutes=5)
    store_records(storage, contacts=[("c2", "Ben Moa", "ben@tui.example", "a2", False)], at=later)
    mailer = FakeMailer()
    ask(reaching(storage, mailer, listed=replace(TUI, recipients=("ben@tui.example",))))
    assert mailer.given == []


def test_a_list_that_no_account_matches_reaches_nobody(storage):
    store_records(storage)
    decide_to_ask(storage)
    mailer = FakeMailer()
    report = ask(reaching(storage, mailer, listed=Listed(recipients=("*@tui.example",), accounts=("Tui",))))
    assert (report, mailer.given) == (AskReport(), [])


def test_a_program_s_own_shadow_stays_below_the_test_of_the_house(storage):
    store_records(storage)
    decide_to_ask(storage)
    mailer = FakeMailer()
    policy = replace(POLICY, mode=Mode.TEST, listed=TUI, programs=(replace(PROGRAM, mode=Mode.SHADOW),))
    assert ask(make_asking(storage, mailer, policy=policy)) == AskReport()
