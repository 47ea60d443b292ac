"""Where an occurrence's people are: the contacts of its account, over all CRMs in which that is known."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from connector.domain.records import RecordKind
from connector.storage.conditions import Tables
from connector.storage.effective import JoinedAccount, JoinedContact
from connector.storage.joined import joined_account
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of

CONTACT, ACCOUNT = RECORD_TABLES[RecordKind.CONTACT], RECORD_TABLES[RecordKind.ACCOUNT]
_ALONE: Tables = {RecordKind.CONTACT: CONTACT, RecordKind.ACCOUNT: ACCOUNT}
_JOINED: Tables = {RecordKind.CONTACT: JoinedContact(CONTACT, ACCOUNT), RecordKind.ACCOUNT: JoinedAccount(ACCOUNT)}
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The account that stands for another or for itself, and whether live ones of other CRMs are joined to it."""

    first_id: int
    is_joined: bool = False

    @property
    def tables(self) -> Tables:
        """What tells the facts of the place and its people, over contacts beside the row of the first account."""
        return tables_of(is_joined=self.is_joined)


def tables_of(*, is_joined: bool) -> Tables:
    """What tells the facts of contacts and accounts, joined ones or such as stand for themselves alone."""
    return _JOINED if is_joined else _ALONE


def place_of(connection: Connection, account_id: int) -> Place:
    """The place of an account, which is that of the account that stands for it."""
    return places_of(connection, [account_id])[account_id]


def places_of(connection: Connection, account_ids: Iterable[int]) -> dict[int, Place]:
    """The place of each account; of some thousands as quickly as of one."""
    wanted = sorted(set(account_ids))
    other = alias_of(ACCOUNT, "joined_to_it")
    is_other = select(other.c.id).where(other.c.joined_id == joined_account(ACCOUNT), other.c.removed_at.is_(None))
    is_joined = is_other.correlate(ACCOUNT).exists().label("is_joined")
    query = select(ACCOUNT.c.id, joined_account(ACCOUNT).label("first_id"), is_joined)
    found: dict[int, Place] = {}
    for start in range(0, len(wanted), _CHUNK):
        for row in connection.execute(query.where(ACCOUNT.c.id.in_(wanted[start : start + _CHUNK]))):
            found[row.id] = Place(first_id=row.first_id, is_joined=bool(row.is_joined))
    return found
