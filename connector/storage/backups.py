"""A copy of a SQLite database beside it, made before its schema changes; PostgreSQL's operators make their own."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import Engine

from connector.ports.errors import StorageError

KEPT = 3
"""So many newest backups stay, and of so many revisions the first; each is as large as the database was."""
_SUFFIX, _UNFINISHED = ".backup", ".backup-unfinished"
log = structlog.get_logger()


def back_up(engine: Engine, *, revision: str) -> Path | None:
    """Copy a SQLite file as it was last committed, named by its revision and the moment in UTC; the copy's path.

    The caller holds the database's write lock, so nothing comes between the copy and what it is made for. Once this
    returns, the copy is on the disk, whole. For PostgreSQL, and for a database in memory, it is only said that there
    is none. Raises StorageError where the copy cannot be made.
    """
    database = _file_of(engine)
    if database is None:
        log.warning("no_backup_made", database=engine.dialect.name, revision=revision, do="pg_dump before an update")
        return None
    with _refused(database):
        made = _copy(database, database.with_name(f"{database.name}.{revision}-{_moment()}{_SUFFIX}"))
        _thin_out(database)
    log.warning("backup_made", file=made.name, revision=revision)
    return made


def backups_of(database: Path) -> list[Path]:
    """The finished backups of a database file, oldest first."""
    found = [each for each in database.parent.iterdir() if _is_backup(each, database)]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _is_backup(path: Path, database: Path) -> bool:
    return path.name.startswith(f"{database.name}.") and path.name.endswith(_SUFFIX)


def _file_of(engine: Engine) -> Path | None:
    name = engine.url.database
    is_file = engine.dialect.name == "sqlite" and name and name != ":memory:"
    return Path(name).absolute() if is_file and name else None


def _moment() -> str:
    return datetime.fromtimestamp(time.time(), tz=UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def _copy(database: Path, target: Path) -> Path:
    """Copy through SQLite, which reads the write-ahead log too; half a copy never bears the name of a whole one."""
    unfinished = database.with_name(f"{database.name}{_UNFINISHED}")
    try:
        _private(unfinished, like=database)
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)
    finally:
        for left in ("", "-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                Path(f"{unfinished}{left}").unlink()
    return target


def _private(path: Path, *, like: Path) -> None:
    """An empty file that no more people can read than the database: it will hold the same people."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    shutil.copymode(like, path)


def _sync(path: Path) -> None:
    """Have the file, or the names in the folder, on the disk itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _thin_out(database: Path) -> None:
    """Keep the newest, and the first of each of the newest revisions, which no retry of an update can push out."""
    found = backups_of(database)
    first: dict[str, Path] = {}
    for path in found:
        first.setdefault(_revision(path), path)
    newest_revisions = list(dict.fromkeys(_revision(path) for path in reversed(found)))[:KEPT]
    stay = {*found[-KEPT:], *(first[revision] for revision in newest_revisions)}
    for old in found:
        if old not in stay:
            old.unlink(missing_ok=True)


def _revision(backup: Path) -> str:
    """What stands between the database's name and the moment; a moment has no hyphen."""
    return backup.name.rpartition("-")[0]


@contextmanager
def _refused(database: Path) -> Iterator[None]:
    """Turn each way in which a copy fails into a StorageError that says what to do."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        size = database.stat().st_size // 1_000_000 + 1
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StorageError(
            f"The database could not be backed up before its schema is changed ({reason}). Nothing was changed. "
            f"Make {size} MB free in {database.parent}, and see that it can be written to; then start again."
        ) from None
