"""Of every failure we know whether the mail may have left."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connector.delivery.smtp import MAILS_PER_CONNECTION, Relay, SmtpMailer
from connector.ports.delivery import Envelope, Tls
from connector.ports.errors import (
    DeliveryError,
    DeliveryPostponed,
    DeliveryRefused,
    DeliveryUncertain,
    RelayUnavailable,
)

CONTENT = b"Subject: hi\r\n\r\n.leading dot\r\n..two\r\nlast line\r\n"
MAIL = Envelope(sender="feedback@kea.example", recipient="anna@tui.example", content=CONTENT)
ECHO = "<anna@tui.example>: no such user Anna"

Start = Callable[..., Any]
"""Starts a ScriptedRelay of conftest.py."""


def _relay(port: int) -> Relay:
    return Relay(host="127.0.0.1", port=port, tls=Tls.NONE, reply_seconds=2, final_reply_seconds=0.2)


def _failure(relay: Relay, mail: Envelope = MAIL) -> DeliveryError:
    with SmtpMailer(relay) as mailer, pytest.raises(DeliveryError) as failure:
        mailer.send(mail)
    assert failure.value.__cause__ is None
    return failure.value


def test_the_mail_arrives_byte_by_byte_and_the_reply_comes_back(start_relay: Start) -> None:
    relay = start_relay()
    with SmtpMailer(_relay(relay.port)) as mailer:
        assert mailer.send(MAIL) == "250 2.0.0 queued as 4711"
    assert relay.mails == [b"Subject: hi\r\n\r\n..leading dot\r\n...two\r\nlast line\r\n"]
    assert relay.commands == [
        "ehlo localhost",
        "mail FROM:<feedback@kea.example>",
        "rcpt TO:<anna@tui.example>",
        "DATA",
        "quit",
    ]


def test_a_mail_without_a_line_end_at_its_end_gets_one(start_relay: Start) -> None:
    relay = start_relay()
    with SmtpMailer(_relay(relay.port)) as mailer:
        mailer.send(replace(MAIL, content=b".a"))
    assert relay.mails == [b"..a\r\n"]


def test_where_nobody_listens_the_relay_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    failure = _failure(_relay(port))
    assert type(failure) is RelayUnavailable
    assert str(failure) == f"127.0.0.1:{port} cannot be used (ConnectionRefusedError)."


@pytest.mark.parametrize(
    ("script", "kind", "text"),
    [
        ({"greeting": "554 5.3.2 not today"}, RelayUnavailable, "The relay said 554 5.3.2 to our greeting."),
        ({"greeting": "close"}, RelayUnavailable, None),
        (
            {"ehlo": "421 4.3.0 busy", "helo": "421 busy"},
            RelayUnavailable,
            "The relay said 421 to our greeting.",
        ),
        ({"mail": "451 4.3.0 later"}, RelayUnavailable, "The relay said 451 4.3.0 to MAIL."),
        ({"mail": "550 5.7.1 not your sender"}, RelayUnavailable, "The relay said 550 5.7.1 to MAIL."),
        ({"mail": "close"}, RelayUnavailable, "The relay closed the line (SMTPServerDisconnected)."),
        ({"rcpt": f"550 5.1.1 {ECHO}"}, DeliveryRefused, "The relay said 550 5.1.1 to RCPT."),
        ({"rcpt": f"450 {ECHO}"}, DeliveryPostponed, "The relay said 450 to RCPT."),
        ({"rcpt": "421 4.7.0 bye", "rset": "close"}, DeliveryPostponed, "The relay said 421 4.7.0 to RCPT."),
        ({"rcpt": "close"}, DeliveryPostponed, "The line was lost before the mail left (SMTPServerDisconnected)."),
        ({"data": "554 5.5.1 no"}, DeliveryRefused, "The relay said 554 5.5.1 to DATA."),
        ({"data": "452 4.3.1 full"}, DeliveryPostponed, "The relay said 452 4.3.1 to DATA."),
        ({"data": "250 what"}, DeliveryPostponed, "The relay said 250 to DATA."),
        ({"data": "close"}, DeliveryPostponed, "The line was lost before the mail left (SMTPServerDisconnected)."),
        ({"dot": f"550 5.7.1 spam for {ECHO}"}, DeliveryRefused, "The relay said 550 5.7.1 to the final dot."),
        ({"dot": "451 4.3.0 later"}, DeliveryPostponed, "The relay said 451 4.3.0 to the final dot."),
        ({"dot": "close"}, DeliveryUncertain, "No reply came to the final dot (SMTPServerDisconnected)."),
        ({"dot": "silent"}, DeliveryUncertain, "No reply came to the final dot (SMTPServerDisconnected)."),
        ({"dot": "what?"}, DeliveryUncertain, "The relay said -1 to the final dot."),
        ({"dot": "354 go on"}, DeliveryUncertain, "The relay said 354 to the final dot."),
    ],
)
def test_each_failure_says_whether_the_mail_may_have_left(
    start_relay: Start, script: dict[str, str], kind: type[DeliveryError], text: str | None
) -> None:
    relay = start_relay(script)
    failure = _failure(_relay(relay.port))
    assert type(failure) is kind
    assert text is None or str(failure) == text
    assert "anna" not in str(failure).lower()
    assert len(relay.mails) == ("dot" in script), "the mail was tried more than once, or not at all"


def test_a_line_lost_in_the_middle_of_the_mail_is_lost_before_it_left(start_relay: Start) -> None:
    relay = start_relay({"data": "hang up while it comes"})
    # More than the two sockets can hold, so that the line breaks while the mail is under way.
    failure = _failure(_relay(relay.port), replace(MAIL, content=b"x" * 32_000_000))
    assert type(failure) is DeliveryPostponed
    assert relay.mails == []


def test_a_relay_that_offers_no_tls_gets_no_mail(start_relay: Start) -> None:
    relay = start_relay()
    failure = _failure(replace(_relay(relay.port), tls=Tls.STARTTLS))
    assert type(failure) is RelayUnavailable
    assert relay.commands == ["ehlo localhost"]


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_mail_goes_by_tls_to_a_relay_that_is_trusted_only(
    start_relay: Start, certificate: tuple[ssl.SSLContext, ssl.SSLContext], tls: Tls
) -> None:
    server, client = certificate
    relay = start_relay({"ehlo": "250-hi\r\n250 STARTTLS"}, tls=server, implicit=tls is Tls.IMPLICIT)
    settings = replace(_relay(relay.port), tls=tls)
    with SmtpMailer(replace(settings, certificates=client)) as mailer:
        mailer.send(MAIL)
    assert ("STARTTLS" in relay.commands, len(relay.mails)) == (tls is Tls.STARTTLS, 1)
    assert str(_failure(settings)) == f"127.0.0.1:{relay.port} cannot be used (SSLCertVerificationError)."
    assert len(relay.mails) == 1


def test_the_login_comes_before_the_mail(start_relay: Start) -> None:
    relay = start_relay()
    with SmtpMailer(replace(_relay(relay.port), user="kea", password="secret")) as mailer:
        mailer.send(MAIL)
    assert relay.commands[1] == "AUTH PLAIN AGtlYQBzZWNyZXQ="


def test_a_refused_login_makes_the_relay_unavailable_and_shows_no_secret(start_relay: Start) -> None:
    relay = start_relay({"auth": "535 5.7.8 wrong password secret"})
    failure = _failure(replace(_relay(relay.port), user="kea", password="secret"))
    assert type(failure) is RelayUnavailable
    assert str(failure) == "The relay said 535 5.7.8 to our login."
    assert relay.mails == []


def test_many_mails_share_a_line_also_after_a_refused_one(start_relay: Start) -> None:
    relay = start_relay({"rcpt": ["250 ok", "550 no", "250 ok"]})
    with SmtpMailer(_relay(relay.port)) as mailer:
        mailer.send(MAIL)
        with pytest.raises(DeliveryRefused):
            mailer.send(MAIL)
        mailer.send(MAIL)
    assert (relay.connections, len(relay.mails)) == (1, 2)
    assert [command.split()[0] for command in relay.commands].count("rset") == 1


def test_a_line_that_the_relay_closed_between_two_mails_is_opened_again(start_relay: Start) -> None:
    relay = start_relay({"mail": ["250 ok", "close", "250 ok"]})
    with SmtpMailer(_relay(relay.port)) as mailer:
        mailer.send(MAIL)
        mailer.send(MAIL)
    assert (relay.connections, len(relay.mails)) == (2, 2)


def test_after_an_uncertain_mail_the_next_one_gets_a_new_line(start_relay: Start) -> None:
    relay = start_relay({"dot": ["silent", "250 ok"]})
    with SmtpMailer(_relay(relay.port)) as mailer:
        with pytest.raises(DeliveryUncertain):
            mailer.send(MAIL)
        assert mailer.send(MAIL) == "250 ok"
    assert (relay.connections, len(relay.mails)) == (2, 2)


def test_a_line_is_used_for_a_bounded_number_of_mails(start_relay: Start) -> None:
    relay = start_relay()
    with SmtpMailer(_relay(relay.port)) as mailer:
        for _ in range(MAILS_PER_CONNECTION + 1):
            mailer.send(MAIL)
    assert (relay.connections, len(relay.mails)) == (2, MAILS_PER_CONNECTION + 1)


@pytest.mark.parametrize("recipient", ["anna@tui.example\r\nDATA", "a b@tui.example", "jürgen@tui.example", ""])
def test_a_recipient_that_would_break_the_command_is_refused(start_relay: Start, recipient: str) -> None:
    relay = start_relay()
    assert type(_failure(_relay(relay.port), replace(MAIL, recipient=recipient))) is DeliveryRefused
    assert relay.mails == []


@pytest.mark.parametrize("host", ["smtp.kea.example", "192.0.2.1", "localhost.kea.example"])
def test_without_tls_mail_stays_on_this_machine(host: str) -> None:
    with pytest.raises(ValueError, match="TLS only"):
        Relay(host=host, port=25, tls=Tls.NONE)


def test_a_relay_never_shows_its_password() -> None:
    assert "secret" not in repr(Relay(host="smtp.kea.example", port=587, user="kea", password="secret"))
