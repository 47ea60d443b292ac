"""Mail scanners: they open every link of every mail once by HEAD and GET before anybody reads it, and never POST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from adapters.sandbox.far import Far, NotLoopback, ServerFailed, Unreachable
from adapters.sandbox.links import links
from adapters.sandbox.mail import Inbox, Mail
from adapters.sandbox.state import State

_WHO = "MailScanner/1.0 (sandbox)"


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
        for mail in self.inbox.unseen():
            if stopping():
                break
            if self._scan(mail):
                self.inbox.seen(mail.id)
                ready.append(mail)
        return ready

    def _scan(self, mail: Mail) -> bool:
        done = {tuple(row) for row in self.state.rows("select url, method from link where mail = ?", (mail.id,))}
        try:
            for url in links(mail.message):
                for method in ("HEAD", "GET"):
                    if (url, method) not in done:
                        self._open(mail, url, method)
        except Unreachable:
            return False
        return True

    def _open(self, mail: Mail, url: str, method: str) -> None:
        try:
            self.state.count("mail.scanner_requests")
            status = str(self.far.request(method, url, who=_WHO).status_code)
        except ServerFailed as error:
            status = str(error)  # a scanner has seen the page fail and does not come back
        except NotLoopback:
            self.state.count("mail.scanner_requests", -1)
            self.state.count("mail.scanner_refused")
            status = "refused"
        self.state.write("insert or replace into link values (?, ?, ?, ?)", (mail.id, url, method, status))
