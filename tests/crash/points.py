"""The instants at which a process may die: before or after an HTTP request, an SMTP reply, or a commit."""

import os
import signal
import smtplib
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine.default import DefaultDialect
from urllib3.connectionpool import HTTPConnectionPool

KINDS = ("http", "smtp", "commit")
WHENS = ("before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """Die before or after the n-th event of a kind, counted from the process's start; n counts from 1."""

    kind: str
    when: str
    n: int


@dataclass(slots=True)
class Points:
    """Counts events of all threads, and ends the process at the one that is asked for."""

    kill: Kill | None = None
    seen: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self) -> None:
        """Wrap the libraries through which every request, reply and commit of ours goes."""
        self._wrap(HTTPConnectionPool, "urlopen", "http")
        self._wrap(smtplib.SMTP, "getreply", "smtp")
        self._wrap(DefaultDialect, "do_commit", "commit")

    def _wrap(self, owner: Any, name: str, kind: str) -> None:
        plain: Callable[..., Any] = getattr(owner, name)

        def watched(*arguments: Any, **options: Any) -> Any:
            n = self._count(kind)
            self._die_at(kind, "before", n)
            result = plain(*arguments, **options)
            self._die_at(kind, "after", n)
            return result

        setattr(owner, name, watched)

    def _count(self, kind: str) -> int:
        with self._lock:
            self.seen[kind] += 1
            return self.seen[kind]

    def _die_at(self, kind: str, when: str, n: int) -> None:
        if self.kill == Kill(kind=kind, when=when, n=n):
            os.kill(os.getpid(), signal.SIGKILL)
