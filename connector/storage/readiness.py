"""Whether a database can be read as it is: looked at without making, changing or migrating anything."""

from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from connector.ports.errors import StorageError
from connector.storage import refusals
from connector.storage.migrations import apply

MISSING = "there is no database yet: `closedloop run sync` makes it and reads the records"
OTHER = "the database is of another version of closedloop: `closedloop run sync` brings an older one up to date"


def unreadiness(engine: Engine) -> str | None:
    """Why a database cannot be read by this version, or None where it can; a database that is not there stays so.

    Raises StorageError where it cannot be reached.
    """
    if engine.dialect.name == "sqlite" and not _is_there(engine.url.database):
        return MISSING
    with refusals.refusals_named(), engine.connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    if not heads:
        return MISSING
    newest = ScriptDirectory(str(Path(apply.__file__).parent)).get_heads()
    return None if set(heads) == set(newest) else OTHER


def _is_there(path: str | None) -> bool:
    """Whether a SQLite file holds anything; connecting would make it."""
    if path is None or not Path(path).is_file():
        return False
    try:
        return Path(path).stat().st_size > 0
    except OSError as error:
        raise StorageError(f"The database {path} cannot be read: {error.strerror}") from error
