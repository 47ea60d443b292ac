"""The inbox: takes mail by SMTP, keeps it as it came with the simulated time, and misbehaves when told to."""

from __future__ import annotations

import asyncio
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.sandbox.clock import Clock
from adapters.sandbox.faults import Faults
from adapters.sandbox.state import State


@dataclass(frozen=True, slots=True)
class Mail:
    """One received mail for one recipient."""

    id: int
    _: KW_ONLY
    at: datetime
    recipient: str
    message: EmailMessage

    @property
    def feedback_id(self) -> str:
        """The Feedback-ID header, empty without one."""
        return str(self.message.get("Feedback-ID", "")).strip()


@dataclass(frozen=True, slots=True)
class Inbox:
    """All mail that ever arrived."""

    state: State
    _: KW_ONLY
    clock: Clock

    def receive(self, raw: bytes, *, sender: str, recipients: list[str]) -> None:
        """Keep one mail for each recipient."""
        message = message_from_bytes(raw, policy=default)
        feedback_id = str(message.get("Feedback-ID", "")).strip()
        with self.state.change() as connection:
            connection.executemany(
                "insert into mail (at, sender, recipient, feedback_id, raw) values (?, ?, ?, ?, ?)",
                [(self.clock.now().isoformat(), sender, one.lower(), feedback_id, raw) for one in recipients],
            )
            self.state.count("mail.received", len(recipients))

    def unseen(self) -> list[Mail]:
        """Mail that no scanner has gone through yet, oldest first."""
        return [_mail(*row) for row in self.state.rows(f"{_SELECT} where seen = 0 order by id")]

    def get(self, number: int) -> Mail | None:
        """The mail with this number."""
        row = self.state.row(f"{_SELECT} where id = ?", (number,))
        return None if row is None else _mail(*row)

    def seen(self, number: int) -> None:
        """Remember that a scanner has gone through this mail."""
        self.state.write("update mail set seen = 1 where id = ?", (number,))

    def listing(self, limit: int) -> list[dict[str, Any]]:
        """The newest mails with their headers, newest first."""
        rows = self.state.rows(f"{_SELECT} order by id desc limit ?", (limit,))
        return [summary(_mail(*row)) for row in rows]


_SELECT = "select id, at, recipient, raw from mail"


def _mail(number: int, at: str, recipient: str, raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=default)
    return Mail(number, at=datetime.fromisoformat(at), recipient=recipient, message=message)


def summary(mail: Mail) -> dict[str, Any]:
    """A mail without its body."""
    headers = {name: str(value) for name, value in mail.message.items()}
    return {"id": mail.id, "at": mail.at.isoformat(), "recipient": mail.recipient, "headers": headers}


class Handler:
    """What the SMTP server asks at each step of a hand-over."""

    def __init__(self, inbox: Inbox, faults: Faults) -> None:
        self._inbox, self._faults = inbox, faults

    async def handle_RCPT(  # noqa: N802 - the server looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept, refuse for good or refuse for now."""
        if self._faults.smtp_fault("refuse", address):
            return f"550 5.1.1 <{address}>: No such user here"
        if self._faults.smtp_fault("temporary", address):
            return f"451 4.3.0 <{address}>: Try again later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Line, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail; perhaps lose the line before the reply that would say so."""
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        recipients = list(envelope.rcpt_tos)
        await asyncio.to_thread(self._inbox.receive, raw, sender=str(envelope.mail_from), recipients=recipients)
        if any(self._faults.smtp_fault("drop_before", one) for one in recipients):
            server.drop()
        return "250 2.0.0 OK"


class Line(SMTP):
    """One SMTP connection that can be lost in the middle."""

    def __init__(self, handler: Handler, faults: Faults) -> None:
        super().__init__(handler, enable_SMTPUTF8=True, hostname="inbox.sandbox.example", ident="sandbox inbox")
        self._faults = faults

    def drop(self) -> None:
        """Cut the connection without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the name of the command
        """Take the mail's text, unless the line is to be lost as it starts or right after the reply."""
        recipients = list(self.envelope.rcpt_tos) if self.envelope else []
        if any(self._faults.smtp_fault("drop_data", one) for one in recipients):
            self.drop()
            return
        await super().smtp_DATA(arg)
        if any(self._faults.smtp_fault("drop_after", one) for one in recipients) and self.transport is not None:
            self.transport.close()
