"""Where a task can live and who can have it, in SQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select
from sqlalchemy.sql import Select

from connector.domain.actions import Place
from connector.domain.owners import Owner
from connector.domain.records import RecordKind
from connector.storage.joined import living_record
from connector.storage.sameness import account_ids, joined_ids, person_ids
from connector.storage.tables.kinds import RECORD_TABLES

_ACCOUNT, _CONTACT = RECORD_TABLES[RecordKind.ACCOUNT], RECORD_TABLES[RecordKind.CONTACT]
_OWNER = RECORD_TABLES[RecordKind.OWNER]


class SqlPlaces:
    """Read over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def places(self, account_id: int, *, person_id: int | None, contact_id: int | None) -> Sequence[Place]:
        """See the port; of a person's contacts at one account the invited one comes first."""
        members = account_ids(self._connection, joined_ids(self._connection, [account_id]).values())
        people = [] if person_id is None else person_ids(self._connection, person_id)
        invited = self._invited(contact_id)
        rows = list(self._connection.execute(_seats(members, people=people)))
        if invited is not None:
            rows += self._connection.execute(_twins(members, invited=invited))
        rows = rows or list(self._connection.execute(_seats(self._namesakes(members), people=people)))
        living = None if invited is None else invited.id
        first: dict[int, Row[Any]] = {}
        for row in sorted(rows, key=lambda row: (row.account_key, row.contact_key != living, row.contact_key or 0)):
            first.setdefault(row.account_key, row)
        return [_place(row, asked_in=None if invited is None else invited.crm) for row in first.values()]

    def _invited(self, contact_id: int | None) -> Any:
        """The invited contact, or the one it was merged into."""
        asked = _CONTACT.alias("asked")
        living = select(living_record(RecordKind.CONTACT, asked.c.id)).where(asked.c.id == contact_id)
        query = select(_CONTACT.c.id, _CONTACT.c.crm, _CONTACT.c.crm_id, _CONTACT.c.same_as).where(
            _CONTACT.c.id == living.scalar_subquery()
        )
        return None if contact_id is None else self._connection.execute(query).one_or_none()

    def _namesakes(self, gone: Sequence[int]) -> Sequence[int]:
        """The accounts that were one with an account until it left its CRM: they still name it, or it names them."""
        left = _ACCOUNT.alias("left_account")
        names = or_(_ACCOUNT.c.same_as == left.c.crm_id, _ACCOUNT.c.crm_id == left.c.same_as)
        query = select(_ACCOUNT.c.id).join(left, and_(left.c.crm != _ACCOUNT.c.crm, names)).where(left.c.id.in_(gone))
        return self._connection.scalars(query).all()

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


def _twins(members: Sequence[int], *, invited: Row[Any]) -> Select[Any]:
    """The invited contact's own record in another CRM, at an account that is not joined with ours."""
    is_twin = or_(_CONTACT.c.same_as == invited.crm_id, _CONTACT.c.crm_id == invited.same_as)
    return (
        _columns()
        .select_from(_ACCOUNT.join(_CONTACT, _sits_there()))
        .where(_CONTACT.c.crm != invited.crm, is_twin, _CONTACT.c.removed_at.is_(None))
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
    )


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
    )
