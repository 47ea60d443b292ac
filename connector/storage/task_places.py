"""Where a task can live and who can have it, in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, select, union
from sqlalchemy.sql import Select

from connector.domain.actions import Place
from connector.domain.owners import Owner
from connector.domain.records import RecordKind
from connector.storage.joined import living_record
from connector.storage.sameness import account_ids, joined_ids, person_ids
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.records import RecordAliasRow
from connector.storage.tables.rows import table_of

_ALIAS = table_of(RecordAliasRow)
_ACCOUNT, _CONTACT = RECORD_TABLES[RecordKind.ACCOUNT], RECORD_TABLES[RecordKind.CONTACT]
_OWNER = RECORD_TABLES[RecordKind.OWNER]


class SqlPlaces:
    """Read over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def places(
        self, account_id: int, *, person_id: int | None, contact_id: int | None, pairs: Mapping[str, str]
    ) -> Sequence[Place]:
        """See the port; of a person's contacts at one account the invited one comes first."""
        members, people = self._members(account_id), self._people(person_id)
        invited = self._invited(contact_id)
        rows = list(self._connection.execute(_seats(members, people=people)))
        if invited is not None:
            twins = self._named(_CONTACT, [invited], pairs=pairs)
            rows += self._connection.execute(_seats_elsewhere(members, contacts=twins))
        rows = rows or list(self._connection.execute(_seats(self._namesakes(members, pairs=pairs), people=people)))
        return _first_places(rows, invited=invited)

    def parted(
        self, account_id: int, *, crm: str, person_id: int | None, contact_id: int | None, since: datetime
    ) -> Sequence[Place]:
        """See the port."""
        members, people = self._members(account_id), self._people(person_id)
        invited = self._invited(contact_id)
        accounts = self._parted(RecordKind.ACCOUNT, members, since=since)
        contacts = self._parted(RecordKind.CONTACT, [] if invited is None else [invited.id], since=since)
        seats = (_seats(accounts, people=people), _seats_elsewhere(members, contacts=contacts))
        rows = [row for each in seats for row in self._connection.execute(each.where(_ACCOUNT.c.crm == crm))]
        return _first_places(rows, invited=invited)

    def _parted(self, kind: RecordKind, ids: Sequence[int], *, since: datetime) -> list[int]:
        """Records that were joined with these at a moment or later: all of a group lead to its first record."""
        was = and_(_ALIAS.c.kind == kind.value, _ALIAS.c.cause == "same_as", _ALIAS.c.to_at >= since)
        firsts = self._connection.scalars(select(_ALIAS.c.into_id).where(was, _ALIAS.c.record_id.in_(ids)))
        known = {*ids, *firsts}
        others = self._connection.scalars(select(_ALIAS.c.record_id).where(was, _ALIAS.c.into_id.in_(known)))
        return sorted({*known, *others} - set(ids))

    def _members(self, account_id: int) -> list[int]:
        return account_ids(self._connection, joined_ids(self._connection, [account_id]).values())

    def _people(self, person_id: int | None) -> Sequence[int]:
        return [] if person_id is None else person_ids(self._connection, person_id)

    def _invited(self, contact_id: int | None) -> Any:
        """The invited contact, or the one it was merged into."""
        asked = _CONTACT.alias("asked")
        living = select(living_record(RecordKind.CONTACT, asked.c.id)).where(asked.c.id == contact_id)
        query = select(_CONTACT.c.id, _CONTACT.c.crm, _CONTACT.c.crm_id, _CONTACT.c.same_as).where(
            _CONTACT.c.id == living.scalar_subquery()
        )
        return None if contact_id is None else self._connection.execute(query).one_or_none()

    def _namesakes(self, gone: Sequence[int], *, pairs: Mapping[str, str]) -> Sequence[int]:
        """The accounts that were one with an account until it left its CRM: they still name it, or it names them."""
        left = self._connection.execute(
            select(_ACCOUNT.c.crm, _ACCOUNT.c.crm_id, _ACCOUNT.c.same_as).where(_ACCOUNT.c.id.in_(gone))
        )
        return self._named(_ACCOUNT, left.all(), pairs=pairs)

    def _named(self, table: FromClause, records: Iterable[Any], *, pairs: Mapping[str, str]) -> Sequence[int]:
        """The ids of records that name one of these or that one of these names; each side by an index of its own."""
        sides = [side for record in records for side in same_as_sides(table, record, pairs=pairs)]
        return self._connection.scalars(union(*sides)).all() if sides else []

    def owners(self, crm: str) -> Mapping[str, Owner]:
        """The owners of a CRM by id, removed ones left out."""
        columns = (_OWNER.c.crm_id, _OWNER.c.address, _OWNER.c.is_active, _OWNER.c.manager)
        query = select(*columns).where(_OWNER.c.crm == crm, _OWNER.c.removed_at.is_(None))
        return {
            row.crm_id: Owner(crm_id=row.crm_id, address=row.address, is_active=row.is_active, manager=row.manager)
            for row in self._connection.execute(query)
        }


def _seats(members: Sequence[int], *, people: Sequence[int]) -> Select[Any]:
    """The live accounts, each with every live contact of the person there, or with none."""
    sits = and_(_sits_there(), _CONTACT.c.removed_at.is_(None), _CONTACT.c.person_id.in_(people))
    query = _columns().select_from(_ACCOUNT.outerjoin(_CONTACT, sits))
    return query.where(_ACCOUNT.c.id.in_(members), _ACCOUNT.c.removed_at.is_(None))


def same_as_sides(table: FromClause, record: Row[Any], *, pairs: Mapping[str, str]) -> list[Select[Any]]:
    """Where a record's others are: what it names in the CRM of its pair, and those of each CRM that names its own."""
    pointing = sorted(crm for crm, into in pairs.items() if into == record.crm)
    sides = [select(table.c.id).where(table.c.crm == crm, table.c.same_as == record.crm_id) for crm in pointing]
    if record.same_as is not None and record.crm in pairs:
        sides.append(select(table.c.id).where(table.c.crm == pairs[record.crm], table.c.crm_id == record.same_as))
    return sides


def _seats_elsewhere(members: Sequence[int], *, contacts: Sequence[int]) -> Select[Any]:
    """The accounts of live contacts that are not joined with ours."""
    return (
        _columns()
        .select_from(_ACCOUNT.join(_CONTACT, _sits_there()))
        .where(_CONTACT.c.id.in_(contacts), _CONTACT.c.removed_at.is_(None))
        .where(_ACCOUNT.c.id.not_in(members), _ACCOUNT.c.removed_at.is_(None))
    )


def _sits_there() -> ColumnElement[bool]:
    return and_(_CONTACT.c.crm == _ACCOUNT.c.crm, _CONTACT.c.account == _ACCOUNT.c.crm_id)


def _columns() -> Select[Any]:
    return select(
        _ACCOUNT.c.id.label("account_key"),
        _ACCOUNT.c.crm,
        _ACCOUNT.c.crm_id.label("account_id"),
        _ACCOUNT.c.name.label("account_name"),
        _ACCOUNT.c.owner.label("account_owner"),
        _CONTACT.c.id.label("contact_key"),
        _CONTACT.c.crm_id.label("contact_id"),
        _CONTACT.c.name.label("contact_name"),
        _CONTACT.c.owner.label("contact_owner"),
        _CONTACT.c.counterpart,
    )


def _first_places(rows: Iterable[Row[Any]], *, invited: Any) -> list[Place]:
    """A place for each account, with the invited contact where they sit there, else the oldest."""
    living, asked_in = (None, None) if invited is None else (invited.id, invited.crm)
    first: dict[int, Row[Any]] = {}
    for row in sorted(rows, key=lambda row: (row.account_key, row.contact_key != living, row.contact_key or 0)):
        first.setdefault(row.account_key, row)
    return [_place(row, asked_in=asked_in) for row in first.values()]


def _place(row: Row[Any], *, asked_in: str | None) -> Place:
    return Place(
        crm=row.crm,
        account_id=row.account_id,
        account_name=row.account_name,
        account_owner=row.account_owner,
        contact_id=row.contact_id,
        contact_name=row.contact_name,
        contact_owner=row.contact_owner,
        was_asked=row.crm == asked_in,
        counterpart=row.counterpart,
    )
