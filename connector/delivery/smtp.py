"""Hands mail to a relay by SMTP and knows of every failure whether the mail may have left."""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from types import TracebackType

from connector.domain.hosts import is_loopback
from connector.ports.delivery import Envelope, Tls
from connector.ports.errors import (
    DeliveryError,
    DeliveryPostponed,
    DeliveryRefused,
    DeliveryUncertain,
    RelayFault,
    RelayUnavailable,
)

REPLY_SECONDS = 60.0
"""How long one reply may take; RFC 5321 4.5.3.2 allows minutes, a relay that needs them is not available."""
FINAL_REPLY_SECONDS = 600.0
"""How long the reply to the final dot may take (RFC 5321 4.5.3.2.6): giving up earlier makes uncertain mails."""
MAILS_PER_CONNECTION = 100
"""After so many mails a new connection is opened: many relays close one after that number or soon above."""

_LOST = (OSError, smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException)
_ADDRESS = re.compile(r"[!-~]+")
_ENHANCED_CODE = re.compile(rb"\d\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mail is handed over. `certificates` replaces the system's trusted certificates."""

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    certificates: ssl.SSLContext | None = field(default=None, repr=False)
    reply_seconds: float = REPLY_SECONDS
    final_reply_seconds: float = FINAL_REPLY_SECONDS

    def __post_init__(self) -> None:
        if self.tls is Tls.NONE and not is_loopback(self.host):
            raise ValueError("Mail leaves this machine by TLS only: choose starttls or implicit.")


class SmtpMailer:
    """A Mailer over one connection that is opened when needed, used for many mails, and closed at the end of `with`.

    One mailer belongs to one thread. No error text holds an address or the relay's own words: relays repeat addresses.
    """

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._line: smtplib.SMTP | None = None
        self._sent = 0

    def __enter__(self) -> "SmtpMailer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye to the relay, if it still listens."""
        line, self._line = self._line, None
        if line is not None:
            try:
                line.quit()
            except _LOST:
                line.close()

    def send(self, envelope: Envelope) -> str:
        """Hand over one mail and return the relay's reply; errors as the Mailer port promises."""
        line = self._greeted(envelope.sender)
        try:
            self._announce(line, envelope)
            return self._transfer(line, envelope.content)
        except DeliveryUncertain:
            self._drop()
            raise
        except (DeliveryRefused, DeliveryPostponed):
            self._clear(line)
            raise
        except _LOST as lost:
            self._drop()
            raise DeliveryPostponed(f"The line was lost before the mail left ({type(lost).__name__}).") from None

    def greet(self, sender: str) -> None:
        """Go as far as a mail goes before it names its recipient, and take it back. Raises RelayUnavailable."""
        self._clear(self._greeted(sender))

    def _greeted(self, sender: str) -> smtplib.SMTP:
        """A line on which MAIL FROM was accepted; a line that went stale between two mails is replaced once."""
        if self._line is not None and self._sent >= MAILS_PER_CONNECTION:
            self.close()
        if self._line is not None:
            try:
                return self._mail_from(self._line, sender)
            except (RelayUnavailable, *_LOST):
                self._drop()
        self._line, self._sent = self._connect(), 0
        try:
            return self._mail_from(self._line, sender)
        except _LOST as lost:
            self._drop()
            raise RelayUnavailable(f"The relay closed the line ({type(lost).__name__}).") from None

    def _mail_from(self, line: smtplib.SMTP, sender: str) -> smtplib.SMTP:
        code, text = line.mail(sender)
        if code != 250:
            self._drop()
            raise RelayUnavailable(_said(code, text, "MAIL"), fault=_refused(code, RelayFault.SENDER))
        return line

    def _announce(self, line: smtplib.SMTP, envelope: Envelope) -> None:
        if not _ADDRESS.fullmatch(envelope.recipient):
            raise DeliveryRefused("The address cannot stand in an SMTP command: it has spaces or is not ASCII.")
        code, text = line.rcpt(envelope.recipient)
        if code not in (250, 251):
            raise _verdict(code, text, "RCPT")
        code, text = line.docmd("DATA")
        if code != 354:
            raise _verdict(code, text, "DATA")

    def _transfer(self, line: smtplib.SMTP, content: bytes) -> str:
        """Send the mail, then the final dot on its own: only from then on may the mail have left."""
        line.send(_dotted(content))
        if line.sock is not None:
            line.sock.settimeout(self._relay.final_reply_seconds)
        try:
            line.send(b".\r\n")
            code, text = line.getreply()
        except _LOST as lost:
            raise DeliveryUncertain(f"No reply came to the final dot ({type(lost).__name__}).") from None
        if line.sock is not None:
            line.sock.settimeout(self._relay.reply_seconds)
        if 200 <= code < 300:
            self._sent += 1
            return f"{code} {text.decode('utf-8', 'replace')}"
        if not 400 <= code < 600:
            raise DeliveryUncertain(_said(code, text, "the final dot"))
        raise _verdict(code, text, "the final dot")

    def _connect(self) -> smtplib.SMTP:
        relay = self._relay
        line: smtplib.SMTP | None = None
        try:
            line = self._open(relay.certificates or ssl.create_default_context())
            if relay.user is not None:
                line.login(relay.user, relay.password or "")
            if line.sock is not None:
                line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the final dot travels on its own
        except smtplib.SMTPResponseException as refused:
            _close(line)
            fault, stage = (RelayFault.GREETING, "our greeting") if line is None else (RelayFault.LOGIN, "our login")
            told = _said(refused.smtp_code, refused.smtp_error, stage)
            raise RelayUnavailable(told, fault=_refused(refused.smtp_code, fault)) from None
        except (OSError, smtplib.SMTPException) as failure:
            _close(line)
            told = f"{relay.host}:{relay.port} cannot be used ({type(failure).__name__})."
            raise RelayUnavailable(told, fault=_fault(failure, is_open=line is not None)) from None
        return line

    def _open(self, certificates: ssl.SSLContext) -> smtplib.SMTP:
        relay = self._relay
        name = "localhost" if is_loopback(relay.host) else None  # else smtplib asks the name service for our name
        if relay.tls is Tls.IMPLICIT:
            return smtplib.SMTP_SSL(
                relay.host, relay.port, local_hostname=name, timeout=relay.reply_seconds, context=certificates
            )
        line = smtplib.SMTP(relay.host, relay.port, local_hostname=name, timeout=relay.reply_seconds)
        try:
            line.ehlo_or_helo_if_needed()
            if relay.tls is Tls.STARTTLS:
                _secure(line, certificates)
        except (OSError, smtplib.SMTPException, RelayUnavailable):
            line.close()
            raise
        return line

    def _clear(self, line: smtplib.SMTP) -> None:
        """Ready the line for the next mail after one that did not go."""
        try:
            if line.rset()[0] != 250:
                self._drop()
        except _LOST:
            self._drop()

    def _drop(self) -> None:
        _close(self._line)
        self._line = None


def _secure(line: smtplib.SMTP, certificates: ssl.SSLContext) -> None:
    """STARTTLS, and greet anew (RFC 3207 4.2). Raises RelayUnavailable where the relay says no to it."""
    try:
        line.starttls(context=certificates)
    except smtplib.SMTPResponseException as refused:
        told = _said(refused.smtp_code, refused.smtp_error, "STARTTLS")
        raise RelayUnavailable(told, fault=RelayFault.TLS) from None
    line.ehlo()


def _refused(code: int, fault: RelayFault) -> RelayFault:
    """What a reply tells, where one that is for good would tell this fault."""
    if code == 530:  # a login (RFC 4954 6) or STARTTLS (RFC 3207 4) comes first
        return RelayFault.BARRED
    return RelayFault.BUSY if 400 <= code < 500 else fault


def _fault(failure: OSError | smtplib.SMTPException, *, is_open: bool) -> RelayFault:
    """What kind of failure this is; what is not supported on an open line is our login, and before that STARTTLS."""
    if isinstance(failure, smtplib.SMTPNotSupportedError):
        return RelayFault.LOGIN if is_open else RelayFault.TLS
    if isinstance(failure.__context__, TimeoutError):  # which smtplib tells as a line that was closed
        return RelayFault.SILENCE
    faults = {
        ssl.SSLCertVerificationError: RelayFault.CERTIFICATE,
        ssl.SSLError: RelayFault.TLS,
        socket.gaierror: RelayFault.NAME,
        TimeoutError: RelayFault.SILENCE,
        smtplib.SMTPException: RelayFault.GREETING,
    }
    return next((fault for kind, fault in faults.items() if isinstance(failure, kind)), RelayFault.LINE)


def _close(line: smtplib.SMTP | None) -> None:
    if line is not None:
        line.close()


def _dotted(content: bytes) -> bytes:
    """The mail with its leading dots doubled (RFC 5321 4.5.2) and a line end at its end."""
    doubled = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"


def _verdict(code: int, text: bytes, stage: str) -> DeliveryError:
    kind = DeliveryRefused if 500 <= code < 600 else DeliveryPostponed
    return kind(_said(code, text, stage))


def _said(code: int, text: bytes | str, stage: str) -> str:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    enhanced = _ENHANCED_CODE.match(raw)
    return f"The relay said {code}{f' {enhanced[0].decode()}' if enhanced else ''} to {stage}."
