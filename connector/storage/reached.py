"""Whom a test list reaches, in SQL; names of accounts are compared here, as no index knows them in any case."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from connector.domain.listed import Listed
from connector.domain.records import RecordKind
from connector.ports.storage.counting import Reached
from connector.storage.gating import matches_any
from connector.storage.joined import joined_account
from connector.storage.sameness import account_ids
from connector.storage.tables.kinds import RECORD_TABLES

_ACCOUNT, _CONTACT = RECORD_TABLES[RecordKind.ACCOUNT], RECORD_TABLES[RecordKind.CONTACT]


def reached(connection: Connection, listed: Listed) -> Reached:
    """See the port."""
    live = select(_ACCOUNT.c.crm_id, _ACCOUNT.c.name, joined_account(_ACCOUNT).label("joined_id"))
    words, joined = Counter[str](), set[int]()
    for row in connection.execute(live.where(_ACCOUNT.c.removed_at.is_(None))):
        meant = listed.words_for(name=row.name, crm_id=row.crm_id)
        words.update(meant)
        joined |= {row.joined_id} if meant else set()
    accounts = account_ids(connection, joined)
    persons, _ = _persons(connection, listed.recipients, accounts=accounts)
    return Reached(
        persons=persons,
        accounts=len(joined),
        words={word: words[word] for word in listed.accounts},
        recipients={each: _persons(connection, (each,), accounts=accounts) for each in listed.recipients},
    )


def _persons(connection: Connection, recipients: tuple[str, ...], *, accounts: Sequence[int]) -> tuple[int, int]:
    """How many persons have a live contact with one of these addresses: at these accounts, and anywhere."""
    sits: ColumnElement[bool] = and_(_CONTACT.c.crm == _ACCOUNT.c.crm, _CONTACT.c.account == _ACCOUNT.c.crm_id)
    at_account = case((_ACCOUNT.c.id.in_(accounts), _CONTACT.c.person_id))
    query = (
        select(func.count(at_account.distinct()), func.count(_CONTACT.c.person_id.distinct()))
        .select_from(_CONTACT.outerjoin(_ACCOUNT, sits))
        .where(_CONTACT.c.removed_at.is_(None), matches_any(_CONTACT.c.address, recipients))
    )
    there, anywhere = connection.execute(query).one()
    return there, anywhere
