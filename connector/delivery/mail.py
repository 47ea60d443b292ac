"""Writes an invitation as a mail: HTML and text, with links and headers that unsubscribe and reply programs rely on."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from functools import cache
from importlib.resources import files
from typing import Any

import mrml
from jinja2 import Environment, StrictUndefined, Template

from connector.delivery import wording
from connector.domain.foreign_text import one_line
from connector.domain.invitations import Invitation, Purpose
from connector.domain.links import Keyring, LinkPurpose, token
from connector.domain.programs import Organisation
from connector.domain.surveys import Survey
from connector.ports.delivery import Envelope
from connector.ports.errors import DeliveryRefused

UNFOLDED = frozenset({"list-unsubscribe", "list-unsubscribe-post", "feedback-id", "message-id"})
"""Headers that programs read as one token: folding at 78 would turn a long link into encoded words (RFC 8058)."""


class MailPolicy(EmailPolicy):
    """SMTP's policy, folded at 78 characters except for the headers in `UNFOLDED` (998, RFC 5322 2.1.1)."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header as bytes."""
        return (WIDE if name.lower() in UNFOLDED else SMTP).fold_binary(name, value)


WIDE = SMTP.clone(max_line_length=998)
POLICY = MailPolicy(linesep="\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationMail:
    """A MailWriter: `sender` is our address, `shown_name` the name beside it, `public_url` where the pages are.

    Where it `shows_counterpart`, the name of the contact's counterpart stands before that name, if there is one.
    """

    organisation: Organisation
    sender: str
    shown_name: str
    public_url: str
    keyring: Keyring
    shows_counterpart: bool = False

    def write(self, invitation: Invitation, *, survey: Survey, at: datetime) -> Envelope:
        """The mail that asks; the same arguments give the same bytes. Raises DeliveryRefused where it cannot be."""
        if not invitation.address:
            raise DeliveryRefused("There is no address to send to.")
        words = self._words(invitation, survey.worded(us=self.organisation.name))
        message = EmailMessage(policy=POLICY)
        for name, value in self._headers(invitation, words, at=at).items():
            message[name] = value
        message.set_content(_text_template().render(words), cte="quoted-printable")
        message.add_alternative(_html_template().render(words), subtype="html", cte="quoted-printable")
        message["Content-Language"] = invitation.language  # set here: set_content drops earlier Content- headers
        message.set_boundary("=_" + _fingerprint(invitation, "boundary")[:32])
        return Envelope(sender=self.sender, recipient=invitation.address, content=message.as_bytes(policy=POLICY))

    def _headers(self, invitation: Invitation, words: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
        domain = self.sender.rpartition("@")[2]
        return {
            "From": _mailbox(words["sender_name"], self.sender),
            "To": _mailbox(words["name"], invitation.address or ""),
            "Subject": words["subject"],
            "Date": format_datetime(at),
            "Message-ID": f"<{_fingerprint(invitation, 'message')[:40]}@{domain}>",
            "List-Unsubscribe": f"<{words['unsubscribe_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Feedback-ID": feedback_id(invitation),
            # RFC 3834: no human wrote this mail, and holiday notices are not to answer it.
            "Auto-Submitted": "auto-generated",
        }

    def _words(self, invitation: Invitation, survey: Survey) -> dict[str, Any]:
        answer_url = self._link("a", invitation, LinkPurpose.ANSWER)
        question = survey.score_question
        return {
            "subject": one_line(survey.title),
            "organisation": self.organisation.name,
            "sender_name": one_line(self._shown(invitation)),
            "name": one_line(invitation.contact_name),
            "language": survey.language,
            "opening": wording.opening(survey.kind, us=self.organisation.name),
            "time_needed": wording.time_needed(survey),
            "question": question.text,
            "ends": question.ends,
            "points": [
                {"number": number, "url": f"{answer_url}?score={number}"}
                for number in range(question.low, question.high + 1)
            ],
            "answer_url": answer_url,
            "unsubscribe_url": self._link("u", invitation, LinkPurpose.UNSUBSCRIBE),
            "last_day": wording.last_day(invitation.closes_at, zone=self.organisation.zone),
            "reason": wording.reason(invitation),
        }

    def _shown(self, invitation: Invitation) -> str:
        """Such as `Anna Kowhai, Kea Instruments`."""
        name = one_line(invitation.counterpart_name or "") if self.shows_counterpart else ""
        return f"{name}, {self.shown_name}" if name else self.shown_name

    def _link(self, page: str, invitation: Invitation, purpose: LinkPurpose) -> str:
        try:
            text = token(self.keyring, key_id=invitation.key_id, purpose=purpose, nonce=invitation.nonce)
        except KeyError:
            raise DeliveryRefused(f"The key {invitation.key_id} that signed its links is gone.") from None
        return f"{self.public_url.rstrip('/')}/{page}/{text}"


def feedback_id(invitation: Invitation) -> str:
    """The mail's Feedback-ID: what was asked, the purpose, the kind of ask and the sending system."""
    asked = f"{invitation.program}.{invitation.milestone}.{invitation.ordinal}"
    return f"{asked}:{Purpose.ASK}:{invitation.kind}:closedloop"


def _fingerprint(invitation: Invitation, use: str) -> str:
    return hashlib.sha256(f"{use}|{Purpose.ASK}|".encode() + invitation.nonce).hexdigest()


def _mailbox(name: str, address: str) -> Address:
    try:
        return Address(one_line(name), addr_spec=address)
    except (MessageError, ValueError, IndexError):
        raise DeliveryRefused("The address cannot stand in a mail header.") from None


@cache
def _html_template() -> Template:
    compiled = mrml.to_html(_source("invitation.mjml"))
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(compiled.content)


@cache
def _text_template() -> Template:
    plain = Environment(autoescape=False, undefined=StrictUndefined, trim_blocks=True)  # noqa: S701  plain text
    return plain.from_string(_source("invitation.txt"))


def _source(name: str) -> str:
    return files("connector.delivery").joinpath("templates", name).read_text(encoding="utf-8")
