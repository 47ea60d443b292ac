"""Mail scanners: they open every link of every mail once by HEAD and GET before anybody reads it, and never POST."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import KW_ONLY, dataclass

from adapters.sandbox.far import Far, NotLoopback, ServerFailed, Unreachable
from adapters.sandbox.links import links
from adapters.sandbox.mail import Inbox, Mail
from adapters.sandbox.state import State

_WHO = "MailScanner/1.0 (sandbox)"
_AT_ONCE = 4
"""Requests at a time: a mail has two dozen, and one after the other they were two thirds of a turn of the clock."""
_REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Scanners:
    """Goes through new mail; a link that cannot be reached is tried again the next time."""

    state: State
    _: KW_ONLY
    inbox: Inbox
    far: Far

    def run(self, stopping: Callable[[], bool]) -> list[Mail]:
        """Scan all new mail and return what is ready to be read."""
        ready = []
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="scanner") as pool:
            for mail in self.inbox.unseen():
                if stopping():
                    break
                if self._scan(mail, pool):
                    self.inbox.seen(mail.id)
                    ready.append(mail)
        return ready

    def _scan(self, mail: Mail, pool: Executor) -> bool:
        done = {tuple(row) for row in self.state.rows("select url, method from link where mail = ?", (mail.id,))}
        pairs = [(url, method) for url in links(mail.message) for method in ("HEAD", "GET")]
        wanted = [pair for pair in dict.fromkeys(pairs) if pair not in done]
        gone = threading.Event()
        seen = list(pool.map(lambda pair: self._open(*pair, gone=gone), wanted))
        self._note(mail, [(*pair, status) for pair, status in zip(wanted, seen, strict=True) if status])
        return all(seen)

    def _open(self, url: str, method: str, *, gone: threading.Event) -> str:
        """The status of one request; empty where nobody answers, after which nothing more is asked for this mail."""
        if gone.is_set():
            return ""
        try:
            return str(self.far.request(method, url, who=_WHO).status_code)
        except ServerFailed as error:
            return str(error)  # a scanner has seen the page fail and does not come back
        except Unreachable:
            gone.set()
            return ""
        except NotLoopback:
            return _REFUSED

    def _note(self, mail: Mail, opened: list[tuple[str, str, str]]) -> None:
        refused = sum(status == _REFUSED for _, _, status in opened)
        with self.state.change() as connection:
            connection.executemany(
                "insert or replace into link values (?, ?, ?, ?)", [(mail.id, *one) for one in opened]
            )
            self.state.count("mail.scanner_requests", len(opened) - refused)
            self.state.count("mail.scanner_refused", refused)
