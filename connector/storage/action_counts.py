"""How many actions are open, overdue or without a task: by owner, by account, and in all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, and_, exists, func, select

from connector.domain.actions import ActionState, TaskStage
from connector.domain.records import RecordKind
from connector.ports.storage.acting import ActionCounts
from connector.storage.sameness import account_ids, joined_ids
from connector.storage.tables.acting import ActionRow, TaskRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import table_of

_ACTION, _TASK, _OWNER = table_of(ActionRow), table_of(TaskRow), RECORD_TABLES[RecordKind.OWNER]
_NUMBER = func.count().label("number")
_IS_OPEN = _ACTION.c.state == ActionState.OPEN
_HAS_TASK = exists().where(_TASK.c.action_id == _ACTION.c.id, _TASK.c.state == TaskStage.MADE)
"""Only the newest task of an action can be made: a new one is intended when the one before is gone or dropped."""


def open_actions(connection: Connection, accounts: Iterable[int]) -> dict[int, Counter[str]]:
    """How many actions are open for the joined account of each of these accounts, by the program that opened them."""
    joined = joined_ids(connection, accounts)
    everyone = account_ids(connection, set(joined.values()))
    whose = _ACTION.c.account_id, _ACTION.c.program
    query = select(*whose, _NUMBER).where(_IS_OPEN, _ACTION.c.account_id.in_(everyone)).group_by(*whose)
    counted = connection.execute(query).all()
    leads_to = joined_ids(connection, {row.account_id for row in counted})
    totals: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for row in counted:
        totals[leads_to[row.account_id]][row.program] += row.number
    return {account: totals[joined_id] for account, joined_id in joined.items()}


def overdue_by_owner(connection: Connection, *, today: date) -> dict[str, int]:
    """See the port."""
    query = (
        select(_ACTION.c.crm, _ACTION.c.owner_id, _OWNER.c.address, func.count())
        .outerjoin(_OWNER, and_(_OWNER.c.crm == _ACTION.c.crm, _OWNER.c.crm_id == _ACTION.c.owner_id))
        .where(_IS_OPEN, _HAS_TASK, _ACTION.c.due_on < today, _ACTION.c.owner_id.is_not(None))
        .group_by(_ACTION.c.crm, _ACTION.c.owner_id, _OWNER.c.address)
    )
    totals: Counter[str] = Counter()
    for crm, owner_id, address, number in connection.execute(query):
        for key in {f"{crm}/{owner_id}", *_same_address(connection, address)}:
            totals[key] += number
    return dict(totals)


def _same_address(connection: Connection, address: str | None) -> list[str]:
    if address is None:
        return []
    query = select(_OWNER.c.crm, _OWNER.c.crm_id)
    query = query.where(func.lower(_OWNER.c.address) == address.lower(), _OWNER.c.removed_at.is_(None))
    return [f"{crm}/{crm_id}" for crm, crm_id in connection.execute(query)]


def counts(connection: Connection, *, today: date) -> ActionCounts:
    """See the port."""
    states = connection.execute(select(_ACTION.c.state, _NUMBER).group_by(_ACTION.c.state))
    by_state = {row.state: row.number for row in states}
    overdue = select(func.count()).select_from(_ACTION).where(_IS_OPEN, _ACTION.c.due_on < today)
    return ActionCounts(
        open=by_state.get(ActionState.OPEN, 0),
        overdue=connection.scalar(overdue) or 0,
        done=by_state.get(ActionState.DONE, 0),
        dropped=by_state.get(ActionState.DROPPED, 0),
        without_task=_without_task(connection),
        refused=_refused(connection),
    )


def _without_task(connection: Connection) -> Mapping[str, int]:
    """Open actions whose newest task is not made; by CRM, with an empty name for those of an account in none."""
    crm = func.coalesce(_ACTION.c.crm, "")
    query = select(crm.label("crm"), _NUMBER).where(_IS_OPEN, ~_HAS_TASK).group_by(crm)
    return {row.crm: row.number for row in connection.execute(query)}


def _refused(connection: Connection) -> Mapping[str, list[str]]:
    query = (
        select(_TASK.c.crm, _TASK.c.error)
        .join(_ACTION, _ACTION.c.id == _TASK.c.action_id)
        .where(_TASK.c.state == TaskStage.REFUSED, _IS_OPEN)
        .order_by(_TASK.c.id.desc())
    )
    refused: dict[str, list[str]] = defaultdict(list)
    for crm, error in connection.execute(query):
        refused[crm].append(error or "")
    return dict(refused)
