"""The store suite on SQLite and on PostgreSQL."""

from connector.testing.store_contract import StoreContract


class TestSqlStorage(StoreContract):
    """Each case runs on both databases."""
