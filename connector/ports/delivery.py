"""The seam to mail: a rendered message goes out or says how it failed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from connector.domain.invitations import Invitation
from connector.domain.surveys import Survey


class Tls(StrEnum):
    """How the line to the mail relay is protected; none is for a relay on this machine only."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One rendered mail: the addresses of the SMTP envelope and the bytes of the message."""

    sender: str
    recipient: str
    content: bytes


class Mailer(Protocol):
    """Hands mail to a relay."""

    def send(self, envelope: Envelope) -> str:
        """Hand over one mail and return the relay's reply.

        Raises DeliveryRefused or DeliveryPostponed where the mail has certainly not left (RelayUnavailable
        where no other mail would leave either), DeliveryUncertain where the line was lost between the final
        dot and its reply.
        """
        ...


class RelayTrial(Protocol):
    """Tries the relay that mail is to go through."""

    @property
    def address(self) -> str:
        """Host and port of the relay, as `host:port`."""
        ...

    def try_out(self) -> None:
        """Connect, protect the line and sign in as the settings say, and name our sender; nothing is sent.

        Raises RelayUnavailable, with at what it failed.
        """
        ...


class MailWriter(Protocol):
    """Writes the mail of an invitation."""

    def write(self, invitation: Invitation, *, survey: Survey, at: datetime) -> Envelope:
        """The mail that asks; the same arguments give the same bytes. `at` becomes its Date.

        Raises DeliveryRefused where it cannot be written: no usable address, or a key that is gone.
        """
        ...
