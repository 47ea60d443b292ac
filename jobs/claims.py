"""Claims: one run of a stage at a time on one machine (design 5.13); a dead process lets go by itself."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_IN_PROCESS: dict[str, threading.Lock] = {}
_GUARD = threading.Lock()


@contextmanager
def claimed(key: str, *, data_dir: Path) -> Iterator[bool]:
    """Hold the claim of a key while the block runs; False, without waiting, where somebody else has it.

    `flock` on a descriptor of its own, since it belongs to the open file and not, as with `lockf`, to the process;
    beside it a lock for the threads of this process.
    """
    path = data_dir / f"{key.replace(':', '-')}.claim"
    with _GUARD:
        lock = _IN_PROCESS.setdefault(str(path), threading.Lock())
    if not lock.acquire(blocking=False):
        yield False
        return
    try:
        with _flocked(path) as is_ours:
            yield is_ours
    finally:
        lock.release()


@contextmanager
def _flocked(path: Path) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
