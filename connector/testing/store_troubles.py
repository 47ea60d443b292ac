"""What every store must tell of what went wrong: grouped by cause, with what it touched, and whether it is over."""

from datetime import datetime, timedelta

from connector.domain.actions import TaskStage
from connector.domain.invitations import MessageState
from connector.domain.records import RecordKind
from connector.ports.crm import Receipt
from connector.ports.errors import Verdict
from connector.ports.storage.unit import Storage
from connector.ports.storage.viewing import Touched, Trouble, TroubleKind
from connector.ports.storage.writing import LoggedWrite
from connector.testing.acting_world import LATER, due_tasks, hear_anna, open_action, unacted
from connector.testing.asking_world import MONDAY, PROGRAM, decide_to_ask, invite, store_records
from connector.testing.store_pages import hour
from connector.testing.store_rows import Rows, record_row

TUI = "Tui & Söhne <GmbH>"


def troubles(storage: Storage) -> list[Trouble]:
    """Every cause."""
    with storage.snapshot() as unit:
        return list(unit.views.troubles())


def run(storage: Storage, stage: str, *, at: datetime, outcome: str | None, error: str | None = None) -> None:
    """A run that ended so, or never ended."""
    with storage.begin() as unit:
        number = unit.runs.start(stage, at=at)
        if outcome is not None:
            unit.runs.finish(number, at=at, outcome=outcome, counts={}, error=error)
        unit.commit()


class TroubleContract:
    """Causes of runs, values, mails and tasks."""

    def test_runs_are_grouped_by_job_and_error_and_over_once_the_job_ended_well(self, storage: Storage) -> None:
        for hours in (1, 2):
            run(storage, "sync:sf", at=hour(hours), outcome="failed", error="no right")
        run(storage, "sync:sf", at=hour(3), outcome="ok")
        run(storage, "sync:hub", at=hour(4), outcome="postponed", error="not reached")
        found = [
            (each.kind, each.place, each.cause, each.count, each.records, each.is_over) for each in troubles(storage)
        ]
        assert found == [
            (TroubleKind.RUN_POSTPONED, "sync:hub", "not reached", 1, 0, False),
            (TroubleKind.RUN_FAILED, "sync:sf", "no right", 2, 0, True),
        ]
        assert [(each.first_at, each.last_at) for each in troubles(storage)] == [(hour(4), hour(4)), (hour(1), hour(2))]

    def test_a_run_without_an_end_died_once_the_job_ran_again(self, storage: Storage) -> None:
        run(storage, "plan", at=hour(1), outcome=None)
        assert troubles(storage) == []
        run(storage, "plan", at=hour(2), outcome=None)
        (died,) = troubles(storage)
        assert (died.kind, died.place, died.count, died.is_over) == (TroubleKind.RUN_DIED, "plan", 1, False)
        run(storage, "plan", at=hour(3), outcome="ok")
        assert [(each.count, each.is_over) for each in troubles(storage)] == [(2, True)]

    def test_a_refused_value_stands_until_it_was_taken(self, storage: Storage, rows: Rows) -> None:
        hear_anna(storage, number=1, score=4)
        write(storage, verdict=Verdict.SKIP, message="NO_RIGHT: no right", at=LATER)
        account = record_row(rows, "a1", kind="account")["id"]
        assert troubles(storage) == [
            Trouble(
                kind=TroubleKind.WRITE_REFUSED,
                place="sf",
                cause="NO_RIGHT: no right",
                count=2,
                records=1,
                touched=[Touched(label=TUI, account_id=account)],
                first_at=LATER,
                last_at=LATER,
            )
        ]
        write(storage, verdict=Verdict.RETRY, message="busy", at=LATER + timedelta(hours=1))
        assert [each.cause for each in troubles(storage)] == ["NO_RIGHT: no right"]
        write(storage, verdict=None, message="", at=LATER + timedelta(hours=2))
        assert troubles(storage) == []

    def test_mails_that_failed_and_that_nobody_knows_of_are_told_with_the_person(
        self, storage: Storage, rows: Rows
    ) -> None:
        store_records(storage)
        decide_to_ask(storage)
        settle_mails(storage, [MessageState.FAILED, MessageState.UNCERTAIN, MessageState.SENT])
        tui = record_row(rows, "a1", kind="account")["id"]
        found = {each.kind: (each.cause, each.count, each.records, list(each.touched)) for each in troubles(storage)}
        assert found == {
            TroubleKind.MAIL_FAILED: ("550 unknown", 1, 1, [Touched(label="Anna Größe", account_id=tui)]),
            TroubleKind.MAIL_UNCERTAIN: ("550 unknown", 1, 1, [Touched(label="Ben Moa", account_id=tui)]),
        }

    def test_refused_tasks_of_open_actions_are_told(self, storage: Storage) -> None:
        hear_anna(storage, number=1, score=4)
        open_action(storage, unacted(storage)[0])
        (task,) = due_tasks(storage)
        with storage.begin() as unit:
            unit.tasks.settle(task.id, TaskStage.REFUSED, at=LATER, error="BAD_OWNER")
            unit.commit()
        (refused,) = troubles(storage)
        assert (refused.kind, refused.place, refused.cause) == (TroubleKind.TASK_REFUSED, "sf", "BAD_OWNER")
        assert [each.label for each in refused.touched] == ["Call Anna"]


def write(storage: Storage, *, verdict: Verdict | None, message: str, at: datetime) -> None:
    """Tui's score and voices are written, and the CRM says this."""
    with storage.begin() as unit:
        if verdict is Verdict.SKIP:
            unit.write_backs.mark_answered(at=MONDAY)
        far = at + timedelta(days=9)
        (record,) = unit.write_backs.dirty("sf", RecordKind.ACCOUNT, now=far, limit=9)
        logged = LoggedWrite(record=record, key=f"k {at}", values={"score": 4.0, "voices": 1})
        unit.write_backs.log([logged], at=at)
        receipt = Receipt(key=logged.key, crm_id="a1", verdict=verdict, message=message)
        unit.write_backs.settle(logged, receipt, at=at, retry_at=at + timedelta(days=1))
        unit.commit()


def settle_mails(storage: Storage, states: list[MessageState]) -> None:
    """Who is to be asked is invited, and their mails end in these states."""
    with storage.snapshot() as unit:
        decided = list(unit.invitations.undone(programs=[PROGRAM.id], today=MONDAY.date(), limit=9))
    for number, each in enumerate(decided):
        invite(storage, each, nonce=bytes([number + 1]) * 16)
    with storage.begin() as unit:
        ready = unit.messages.ready(programs=[PROGRAM.id], now=MONDAY, today=MONDAY.date(), limit=9)
        for message, state in zip(ready, states, strict=True):
            unit.messages.settle(message.id, state=state, at=MONDAY, error="550 unknown")
        unit.commit()
