"""The schema's revisions on both databases: up, down, equal to the tables, and never onto an unknown revision."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from connector.domain.records import RecordKind
from connector.ports.errors import StorageError
from connector.storage.engine import SqlStorage, open_storage
from connector.storage.migrations import apply
from connector.testing.store_pages import gone, hour, page, record, store
from tests.databases import empty_url, postgres_server

__all__ = ["empty_url", "postgres_server"]


@pytest.fixture
def empty(empty_url: str) -> Iterator[SqlStorage]:
    opened = open_storage(empty_url)
    yield opened
    opened.close()


def table_names(storage: SqlStorage) -> set[str]:
    return set(inspect(storage.engine).get_table_names())


def test_an_empty_database_gets_every_table_and_nothing_else(empty: SqlStorage) -> None:
    empty.migrate()
    assert table_names(empty) == {*SQLModel.metadata.tables, "alembic_version"}


def test_the_migrated_schema_equals_the_tables(empty: SqlStorage) -> None:
    empty.migrate()
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_missing_index_would_be_noticed(empty: SqlStorage) -> None:
    empty.migrate()
    with empty.engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_contact_address"))
    with empty.engine.connect() as connection:
        ((found, index),) = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    assert (found, index.name) == ("add_index", "ix_contact_address")


def test_migrating_again_changes_nothing(empty: SqlStorage) -> None:
    empty.migrate()
    store(empty, page(record("A", name="Anna")), at=hour(1))
    empty.migrate()
    with empty.snapshot() as unit:
        assert unit.records.counts()["salesforce"]["contact"] == 1


@pytest.mark.parametrize("is_filled", [False, True])
def test_every_revision_goes_down_and_up_again(empty: SqlStorage, is_filled: bool) -> None:
    empty.migrate()
    if is_filled:
        store(empty, page(record("A", name="Anna", address="anna@berg.example"), record("B")), at=hour(1))
        store(empty, page(record("A", name="Anna B"), kind=RecordKind.ACCOUNT), at=hour(1))
        store(empty, gone("A", into="B"), at=hour(2))
    with empty.engine.begin() as connection:
        apply.downgrade(connection, to="base")
    assert table_names(empty) == {"alembic_version"}
    empty.migrate()
    assert table_names(empty) == {*SQLModel.metadata.tables, "alembic_version"}


def test_a_database_of_an_unknown_revision_is_refused_and_left_alone(empty: SqlStorage) -> None:
    empty.migrate()
    with empty.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"'9999'.*does not know.*restore a backup"):
        empty.migrate()
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["9999"]


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: SqlStorage) -> None:
    with empty.engine.begin() as connection:
        connection.execute(text("CREATE TABLE write_log (id INTEGER)"))
    with pytest.raises(StorageError):
        empty.migrate()
    assert table_names(empty) == {"write_log"}


def test_every_constraint_of_the_tables_has_a_name_that_a_later_revision_can_use() -> None:
    constraints = [constraint for table in SQLModel.metadata.tables.values() for constraint in table.constraints]
    assert [str(constraint) for constraint in constraints if not constraint.name] == []
