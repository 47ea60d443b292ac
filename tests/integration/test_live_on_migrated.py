"""The revision that tells test from live: a program that was real before was live, and opens no less than it did."""

from datetime import date

from sqlalchemy import text

from connector.storage.engine import open_storage
from connector.storage.migrations import apply
from tests.databases import empty_url, postgres_server

__all__ = ["empty_url", "postgres_server"]
START = "INSERT INTO track_start (program, track, started_on) VALUES ('ongoing', 'real', '2026-01-05')"


def test_a_program_that_was_real_before_has_been_live_since_the_same_day(empty_url: str) -> None:
    storage = open_storage(empty_url)
    storage.migrate()
    with storage.engine.begin() as connection:
        apply.downgrade(connection, to="0005")
        connection.execute(text(START))
    storage.migrate()
    with storage.snapshot() as unit:
        assert (unit.decisions.real_since("ongoing"), unit.decisions.live_since("ongoing")) == (date(2026, 1, 5),) * 2
    storage.close()
