"""The list of joined accounts in SQL: two queries a page, whatever it is ordered by."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Select, case, func, or_, select

from connector.domain.actions import ActionState
from connector.domain.programs import RelationshipRule
from connector.domain.records import RecordKind
from connector.ports.storage.viewing import AccountLine, AccountOrder, AccountPage, AccountQuery
from connector.storage.anchors import anchors_of
from connector.storage.conditions import relationship_sql
from connector.storage.joined import is_merged, joined_account
from connector.storage.tables.acting import ActionRow
from connector.storage.tables.rows import alias_of, table_of
from connector.storage.viewing_scores import ACCOUNT, MERGE, account_scores

_ACTION = table_of(ActionRow)


def accounts(
    connection: Connection, query: AccountQuery, *, rules: Sequence[RelationshipRule], today: date
) -> AccountPage:
    """See the port."""
    found = _found(connection, query, rules=rules)
    total = connection.scalar(select(func.count()).select_from(found.subquery())) or 0
    scores, actions = account_scores(), _actions(today)
    open_actions, overdue = func.coalesce(actions.c.open, 0), func.coalesce(actions.c.overdue, 0)
    voices = func.coalesce(scores.c.voices, 0)
    orders: Mapping[AccountOrder, Sequence[ColumnElement[Any]]] = {
        AccountOrder.VOICES: (voices.desc(),),
        AccountOrder.SCORE: (case((scores.c.score.is_(None), 1), else_=0), scores.c.score),
        AccountOrder.ACTIONS: (overdue.desc(), open_actions.desc()),
        AccountOrder.NAME: (),
    }
    page = (
        found.add_columns(scores.c.score, scores.c.heard_at)
        .add_columns(voices.label("voices"), open_actions.label("open_actions"), overdue.label("overdue"))
        .outerjoin(scores, scores.c.root == ACCOUNT.c.id)
        .outerjoin(actions, actions.c.root == ACCOUNT.c.id)
        .order_by(*orders[query.order], func.lower(ACCOUNT.c.name), ACCOUNT.c.id)
        .limit(query.limit)
        .offset(query.offset)
    )
    rows = connection.execute(page).all()
    crms = _crms(connection, [row.id for row in rows])
    return AccountPage(lines=[AccountLine(**row._mapping, crms=crms[row.id]) for row in rows], total=total)


def _found(connection: Connection, query: AccountQuery, *, rules: Sequence[RelationshipRule]) -> Select[Any]:
    """Live accounts that stand for themselves; an account's type is told from the same facts as when it is planned."""
    anchors = anchors_of(connection, RecordKind.ACCOUNT)
    relationship = relationship_sql(rules, anchors.tables)
    found = (
        select(ACCOUNT.c.id, ACCOUNT.c.name, relationship.label("relationship"))
        .select_from(ACCOUNT)
        .where(ACCOUNT.c.removed_at.is_(None), ACCOUNT.c.joined_id.is_(None))
    )
    if query.text:
        found = found.where(ACCOUNT.c.name.icontains(query.text, autoescape=True))
    if query.relationship is not None:
        found = found.where(relationship == query.relationship)
    return found


def _actions(today: date) -> CTE:
    """Open and overdue actions by joined account."""
    now = alias_of(ACCOUNT, "action_account")
    late = case((_ACTION.c.due_on < today, 1), else_=0)
    winner = func.coalesce(MERGE.c.into_id, _ACTION.c.account_id)
    merged = (MERGE.c.record_id == _ACTION.c.account_id) & is_merged(MERGE, RecordKind.ACCOUNT)
    return (
        select(joined_account(now).label("root"), func.count().label("open"), func.sum(late).label("overdue"))
        .select_from(_ACTION.outerjoin(MERGE, merged).join(now, now.c.id == winner))
        .where(_ACTION.c.state == ActionState.OPEN)
        .group_by(joined_account(now))
        .cte("account_actions")
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
