"""Brings a database to a revision of the schema, inside the caller's transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from connector.ports.errors import StorageError

_LOCK = 0x636C_6F73
"""Any number of our own: workers that start together on PostgreSQL migrate one after the other."""


def outdated(connection: Connection) -> str | None:
    """The revision of a database that is to be migrated; None where it is empty or at the newest one.

    Nobody else migrates until the caller's transaction ends. Raises StorageError where the revision is unknown.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    scripts = ScriptDirectory.from_config(_config(connection))
    _refuse_unknown(connection, scripts)
    found = MigrationContext.configure(connection).get_current_revision()
    return None if found == scripts.get_current_head() else found


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest revision; the caller has asked whether it is outdated."""
    command.upgrade(_config(connection), "head")


def downgrade(connection: Connection, *, to: str) -> None:
    """Take the schema back to an older revision, or to `base`, which is an empty database."""
    command.downgrade(_config(connection), to)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _refuse_unknown(connection: Connection, scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise StorageError(
                f"The database is at revision {revision!r}, which this version of closedloop does not know. "
                "Nothing was changed. Start the version that wrote it or a newer one, or restore a backup from before "
                "it: those of a SQLite database lie beside it and end in .backup."
            )
