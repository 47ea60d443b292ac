"""Groups over CRMs and parents of joined accounts, in SQL."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, func, or_, select, true

from connector.domain.listed import Listed
from connector.domain.records import RecordKind
from connector.storage.joined import is_joined, joined_account
from connector.storage.sameness import account_ids, joined_ids
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.records import RecordAliasRow
from connector.storage.tables.rows import table_of

_ALIAS = table_of(RecordAliasRow)
_ACCOUNT = RECORD_TABLES[RecordKind.ACCOUNT]


class SqlFamilies:
    """The family store over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def groups(self, kind: RecordKind, *, limit: int) -> tuple[int, Sequence[Sequence[str]]]:
        record = RECORD_TABLES[kind]
        joins = select(_ALIAS.c.into_id.label("first_id"), _ALIAS.c.record_id).where(is_joined(_ALIAS, kind))
        firsts = select(_ALIAS.c.into_id, _ALIAS.c.into_id).where(is_joined(_ALIAS, kind))
        members = joins.union(firsts).subquery("members")
        grouped = (
            select(members.c.first_id)
            .join(record, record.c.id == members.c.record_id)
            .group_by(members.c.first_id)
            .having(func.count() > func.count(record.c.crm.distinct()))
        )
        firsts_found = self._connection.scalars(grouped.order_by(members.c.first_id)).all()
        query = (
            select(members.c.first_id, _key(record))
            .join(record, record.c.id == members.c.record_id)
            .where(members.c.first_id.in_(firsts_found[:limit]))
            .order_by(members.c.first_id, case((record.c.id == members.c.first_id, 0), else_=1), record.c.id)
        )
        shown: dict[int, list[str]] = {}
        for first_id, key in self._connection.execute(query):
            shown.setdefault(first_id, []).append(key)
        return len(firsts_found), sorted(shown.values())

    def parents(self, *, home: str | None) -> Mapping[str, str]:
        member, named, first, top = (_ACCOUNT.alias(name) for name in ("member", "named", "first_one", "top_one"))
        child, parent = joined_account(member), joined_account(named)
        tells_first = func.row_number().over(
            partition_by=child, order_by=(case((member.c.joined_id.is_(None), 0), else_=1), member.c.id)
        )
        # Of a parent and its child that are one account there is nothing left to tell; who names itself is a circle.
        links = (
            select(child.label("child_id"), parent.label("parent_id"), tells_first.label("place"))
            .join(named, and_(named.c.crm == member.c.crm, named.c.crm_id == member.c.parent))
            .where(member.c.removed_at.is_(None), or_(child != parent, member.c.id == named.c.id), _tells(member, home))
            .subquery("links")
        )
        query = (
            select(_key(first).label("child"), _key(top).label("parent"))
            .select_from(links)
            .join(first, first.c.id == links.c.child_id)
            .join(top, and_(top.c.id == links.c.parent_id, top.c.removed_at.is_(None)))
            .where(links.c.place == 1)
        )
        return {row.child: row.parent for row in self._connection.execute(query)}

    def listed(self, listed: Listed, *, near: int | None = None) -> Sequence[int]:
        joined = joined_account(_ACCOUNT).label("joined_id")
        live = select(_ACCOUNT.c.crm_id, _ACCOUNT.c.name, joined).where(_ACCOUNT.c.removed_at.is_(None))
        if near is not None:
            live = live.where(_ACCOUNT.c.id.in_(self._members(joined_ids(self._connection, [near]).values())))
        rows = self._connection.execute(live)  # no index knows names in any case: a second of 100,000
        return self._members({row.joined_id for row in rows if listed.has_account(name=row.name, crm_id=row.crm_id)})

    def is_listed(self, listed: Listed, *, crm: str, crm_id: str) -> bool:
        own = self._connection.scalar(select(_ACCOUNT.c.id).where(_ACCOUNT.c.crm == crm, _ACCOUNT.c.crm_id == crm_id))
        return own is not None and own in self.listed(listed, near=own)

    def _members(self, joined: Iterable[int]) -> list[int]:
        return account_ids(self._connection, joined)


def _tells(member: FromClause, home: str | None) -> ColumnElement[bool]:
    return true() if home is None else member.c.crm == home


def _key(record: FromClause) -> ColumnElement[str]:
    return record.c.crm + "/" + record.c.crm_id
