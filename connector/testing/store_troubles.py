"""What every store must tell of what went wrong: grouped by cause, with what it touched, and whether it is over."""

from datetime import datetime, timedelta

from connector.domain.actions import TaskStage
from connector.domain.invitations import MessageState
from connector.domain.records import RecordKind
from connector.ports.crm import Page, Receipt, Removal
from connector.ports.errors import Verdict
from connector.ports.storage.unit import Storage
from connector.ports.storage.viewing import Touched, Trouble, TroubleKind
from connector.ports.storage.writing import LoggedWrite
from connector.testing.acting_world import LATER, due_tasks, hear_anna, open_action, unacted
from connector.testing.asking_world import MONDAY, PROGRAM, decide_to_ask, invite, store_records
from connector.testing.store_pages import hour
from connector.testing.store_rows import Rows, record_row

TUI = "Tui & Söhne <GmbH>"


def troubles(storage: Storage, *, now: datetime = LATER) -> list[Trouble]:
    """Every cause."""
    with storage.snapshot() as unit:
        return list(unit.views.troubles(now=now))


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

    def test_what_came_again_after_it_was_over_stands_apart(self, storage: Storage) -> None:
        for hours, outcome in ((1, "failed"), (2, "failed"), (3, "ok"), (4, "failed")):
            run(storage, "plan", at=hour(hours), outcome=outcome, error=None if outcome == "ok" else "no disk")
        told = [(each.cause, each.count, each.first_at, each.is_over) for each in troubles(storage)]
        assert told == [("no disk", 1, hour(4), False), ("no disk", 2, hour(1), True)]

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

    def test_a_mail_that_failed_is_over_once_that_person_was_mailed_or_has_another_address(
        self, storage: Storage
    ) -> None:
        store_records(storage)
        decide_to_ask(storage)
        settle_mails(storage, [MessageState.FAILED, MessageState.FAILED, MessageState.FAILED])
        assert standing(storage) == {"Anna Größe": False, "Ben Moa": False, "Cara Kiwi": False}
        moved = [("c2", LATER, "ben.moa@tui.example")]
        page = Page(kind=RecordKind.CONTACT, columns=("crm_id", "stamp", "address"), rows=moved, cursor="2")
        with storage.begin() as unit:
            unit.records.store_page("sf", page, seen_at=LATER)
            unit.commit()
        assert standing(storage) == {"Anna Größe": False, "Ben Moa": True, "Cara Kiwi": False}
        left = Page(kind=RecordKind.CONTACT, columns=("crm_id",), rows=[], cursor="3", removed=[Removal(crm_id="c3")])
        with storage.begin() as unit:
            unit.records.store_page("sf", left, seen_at=LATER)
            unit.commit()
        assert standing(storage) == {"Anna Größe": False, "Ben Moa": True, "Cara Kiwi": True}
        found = [(each.count, each.records, len(each.touched), each.is_over) for each in troubles(storage)]
        assert found == [(1, 1, 1, False), (2, 2, 2, True)]

    def test_a_mail_that_left_later_mends_one_that_failed_and_an_earlier_one_does_not(self, storage: Storage) -> None:
        store_records(storage)
        mail_anna(storage, MessageState.SENT, ordinal=1, at=hour(1))
        mail_anna(storage, MessageState.FAILED, ordinal=2, at=hour(2))
        assert standing(storage) == {"Anna Größe": False}
        mail_anna(storage, MessageState.SENT, ordinal=3, at=hour(3))
        assert standing(storage) == {"Anna Größe": True}

    def test_a_mail_that_may_have_left_is_over_when_no_answer_is_to_be_expected(self, storage: Storage) -> None:
        store_records(storage)
        decide_to_ask(storage)
        settle_mails(storage, [MessageState.UNCERTAIN, MessageState.SENT, MessageState.SENT])
        assert [each.is_over for each in troubles(storage, now=MONDAY + timedelta(days=14))] == [False]
        assert [each.is_over for each in troubles(storage, now=MONDAY + timedelta(days=14, seconds=1))] == [True]

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


def mail_anna(storage: Storage, state: MessageState, *, ordinal: int, at: datetime) -> None:
    """Anna is invited for this ordinal, and her mail, handed over at a moment, ends so."""
    decide_to_ask(storage, ordinal=ordinal)
    with storage.snapshot() as unit:
        undone = unit.invitations.undone(programs=[PROGRAM.id], today=MONDAY.date(), limit=99)
    (hers,) = (each for each in undone if (each.address, each.ordinal) == ("anna@tui.example", ordinal))
    invite(storage, hers, nonce=bytes([ordinal]) * 16)
    with storage.begin() as unit:
        (message,) = unit.messages.ready(programs=[PROGRAM.id], now=at, today=MONDAY.date(), limit=9)
        assert unit.messages.hand_over(message.id, at=at, today=MONDAY.date())
        unit.messages.settle(message.id, state=state, at=at, error=None if state is MessageState.SENT else "550")
        unit.commit()


def standing(storage: Storage) -> dict[str, bool]:
    """Whom no mail reached, and whether that is over."""
    failed = [each for each in troubles(storage) if each.kind is TroubleKind.MAIL_FAILED]
    return {touched.label: each.is_over for each in failed for touched in each.touched}
