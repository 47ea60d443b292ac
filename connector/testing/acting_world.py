"""Answers, actions and tasks in the small invented world, made through the ports alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from connector.domain.actions import OwnedBy, TaskStage
from connector.domain.links import LinkPurpose, token_hash
from connector.domain.owners import Assigned
from connector.domain.records import Fact, FactType, RecordKind
from connector.domain.surveys import Answer
from connector.domain.write_back import AccountStanding
from connector.ports.storage.acting import Answered, Earlier, NewAction, Task
from connector.ports.storage.hearing import NewResponse
from connector.ports.storage.unit import Storage
from connector.testing.asking_world import MONDAY, PROGRAM, SURVEY, decide_to_ask, invite, link, store_records
from connector.testing.store_rows import Rows

LATER = MONDAY + timedelta(hours=1)
DUE_ON = date(2026, 1, 7)
NAME = Fact(kind=RecordKind.CONTACT, word="name", type=FactType.TEXT)
RENEWAL = Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE)
OLA = Assigned(owner_id="u1", reason="owner of the contact")


def hear_anna(storage: Storage, *, number: int, score: int, at: datetime = MONDAY) -> None:
    """Anna answers her invitation of this ordinal."""
    if number == 1:
        store_records(storage)
    decide_to_ask(storage, ordinal=number)
    with storage.snapshot() as unit:
        undone = next(
            each
            for each in unit.invitations.undone(programs=[PROGRAM.id], today=at.date(), limit=99)
            if (each.address, each.ordinal) == ("anna@tui.example", number)
        )
    nonce = bytes([number]) * 16
    invite(storage, undone, nonce=nonce)
    answers = (
        Answer(question="relationship", number=score),
        Answer(question="since", choices=("worse",)),
        Answer(question="change", text="Answer faster."),
    )
    with storage.begin() as unit:
        invitation = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(link(nonce)))
        assert invitation is not None
        unit.responses.add(
            NewResponse(invitation=invitation, answers=answers, score=score, source="page", answered_at=at)
        )
        # What the answer itself marked is another matter.
        for kind in (RecordKind.CONTACT, RecordKind.ACCOUNT):
            unit.write_backs.clean(unit.write_backs.dirty("sf", kind, now=at, limit=99))
        unit.commit()


def unacted(storage: Storage, *, limit: int = 9) -> Sequence[Answered]:
    """Responses to look at."""
    with storage.snapshot() as unit:
        return list(unit.actions.unacted(facts={}, limit=limit))


def earlier_of(score: float) -> Earlier:
    """The score before, in the same survey."""
    return Earlier(score=score, survey_version=SURVEY.version)


def new_action(answered: Answered, **changes: object) -> NewAction:
    """An action of a low answer, with a task in `sf`."""
    new = NewAction(
        answered=answered,
        rule="low",
        owned_by=OwnedBy.CONTACT,
        crm="sf",
        owner=OLA,
        subject="Call Anna",
        cause="Rule low",
        due_on=DUE_ON,
        task_body="Why",
        opened_at=LATER,
    )
    return replace(new, **changes)  # type: ignore[arg-type]  # a test names fields of its own


def open_action(storage: Storage, answered: Answered, **changes: object) -> int:
    """Open it; its id."""
    with storage.begin() as unit:
        action_id = unit.actions.open(new_action(answered, **changes), mark="m")
        unit.commit()
    return action_id


def due_tasks(storage: Storage, *, now: datetime = LATER) -> Sequence[Task]:
    """The tasks to be made in `sf`."""
    with storage.snapshot() as unit:
        return list(unit.tasks.due("sf", now=now, without=[], limit=9))


def make_due_task(storage: Storage) -> None:
    """The only task that is due is made in `sf`."""
    (task,) = due_tasks(storage)
    with storage.begin() as unit:
        unit.tasks.settle(task.id, TaskStage.MADE, at=LATER, crm_id="t1")
        unit.commit()


def unseen_tasks(storage: Storage, *, before: datetime) -> Sequence[Task]:
    """The tasks of `sf` to be looked at."""
    with storage.snapshot() as unit:
        return list(unit.tasks.unseen("sf", before=before, limit=9))


def dirty_accounts(storage: Storage) -> list[tuple[str, int | None]]:
    """The accounts that are marked, with how many actions are open there."""
    with storage.snapshot() as unit:
        dirty = unit.write_backs.dirty("sf", RecordKind.ACCOUNT, now=LATER, limit=9)
    standings = {each.crm_id: each.standing for each in dirty}
    return [(key, each.open_actions) for key, each in standings.items() if isinstance(each, AccountStanding)]


def events(rows: Rows) -> list[tuple[object, ...]]:
    """The history of all actions: event, detail and when."""
    return [(row["event"], row["detail"], row["at"]) for row in rows("action_event")]
