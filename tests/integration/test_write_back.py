"""Write-back on both databases: changed values once, the old value logged first, failures by their verdict."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from connector.cli import stages
from connector.cli.main import app
from connector.domain.programs import Mode
from connector.domain.records import RecordKind
from connector.ports.crm import Receipt
from connector.ports.errors import CrmAuthError, CrmRateLimited, CrmWrongOrg, Verdict
from connector.testing.store_rows import record_row
from connector.usecases.status import status
from connector.usecases.write_back import write_back
from tests.builders import make_policy
from tests.ports import make_ports
from tests.worlds import Standing, World, account, answer, contact


@pytest.fixture
def world(storage):
    world = World(storage)
    world.load(accounts=[account()], contacts=[contact("003A"), contact("003B"), contact("003C")])
    return world


def run(world, **changes):
    policy = make_policy(**changes)
    return write_back(world.crm, storage=world.storage, policy=policy, clock=Standing(world.now))


def refused(write):
    return Receipt(
        key=write.key, crm_id=write.crm_id, verdict=Verdict.SKIP, message="FIELD_LOCKED: The field is locked."
    )


def taken(write):
    return Receipt(key=write.key, crm_id=write.crm_id)


def shown_as_refused(world):
    return status(storage=world.storage, policy=make_policy(), crms=[world.crm], clock=Standing(world.now))["refused"]


def pushed(world):
    return [(write.crm_id, dict(write.values)) for write in world.pushed]


def test_scores_reach_their_contacts_in_batches_and_a_second_run_writes_nothing(world):
    for crm_id, score in (("003A", 9.0), ("003B", 4.0), ("003C", 7.0)):
        answer(world, crm_id, score)
    day = world.now.date()
    assert run(world).written == 3
    assert pushed(world) == [
        ("003A", {"score": 9.0, "answered_on": day}),
        ("003B", {"score": 4.0, "answered_on": day}),
        ("003C", {"score": 7.0, "answered_on": day}),
    ]
    world.pushed.clear()
    with world.storage.begin() as unit:
        unit.write_backs.mark_answered(at=world.now)
        unit.commit()
    report = run(world)
    assert (report.written, report.unchanged, world.pushed) == (0, 3, [])


def test_only_the_value_that_changed_is_written_with_the_old_one_in_the_log(world, rows):
    answer(world, "003A", 9.0)
    run(world)
    world.wait(hours=2)
    answer(world, "003A", 5.0)
    run(world)
    assert pushed(world)[1] == ("003A", {"score": 5.0})
    log = [(row["word"], row["old"], row["new"], row["outcome"]) for row in rows("write_log") if row["word"] == "score"]
    assert log == [("score", None, 9.0, "written"), ("score", 9.0, 5.0, "written")]


def test_a_transaction_answer_never_becomes_the_relationship_score(world):
    answer(world, "003A", 9.0, kind="transaction")
    assert (run(world).unchanged, world.pushed) == (1, [])


def test_shadow_writes_nothing_and_says_what_it_would(world, rows):
    answer(world, "003A", 9.0)
    assert run(world, mode=Mode.SHADOW).would_write == 1
    assert (world.pushed, rows("write_log"), len(rows("dirty"))) == ([], [], 1)


def test_the_stop_switch_halts_writes_and_resuming_goes_on(world):
    answer(world, "003A", 9.0)
    with world.storage.begin() as unit:
        unit.switches.stop(at=world.now, reason="audit")
        unit.commit()
    assert (run(world).is_stopped, world.pushed) == (True, [])
    with world.storage.begin() as unit:
        assert unit.switches.resume()
        unit.commit()
    assert run(world).written == 1


def test_a_refused_record_fails_alone_with_the_crm_s_words(world, rows):
    for crm_id in ("003A", "003B"):
        answer(world, crm_id, 9.0)

    def refuse(write):
        bad = write.crm_id == "003A"
        return Receipt(
            key=write.key,
            crm_id=write.crm_id,
            verdict=Verdict.SKIP if bad else None,
            message="The score field is locked." if bad else "",
        )

    world.answer = refuse
    report = run(world)
    assert (report.written, report.refused) == (1, ["003A: The score field is locked."])
    (waiting,) = rows("dirty")
    assert (waiting["record_id"], waiting["not_before"]) == (
        record_row(rows, "003A")["id"],
        world.now + timedelta(days=1),
    )


def test_a_failure_that_passes_is_tried_again_later_and_not_at_once(world):
    answer(world, "003A", 9.0)

    def limited(write):
        raise CrmRateLimited("The request limit is used up.", crm="sf")

    world.answer = limited
    assert run(world).postponed == 1
    world.answer = taken
    assert run(world).written == 0
    world.wait(minutes=15)
    assert run(world).written == 1


def test_a_failure_that_stops_is_raised_and_loses_nothing(world, rows):
    answer(world, "003A", 9.0)

    def refused(write):
        raise CrmAuthError(crm="sf")

    world.answer = refused
    with pytest.raises(CrmAuthError):
        run(world)
    assert [row["outcome"] for row in rows("write_log")] == [None, None]
    world.answer = taken
    world.now += timedelta(seconds=1)
    assert run(world).written == 1


def test_another_org_than_the_pinned_one_gets_no_write(world):
    answer(world, "003A", 9.0)
    with world.storage.begin() as unit:
        unit.connections.pin("sf", "00D9", at=world.now)
        unit.commit()
    with pytest.raises(CrmWrongOrg, match="pinned to 00D9"):
        run(world)
    assert world.pushed == []


def test_a_removed_contact_is_not_written_and_its_marks_go(world, rows):
    answer(world, "003A", 9.0)
    world.wait(hours=1)
    world.change(RecordKind.CONTACT, removed=["003A"])
    assert rows("dirty") == []
    assert (run(world).written, world.pushed) == (0, [])


def test_a_removed_contact_that_comes_back_gets_its_score(world):
    answer(world, "003A", 9.0)
    world.wait(hours=1)
    world.change(RecordKind.CONTACT, removed=["003A"])
    world.wait(hours=1)
    world.change(RecordKind.CONTACT, contact("003A"))
    assert run(world).written == 1


def test_a_refused_value_is_tried_again_after_a_day_and_not_before(world, rows):
    answer(world, "003A", 9.0)
    world.answer = refused
    run(world)
    world.answer = taken
    world.wait(hours=23)
    assert (run(world).written, len(world.pushed)) == (0, 1)
    world.wait(hours=1)
    assert run(world).written == 1
    assert rows("dirty") == []
    assert [(row["word"], row["outcome"], row["message"]) for row in rows("write_log")] == [
        ("score", "skip", "FIELD_LOCKED: The field is locked."),
        ("answered_on", "skip", "FIELD_LOCKED: The field is locked."),
        ("score", "written", None),
        ("answered_on", "written", None),
    ]


def test_a_value_that_changed_since_it_was_refused_is_tried_at_once(world, rows):
    answer(world, "003A", 9.0)
    world.answer = refused
    run(world)
    world.answer = taken
    world.wait(hours=1)
    answer(world, "003A", 4.0)
    assert (run(world).written, rows("dirty")) == (1, [])
    assert pushed(world)[-1] == ("003A", {"score": 4.0, "answered_on": world.now.date()})


def test_refused_values_are_shown_while_they_stand_and_by_their_codes_only(world):
    for crm_id in ("003A", "003B", "003C"):
        answer(world, crm_id, 9.0)
    assert shown_as_refused(world) == {}
    messages = {"003A": "FIELD_LOCKED: Ann's field", "003B": "RULE_9: 555 0100 is wrong", "003C": "Nobody knows why"}
    world.answer = lambda write: replace(refused(write), message=messages[write.crm_id])
    run(world)
    assert shown_as_refused(world) == {"sf": {"values": 6, "codes": ["without a code", "RULE_9", "FIELD_LOCKED"]}}
    world.wait(days=1)
    world.answer = lambda write: refused(write) if write.crm_id == "003B" else taken(write)
    run(world)
    assert shown_as_refused(world) == {"sf": {"values": 2, "codes": ["FIELD_LOCKED"]}}
    world.wait(hours=1)
    world.change(RecordKind.CONTACT, removed=["003B"])
    assert shown_as_refused(world) == {}


def test_status_tells_of_refused_values_in_a_line(world, monkeypatch):
    answer(world, "003A", 9.0)
    world.answer = refused
    run(world)
    ports = make_ports(world.storage, world.crm, clock=Standing(world.now))
    monkeypatch.setattr(stages, "opened", lambda config: nullcontext(ports))
    told = CliRunner().invoke(app, ["status"])
    assert "sf: 2 values refused, tried again daily (FIELD_LOCKED)" in told.output.splitlines()


def test_a_refusal_of_what_is_no_longer_wanted_does_not_come_back_with_the_next_mark(world):
    answer(world, "003A", 5.0)
    run(world)
    world.answer = refused
    for score in (9.0, 5.0):
        world.wait(hours=1)
        answer(world, "003A", score)
        run(world)
    assert shown_as_refused(world) == {}
    answer(world, "003A", 6.0)
    assert shown_as_refused(world) == {}


def test_a_postponed_value_does_not_count_as_refused(world):
    answer(world, "003A", 9.0)
    world.answer = lambda write: replace(refused(write), verdict=Verdict.RETRY)
    run(world)
    assert shown_as_refused(world) == {}


def test_a_later_try_leaves_the_outcomes_of_earlier_ones(world, rows):
    answer(world, "003A", 9.0)
    world.answer = lambda write: replace(refused(write), verdict=Verdict.RETRY, message="UNABLE_TO_LOCK_ROW")
    run(world)
    world.wait(minutes=15)
    world.answer = taken
    run(world)
    log = [(row["outcome"], row["message"]) for row in rows("write_log") if row["word"] == "score"]
    assert log == [("retry", "UNABLE_TO_LOCK_ROW"), ("written", None)]
    assert len({row["key"] for row in rows("write_log")}) == 1
