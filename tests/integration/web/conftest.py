"""A public site over a small world whose people have been asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlmodel import SQLModel

from connector.domain.links import LinkPurpose
from connector.ports.storage.asking import Decided
from connector.storage.engine import SqlStorage
from connector.testing.asking_world import (
    CLOSES_AT,
    MONDAY,
    PROGRAM,
    decide_to_ask,
    invite,
    link,
    store_records,
)
from connector.testing.asking_world import POLICY as LIVE
from connector.testing.fakes import FakeClock
from connector.web.public import PublicSite, public_app


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A public site, a client for it, and Anna's, Ben's and Cara's links; her mail is on its way to each."""

    storage: SqlStorage
    clock: FakeClock
    client: TestClient
    decided: Sequence[Decided]
    invitations: Sequence[int]
    answer: str
    other: str
    third: str
    leave: str

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.storage.engine.connect() as connection:
            return {
                name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
                for name, table in SQLModel.metadata.tables.items()
            }

    def messages(self) -> dict[int, str]:
        """Anna's, Ben's and Cara's messages in this order: id and state."""
        table = SQLModel.metadata.tables["message"]
        with self.storage.engine.connect() as connection:
            query = select(table.c.id, table.c.state).order_by(table.c.invitation_id)
            return {row.id: row.state for row in connection.execute(query)}

    def count(self, table: str) -> int:
        """How many rows a table has."""
        with self.storage.engine.connect() as connection:
            return int(connection.scalar(select(func.count()).select_from(SQLModel.metadata.tables[table])) or 0)


@pytest.fixture
def site(storage: SqlStorage) -> Iterator[Site]:
    """A fresh world of three people who have just been asked, on each database."""
    store_records(storage)
    decide_to_ask(storage)
    with storage.snapshot() as unit:
        decided = unit.invitations.undone(programs=[PROGRAM.id], today=MONDAY.date(), limit=9)
    nonces = [bytes([number]) * 16 for number in (1, 2, 3)]
    invitations = [
        invite(storage, each, nonce=nonce, closes_at=CLOSES_AT) for each, nonce in zip(decided, nonces, strict=True)
    ]
    clock = FakeClock()
    public = PublicSite(
        storage=storage, clock=clock, organisation=LIVE.organisation, public_url="https://feedback.kea.example"
    )
    with TestClient(public_app(public), raise_server_exceptions=False, follow_redirects=False) as client:
        yield Site(
            storage=storage,
            clock=clock,
            client=client,
            decided=decided,
            invitations=invitations,
            answer=f"/a/{link(nonces[0])}",
            other=f"/a/{link(nonces[1])}",
            third=f"/a/{link(nonces[2])}",
            leave=f"/u/{link(nonces[0], purpose=LinkPurpose.UNSUBSCRIBE)}",
        )
