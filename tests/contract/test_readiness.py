"""Whether a database can be read as it is, found without making or changing it."""

from pathlib import Path

from sqlalchemy import inspect, text

from connector.storage.engine import open_storage
from connector.storage.readiness import MISSING, OTHER, unreadiness
from tests.databases import empty_url

__all__ = ["empty_url"]


def test_an_empty_database_is_missing_until_it_is_migrated_and_stays_empty(empty_url):
    storage = open_storage(empty_url)
    assert unreadiness(storage.engine) == MISSING
    if storage.engine.dialect.name == "sqlite":
        assert not Path(storage.engine.url.database).exists()
    assert inspect(storage.engine).get_table_names() == []
    storage.migrate()
    assert unreadiness(storage.engine) is None
    storage.close()


def test_a_database_of_another_revision_is_not_read(storage):
    with storage.engine.begin() as connection:
        known = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        assert unreadiness(storage.engine) == OTHER
    finally:
        with storage.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :known"), {"known": known})


def test_a_file_that_is_empty_is_no_database_yet(tmp_path):
    file = tmp_path / "closedloop.sqlite"
    file.touch()
    storage = open_storage(f"sqlite:///{file}")
    assert unreadiness(storage.engine) == MISSING
    assert file.stat().st_size == 0
    storage.close()
