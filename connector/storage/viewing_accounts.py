"""The list of joined accounts in SQL: which are on a page, and then what their lines show."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Select, case, func, or_, select, true

from connector.domain.actions import ActionState
from connector.domain.programs import RelationshipRule
from connector.domain.records import RecordKind
from connector.ports.storage.viewing import AccountLine, AccountOrder, AccountPage, AccountQuery
from connector.storage.anchors import anchors_of
from connector.storage.conditions import relationship_sql
from connector.storage.joined import is_merged, joined_account
from connector.storage.sameness import account_ids
from connector.storage.tables.acting import ActionRow
from connector.storage.tables.rows import alias_of, table_of
from connector.storage.viewing_scores import ACCOUNT, MERGE, account_scores, as_id

_ACTION = table_of(ActionRow)
_NAME = (func.lower(ACCOUNT.c.name), ACCOUNT.c.id)


def accounts(
    connection: Connection, query: AccountQuery, *, rules: Sequence[RelationshipRule], today: date
) -> AccountPage:
    """See the port."""
    relationship = relationship_sql(rules, anchors_of(connection, RecordKind.ACCOUNT).tables)
    found = _found(query, relationship)
    total = connection.scalar(found.with_only_columns(func.count())) or 0
    ids = connection.scalars(_ordered(found, query.order, today=today).limit(query.limit).offset(query.offset)).all()
    lines = {line.id: line for line in _lines(connection, ids, relationship=relationship, today=today)}
    return AccountPage(lines=[lines[each] for each in ids], total=total)


def _found(query: AccountQuery, relationship: ColumnElement[str]) -> Select[Any]:
    """Ids of live accounts that stand for themselves; a type is told from the same facts as when it is planned."""
    found = select(ACCOUNT.c.id).where(ACCOUNT.c.removed_at.is_(None), ACCOUNT.c.joined_id.is_(None))
    if query.text:
        found = found.where(ACCOUNT.c.name.icontains(query.text, autoescape=True))
    if query.relationship is not None:
        found = found.where(relationship == query.relationship)
    return found


def _ordered(found: Select[Any], order: AccountOrder, *, today: date) -> Select[Any]:
    match order:
        case AccountOrder.NAME:
            return found.order_by(*_NAME)
        case AccountOrder.ACTIONS:
            actions = _actions(today)
            overdue, waiting = func.coalesce(actions.c.overdue, 0), func.coalesce(actions.c.open, 0)
            found = found.outerjoin(actions, actions.c.root == ACCOUNT.c.id)
            return found.order_by(overdue.desc(), waiting.desc(), *_NAME)
        case AccountOrder.VOICES | AccountOrder.LOWEST:
            scores = account_scores()
            found = found.outerjoin(scores, scores.c.root == ACCOUNT.c.id)
            if order is AccountOrder.VOICES:
                return found.order_by(func.coalesce(scores.c.voices, 0).desc(), *_NAME)
            return found.order_by(case((scores.c.lowest.is_(None), 1), else_=0), scores.c.lowest, *_NAME)


def _lines(
    connection: Connection, ids: Sequence[int], *, relationship: ColumnElement[str], today: date
) -> list[AccountLine]:
    members = account_ids(connection, ids)
    scores, actions = account_scores(members), _actions(today, members)
    query = (
        select(ACCOUNT.c.id, ACCOUNT.c.name, relationship.label("relationship"))
        .add_columns(scores.c.score, scores.c.lowest, scores.c.heard_at)
        .add_columns(func.coalesce(scores.c.voices, 0).label("voices"))
        .add_columns(func.coalesce(actions.c.open, 0).label("open_actions"))
        .add_columns(func.coalesce(actions.c.overdue, 0).label("overdue"))
        .select_from(ACCOUNT)
        .outerjoin(scores, scores.c.root == ACCOUNT.c.id)
        .outerjoin(actions, actions.c.root == ACCOUNT.c.id)
        .where(ACCOUNT.c.id.in_(ids))
    )
    crms = _crms(connection, ids)
    return [AccountLine(**row._mapping, crms=crms[row.id]) for row in connection.execute(query)]


def _actions(today: date, asked: Sequence[int] | None = None) -> CTE:
    """Open and overdue actions by joined account; `asked` limits it to actions of these accounts' records."""
    now = alias_of(ACCOUNT, "action_account")
    late = case((_ACTION.c.due_on < today, 1), else_=0)
    winner = func.coalesce(MERGE.c.into_id, _ACTION.c.account_id)
    merged = (MERGE.c.record_id == _ACTION.c.account_id) & is_merged(MERGE, RecordKind.ACCOUNT)
    root = as_id(joined_account(now))
    return (
        select(root.label("root"), func.count().label("open"), func.sum(late).label("overdue"))
        .select_from(_ACTION.outerjoin(MERGE, merged).join(now, now.c.id == winner))
        .where(_ACTION.c.state == ActionState.OPEN, true() if asked is None else _ACTION.c.account_id.in_(asked))
        .group_by(root)
        .cte("account_actions")
        .prefix_with("MATERIALIZED")
    )


def _crms(connection: Connection, roots: Sequence[int]) -> Mapping[int, list[str]]:
    """The connections in which each joined account has a live record, that of its first record first."""
    query = (
        select(joined_account(ACCOUNT).label("root"), ACCOUNT.c.crm)
        .where(or_(ACCOUNT.c.id.in_(roots), ACCOUNT.c.joined_id.in_(roots)), ACCOUNT.c.removed_at.is_(None))
        .order_by(case((ACCOUNT.c.joined_id.is_(None), 0), else_=1), ACCOUNT.c.id)
    )
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for root, crm in connection.execute(query):
        found[root][crm] = None
    return defaultdict(list, {root: list(crms) for root, crms in found.items()})
