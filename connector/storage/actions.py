"""Actions on SQL: opened with their task and marks in one commit, closed once, counted."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from connector.domain.actions import ActionState, Place
from connector.domain.owners import Assigned
from connector.domain.records import Fact, RecordKind
from connector.ports.storage.acting import ActionCounts, Answered, NewAction
from connector.storage import action_counts
from connector.storage.answered import unacted
from connector.storage.records_dirty import mark_dirty
from connector.storage.sameness import account_ids, joined_ids
from connector.storage.tables.acting import ActionRow
from connector.storage.tables.hearing import ResponseRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import insert_one, table_of
from connector.storage.tasks import end_tasks, note, store_intent

_ACTION, _RESPONSE = table_of(ActionRow), table_of(ResponseRow)
_ACCOUNT = RECORD_TABLES[RecordKind.ACCOUNT]


class SqlActions:
    """The action store over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unacted(self, *, facts: Mapping[str, Sequence[Fact]], limit: int) -> Sequence[Answered]:
        """Responses whose action rules were not looked at yet, oldest first; `facts` to read, by program."""
        return unacted(self._connection, facts=facts, limit=limit)

    def acted(self, response_id: int, *, at: datetime) -> bool:
        """Note that a response's rules were looked at; False where that was noted before."""
        waits = (_RESPONSE.c.id == response_id, _RESPONSE.c.acted_at.is_(None))
        return bool(self._connection.execute(update(_RESPONSE).where(*waits).values(acted_at=at)).rowcount)

    def open(self, new: NewAction, *, mark: str) -> int:
        """Store an action, its first event, the intent of its task and its account's marks; see the port."""
        action_id = insert_one(self._connection, _ACTION, _row(new))
        note(self._connection, action_id, "opened", detail=new.cause, at=new.opened_at)
        if new.crm is not None:
            store_intent(self._connection, action_id, n=1, crm=new.crm, mark=mark, text=new.task_body, at=new.opened_at)
        self._mark_dirty(action_id, cause="action opened", at=new.opened_at)
        return action_id

    def close(self, action_id: int, *, state: ActionState, resolution: str | None, at: datetime) -> bool:
        """Close an open action with its tasks; False where it was closed before."""
        is_open = (_ACTION.c.id == action_id, _ACTION.c.state == ActionState.OPEN)
        closed = {"state": state, "closed_at": at, "resolution": resolution}
        if not self._connection.execute(update(_ACTION).where(*is_open).values(closed)).rowcount:
            return False
        end_tasks(self._connection, action_id, state)
        note(self._connection, action_id, state, detail=resolution, at=at)
        self._mark_dirty(action_id, cause="action closed", at=at)
        return True

    def assign(self, action_id: int, owner: Assigned, *, at: datetime) -> None:
        """Note who has an action now; nothing where that is no news."""
        is_news = (_ACTION.c.id == action_id, _ACTION.c.owner_id.is_distinct_from(owner.owner_id))
        assigned = {"owner_id": owner.owner_id, "owner_reason": owner.reason}
        if self._connection.execute(update(_ACTION).where(*is_news).values(assigned)).rowcount:
            detail = f"{owner.owner_id or 'nobody'}: {owner.reason}"
            note(self._connection, action_id, "owner changed", detail=detail, at=at)

    def move(self, action_id: int, place: Place, *, at: datetime) -> None:
        """Let an action be one of another CRM's account, and mark that one; see the port."""
        there = select(_ACCOUNT.c.id).where(_ACCOUNT.c.crm == place.crm, _ACCOUNT.c.crm_id == place.account_id)
        moved = {"crm": place.crm, "account_id": there.scalar_subquery()}
        self._connection.execute(update(_ACTION).where(_ACTION.c.id == action_id).values(moved))
        note(self._connection, action_id, "moved", detail=f"{place.crm}/{place.account_id}", at=at)
        self._mark_dirty(action_id, cause="action moved", at=at)

    def overdue(self, *, today: date) -> Mapping[str, int]:
        """How many open actions each owner has whose due day is before a day; see the port."""
        return action_counts.overdue_by_owner(self._connection, today=today)

    def counts(self, *, today: date) -> ActionCounts:
        """How actions stand on a day of the organisation's."""
        return action_counts.counts(self._connection, today=today)

    def _mark_dirty(self, action_id: int, *, cause: str, at: datetime) -> None:
        """Mark every live record of the action's joined account, whose fields show how many actions are open."""
        account_id = self._connection.scalar(select(_ACTION.c.account_id).where(_ACTION.c.id == action_id))
        members = account_ids(self._connection, joined_ids(self._connection, [account_id or 0]).values())
        living = select(_ACCOUNT.c.id).where(_ACCOUNT.c.id.in_(members), _ACCOUNT.c.removed_at.is_(None))
        mark_dirty(self._connection, RecordKind.ACCOUNT, living, cause=cause, at=at)


def _row(new: NewAction) -> dict[str, Any]:
    answered = new.answered
    return {
        "response_id": answered.response_id,
        "program": answered.program,
        "rule": new.rule,
        "account_id": answered.account_id,
        "contact_id": answered.contact_id,
        "person_id": answered.person_id,
        "owned_by": new.owned_by,
        "crm": new.crm,
        "owner_id": new.owner.owner_id,
        "owner_reason": new.owner.reason,
        "subject": new.subject,
        "cause": new.cause,
        "due_on": new.due_on,
        "state": ActionState.OPEN,
        "opened_at": new.opened_at,
    }
