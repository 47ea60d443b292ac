"""Both databases for every store suite."""

import pytest

from tests.databases import postgres_server, postgres_storage, rows, sqlite_storage, storage

__all__ = ["postgres_server", "postgres_storage", "rows", "sqlite_storage", "storage"]

pytest.register_assert_rewrite("connector.testing")
