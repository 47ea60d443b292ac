"""Tries the relay as a mail would use it, up to the recipient."""

from dataclasses import dataclass, replace

from connector.delivery.smtp import Relay, SmtpMailer

TRIAL_SECONDS = 10.0
"""How long somebody who waits for `check` waits for one reply; a mail has more time."""


@dataclass(frozen=True, slots=True)
class SmtpTrial:
    """A RelayTrial over a line of its own."""

    relay: Relay
    sender: str

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.relay.host}:{self.relay.port}"

    def try_out(self) -> None:
        """As the port promises; each reply may take TRIAL_SECONDS."""
        with SmtpMailer(replace(self.relay, reply_seconds=min(TRIAL_SECONDS, self.relay.reply_seconds))) as mailer:
            mailer.greet(self.sender)
