"""Trying the relay: as far as a mail goes before its recipient, and at what it fails."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connector.delivery.smtp import Relay
from connector.delivery.trial import SmtpTrial
from connector.ports.delivery import Tls
from connector.ports.errors import RelayFault, RelayUnavailable
from tests.unit.delivery.conftest import ScriptedRelay

Start = Callable[..., ScriptedRelay]
LOGIN: dict[str, Any] = {"user": "kea", "password": "secret"}


def fault(relay: Relay) -> RelayFault:
    """At what a trial fails."""
    with pytest.raises(RelayUnavailable) as caught:
        SmtpTrial(relay, "feedback@kea.example").try_out()
    return caught.value.fault


def plain(port: int, **changes: Any) -> Relay:
    return replace(Relay(host="127.0.0.1", port=port, tls=Tls.NONE, reply_seconds=0.5), **changes)


def test_a_trial_signs_in_and_names_the_sender_and_sends_nothing(start_relay: Start) -> None:
    relay = start_relay()
    trial = SmtpTrial(plain(relay.port, **LOGIN), "feedback@kea.example")
    trial.try_out()
    assert [command.split()[0].lower() for command in relay.commands] == ["ehlo", "auth", "mail", "rset", "quit"]
    assert (relay.mails, trial.address) == ([], f"127.0.0.1:{relay.port}")


@pytest.mark.parametrize(
    ("script", "changes", "expected"),
    [
        ({"greeting": "554 5.3.2 not today"}, {}, RelayFault.GREETING),
        ({"greeting": "close"}, {}, RelayFault.GREETING),
        ({"greeting": "421 4.3.2 later"}, {}, RelayFault.BUSY),
        ({"greeting": "silent"}, {"reply_seconds": 0.05}, RelayFault.SILENCE),
        ({"auth": "535 5.7.8 wrong"}, LOGIN, RelayFault.LOGIN),
        ({"ehlo": "250 relay.example"}, LOGIN, RelayFault.LOGIN),
        ({"mail": "550 5.7.1 not your sender"}, {}, RelayFault.SENDER),
        ({"mail": "451 4.7.1 try later"}, {}, RelayFault.BUSY),
        ({"mail": "530 5.7.0 Must issue a STARTTLS command first"}, {}, RelayFault.BARRED),
        ({"auth": "454 4.7.0 try later"}, LOGIN, RelayFault.BUSY),
        ({}, {"tls": Tls.STARTTLS}, RelayFault.TLS),
        ({"ehlo": "250-a\r\n250 STARTTLS", "starttls": "454 4.7.0 none now"}, {"tls": Tls.STARTTLS}, RelayFault.TLS),
        ({}, {"tls": Tls.IMPLICIT}, RelayFault.TLS),
    ],
)
def test_a_relay_that_takes_no_mail_says_at_what_it_fails(
    start_relay: Start, script: dict[str, Any], changes: dict[str, Any], expected: RelayFault
) -> None:
    relay = start_relay(script)
    assert fault(plain(relay.port, **changes)) is expected
    assert relay.mails == []


def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert fault(Relay(host="smtp.kea.example", port=587)) is RelayFault.NAME


def test_a_relay_that_is_not_there_or_not_trusted_is_told_apart(
    start_relay: Start, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert fault(plain(port)) is RelayFault.LINE
    secured = start_relay(tls=certificate[0], implicit=True)
    assert fault(plain(secured.port, tls=Tls.IMPLICIT)) is RelayFault.CERTIFICATE
