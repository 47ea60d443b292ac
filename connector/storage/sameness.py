"""Which stored ids mean one account or one person: over merges, and over CRMs that were joined."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, or_, select

from connector.domain.records import RecordKind
from connector.storage.joined import joined_account, living_record
from connector.storage.refusal import living_person
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.people import PersonAliasRow, PersonRow
from connector.storage.tables.records import RecordAliasRow
from connector.storage.tables.rows import table_of

_ACCOUNT = RECORD_TABLES[RecordKind.ACCOUNT]
_MERGED, _PERSON, _JOINED = table_of(RecordAliasRow), table_of(PersonRow), table_of(PersonAliasRow)


def joined_ids(connection: Connection, account_ids: Iterable[int]) -> dict[int, int]:
    """The joined account of each account, merged ones included."""
    asked = _ACCOUNT.alias("asked")
    query = (
        select(asked.c.id, joined_account(_ACCOUNT).label("joined_id"))
        .select_from(asked.join(_ACCOUNT, _ACCOUNT.c.id == living_record(RecordKind.ACCOUNT, asked.c.id)))
        .where(asked.c.id.in_(list(account_ids)))
    )
    return {row.id: row.joined_id for row in connection.execute(query)}


def account_ids(connection: Connection, joined: Iterable[int]) -> list[int]:
    """Every account of these joined accounts, with those that were merged into one of them."""
    wanted = list(joined)
    members = select(_ACCOUNT.c.id).where(or_(_ACCOUNT.c.id.in_(wanted), _ACCOUNT.c.joined_id.in_(wanted)))
    merged = select(_MERGED.c.record_id).where(
        _MERGED.c.kind == RecordKind.ACCOUNT, _MERGED.c.into_id.in_(members), _MERGED.c.to_at.is_(None)
    )
    return sorted({*connection.scalars(members), *connection.scalars(merged)})


def person_ids(connection: Connection, person_id: int) -> Sequence[int]:
    """The person that somebody stands for now, first, and everybody who was joined into that one."""
    living = connection.scalar(select(living_person(_PERSON.c.id)).where(_PERSON.c.id == person_id))
    if living is None:
        return [person_id]
    joined = select(_JOINED.c.person_id).where(_JOINED.c.into_id == living, _JOINED.c.to_at.is_(None))
    return [living, *connection.scalars(joined.order_by(_JOINED.c.id))]
