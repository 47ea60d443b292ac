"""Claims: one holder of a key at a time over one database (design 5.13); a dead process lets go by itself."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from sqlalchemy import BigInteger, Connection, Engine, cast, func, select
from sqlalchemy.exc import SQLAlchemyError

from connector.ports.errors import StorageError
from connector.storage.refusals import refusals_named

_IN_PROCESS: dict[str, threading.Lock] = {}
_GUARD = threading.Lock()
_KEEPALIVES = {"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3"}
"""Seconds, seconds, tries: so the server lets go of a machine that lost its power after a minute, not after hours."""


def claiming(engine: Engine, key: str) -> AbstractContextManager[bool]:
    """Hold the claim of a key while the block runs; False, without waiting, where somebody else has it."""
    if engine.dialect.name == "postgresql":
        return _advised(engine, key)
    return _locked(Path(f"{Path(engine.url.database or '').absolute()}-{key.replace(':', '-')}.claim"))


@contextmanager
def _advised(engine: Engine, key: str) -> Iterator[bool]:
    """A PostgreSQL session lock on a connection of its own, seen by every machine; it ends with the connection."""
    with refusals_named():
        connection = _own_session(engine)
    try:
        with refusals_named():
            is_ours = bool(connection.execute(select(func.pg_try_advisory_lock(_number(key)))).scalar_one())
        yield is_ours
    finally:
        # By word, since the server notices a closed connection a little later. A lost one has let go already.
        with suppress(SQLAlchemyError):
            connection.execute(select(func.pg_advisory_unlock_all()))
        connection.close()


def _own_session(engine: Engine) -> Connection:
    """A connection outside the pool, and outside any transaction: a stage may run for an hour."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    connection.execute(select(*(func.set_config(name, value, False) for name, value in _KEEPALIVES.items())))
    return connection


def _number(key: str) -> object:
    return cast(int.from_bytes(sha256(f"closedloop:{key}".encode()).digest()[:8], signed=True), BigInteger)


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """A lock on a file beside the SQLite database, and one for the threads of this process."""
    with _GUARD:
        lock = _IN_PROCESS.setdefault(str(path), threading.Lock())
    if not lock.acquire(blocking=False):
        yield False
        return
    try:
        descriptor = _opened(path)
        try:
            yield _is_flocked(descriptor)
        finally:
            os.close(descriptor)
    finally:
        lock.release()


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StorageError(f"The claim file {path} cannot be opened: {error.strerror}.") from None


def _is_flocked(descriptor: int) -> bool:
    """`flock`, since it belongs to this open file and not, as with `lockf`, to the whole process."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
