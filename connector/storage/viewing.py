"""The views of pages on SQL; each is a module of its own."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from connector.domain.programs import RelationshipRule
from connector.ports.storage.viewing import AccountPage, AccountQuery, Heard, Seat, Trouble
from connector.ports.storage.viewing_account import AccountView
from connector.storage import viewing_account, viewing_accounts, viewing_heard, viewing_troubles


class SqlViews:
    """The view store over one database connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def accounts(self, query: AccountQuery, *, rules: Sequence[RelationshipRule], today: date) -> AccountPage:
        return viewing_accounts.accounts(self._connection, query, rules=rules, today=today)

    def account(self, account_id: int, *, limit: int) -> AccountView | None:
        return viewing_account.account(self._connection, account_id, limit=limit)

    def heard(self, *, limit: int) -> Heard:
        return viewing_heard.heard(self._connection, limit=limit)

    def seats(self, contact_ids: Collection[int]) -> Mapping[int, Seat]:
        return viewing_heard.seats(self._connection, contact_ids)

    def troubles(self, *, now: datetime) -> Sequence[Trouble]:
        return viewing_troubles.troubles(self._connection, now=now)
