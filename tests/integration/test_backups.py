"""Before its schema changes a SQLite database is copied beside itself; what goes wrong then changes nothing."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from connector.ports.errors import StorageError
from connector.storage.backups import KEPT, backups_of
from connector.storage.engine import SqlStorage, open_storage
from connector.storage.migrations import apply
from connector.testing.store_pages import hour, page, record, store
from tests.databases import database_of, postgres_server, run_alone

__all__ = ["postgres_server"]

OLD = "0004"
MIGRATE = """
import resource, signal, sys, os
from connector.ports.errors import StorageError
from connector.storage.engine import open_storage
from connector.storage.migrations import apply

if sys.argv[2] == "killed":
    apply.upgrade = lambda connection: os.kill(os.getpid(), signal.SIGKILL)
else:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    open_storage(sys.argv[1]).migrate()
except StorageError as error:
    print(error)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "closedloop.db"


@pytest.fixture
def storage(file: Path) -> Iterator[SqlStorage]:
    """A database of an older version with a contact whose row is still in the write-ahead log."""
    opened = open_storage(f"sqlite:///{file}")
    age(opened)
    yield opened
    opened.close()


def age(storage: SqlStorage) -> None:
    """Migrate, store a contact and take the schema back to an older revision."""
    storage.migrate()
    store(storage, page(record("A", name="Anna")), at=hour(1))
    with storage.engine.begin() as connection:
        apply.downgrade(connection, to=OLD)


def revision(file: Path) -> str:
    with sqlite3.connect(file) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def names(file: Path) -> list[str]:
    with sqlite3.connect(file) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM contact")]


def migrate_in_process(file: Path, how: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", MIGRATE, f"sqlite:///{file}", how]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def newest() -> str:
    storage = open_storage("sqlite://")
    storage.migrate()
    with storage.engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def test_an_older_database_is_copied_as_it_was_with_its_write_ahead_log(storage: SqlStorage, file: Path) -> None:
    assert Path(f"{file}-wal").stat().st_size > 0, "the row is not in the file itself yet"
    with capture_logs() as logs:
        storage.migrate()
    (backup,) = backups_of(file)
    assert backup.name.startswith(f"closedloop.db.{OLD}-20")
    assert (revision(backup), names(backup)) == (OLD, ["Anna"])
    assert revision(file) != OLD
    assert [entry["event"] for entry in logs] == ["backup_made"]
    assert logs[0]["file"] == backup.name


def test_a_new_and_an_up_to_date_database_are_not_copied(tmp_path: Path) -> None:
    file = tmp_path / "closedloop.db"
    storage = open_storage(f"sqlite:///{file}")
    storage.migrate()
    storage.migrate()
    storage.close()
    assert backups_of(file) == []


def test_the_newest_backups_are_kept_and_the_first_of_the_revision(storage: SqlStorage, file: Path) -> None:
    made = []
    for _ in range(KEPT + 2):
        storage.migrate()
        made.append(backups_of(file)[-1])
        with storage.engine.begin() as connection:
            apply.downgrade(connection, to=OLD)
    assert backups_of(file) == [made[0], *made[-KEPT:]]


def test_an_update_that_fails_again_and_again_pushes_out_no_backup_from_before_it(
    storage: SqlStorage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: object) -> None:
        raise RuntimeError("power")

    revisions = ("0001", "0002", "0003")
    older = [file.with_name(f"{file.name}.{each}-20250101T000000.000000Z.backup") for each in revisions]
    for age_in_days, path in zip((300, 200, 100), older, strict=True):
        path.touch()
        os.utime(path, times=(path.stat().st_mtime - age_in_days * 86_400,) * 2)
    monkeypatch.setattr(apply, "upgrade", fail)
    made = []
    for _ in range(KEPT + 3):
        with pytest.raises(RuntimeError):
            storage.migrate()
        made.append(backups_of(file)[-1])
    assert backups_of(file) == [*older[-KEPT + 1 :], made[0], *made[-KEPT:]]


def test_nobody_can_read_a_backup_who_cannot_read_the_database(storage: SqlStorage, file: Path) -> None:
    file.chmod(0o600)
    storage.migrate()
    assert [stat.S_IMODE(each.stat().st_mode) for each in backups_of(file)] == [0o600]


def test_a_full_disk_is_told_and_nothing_is_migrated(storage: SqlStorage, file: Path) -> None:
    with storage.begin() as unit:
        unit.connection.execute(text("CREATE TABLE ballast AS SELECT randomblob(2000000) AS ballast"))
        unit.commit()
    storage.close()
    done = migrate_in_process(file, how="1000000")
    assert "could not be backed up" in done.stdout, done
    assert "Nothing was changed. Make 3 MB free in" in done.stdout
    assert (revision(file), names(file)) == (OLD, ["Anna"])
    assert sorted(path.name for path in file.parent.iterdir() if "backup" in path.name) == []


def test_a_folder_that_cannot_be_written_to_is_told(storage: SqlStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("connector.storage.backups.shutil.copymode", refuse)
    with pytest.raises(StorageError, match=r"\(Permission denied\)\. Nothing was changed\."):
        storage.migrate()


def test_killed_between_backup_and_migration_it_starts_again_as_if_nothing_had_happened(
    storage: SqlStorage, file: Path
) -> None:
    storage.close()
    assert migrate_in_process(file, how="killed").returncode == -signal.SIGKILL
    (first,) = backups_of(file)
    assert [(revision(each), names(each)) for each in (file, first)] == [(OLD, ["Anna"])] * 2
    again = open_storage(f"sqlite:///{file}")
    again.migrate()
    again.close()
    assert (revision(file), names(file)) == (newest(), ["Anna"])
    assert [revision(each) for each in backups_of(file)] == [OLD, OLD]


def test_what_a_killed_copy_left_behind_is_replaced(storage: SqlStorage, file: Path) -> None:
    left = file.with_name(f"{file.name}.backup-unfinished")
    left.write_bytes(os.urandom(10_000))
    storage.migrate()
    assert not left.exists()
    assert [names(each) for each in backups_of(file)] == [["Anna"]]


def test_an_unknown_revision_is_refused_before_anything_is_copied(storage: SqlStorage, file: Path) -> None:
    with storage.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"'9999'.*does not know.*end in \.backup"):
        storage.migrate()
    assert backups_of(file) == []


def test_on_postgresql_the_log_says_that_a_dump_is_the_operators(postgres_server: str) -> None:
    run_alone(postgres_server, "CREATE DATABASE old")
    storage = open_storage(database_of(postgres_server, "old"))
    age(storage)
    with capture_logs() as logs:
        storage.migrate()
    storage.close()
    run_alone(postgres_server, "DROP DATABASE old WITH (FORCE)")
    told = {"database": "postgresql", "revision": OLD, "do": "pg_dump before an update", "log_level": "warning"}
    assert logs == [{"event": "no_backup_made", **told}]
