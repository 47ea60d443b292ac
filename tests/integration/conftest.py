"""Both databases for every integration test that asks for `storage`."""

from tests.databases import postgres_server, postgres_storage, rows, sqlite_storage, storage

__all__ = ["postgres_server", "postgres_storage", "rows", "sqlite_storage", "storage"]
