"""A relay on loopback that follows a script, and certificates for it."""

import ipaddress
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CLOSE, HANG_UP, SILENT = "close", "hang up while it comes", "silent"
USUAL = {
    "greeting": "220 relay.example",
    "ehlo": "250-relay.example\r\n250 AUTH PLAIN",
    "starttls": "220 go ahead",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 end with a dot",
    "dot": "250 2.0.0 queued as 4711",
    "rset": "250 ok",
    "quit": "221 bye",
}


class ScriptedRelay:
    """Answers each command as scripted: a reply, CLOSE, HANG_UP or SILENT; a list is used up, its last entry stays."""

    def __init__(self, script: dict[str, Any], *, tls: ssl.SSLContext | None = None, implicit: bool = False) -> None:
        self.commands: list[str] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self._script = {verb: list(steps) if isinstance(steps, list) else [steps] for verb, steps in script.items()}
        self._tls, self._implicit = tls, implicit
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening and cut every line."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for line in self._open:
            line.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        try:
            if self._implicit and self._tls is not None:
                line = self._tls.wrap_socket(line, server_side=True)
            self._open.append(line)
            reader = line.makefile("rb")
            goes_on = self._answer(line, "greeting")
            while goes_on and (command := reader.readline()):
                verb = command.split()[0].decode(errors="replace").lower()  # a client may begin with TLS
                self.commands.append(command.decode(errors="replace").strip())
                goes_on = self._answer(line, verb)
                if goes_on and verb == "starttls" and self._tls is not None:
                    line = self._tls.wrap_socket(line, server_side=True)
                    self._open.append(line)
                    reader = line.makefile("rb")
                elif goes_on and verb == "data" and self._last.startswith("354"):
                    self.mails.append(b"".join(iter(reader.readline, b".\r\n")))
                    goes_on = self._answer(line, "dot")
        except (OSError, IndexError):
            line.close()

    def _answer(self, line: socket.socket, verb: str) -> bool:
        steps = self._script.get(verb, [USUAL.get(verb, "500 what?")])
        self._last = steps.pop(0) if len(steps) > 1 else steps[0]
        if self._last == HANG_UP:
            line.sendall(b"354 go on\r\n")
            line.recv(1000)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(line.detach())  # the reader holds it open too; only the last close resets the line
            return False
        if self._last == CLOSE:
            line.shutdown(socket.SHUT_RDWR)
            return False
        if self._last != SILENT:
            line.sendall(self._last.encode() + b"\r\n")
        return True


@pytest.fixture
def start_relay() -> Iterator[Callable[..., ScriptedRelay]]:
    """Starts relays that follow a script given by verb; they end with the test."""
    with ExitStack() as stack:

        def start(
            script: dict[str, Any] | None = None, *, tls: ssl.SSLContext | None = None, implicit: bool = False
        ) -> ScriptedRelay:
            relay = ScriptedRelay(script or {}, tls=tls, implicit=implicit)
            stack.callback(relay.close)
            return relay

        yield start


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS context with a certificate for 127.0.0.1, and a client's that trusts it."""
    folder: Path = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    unlocked = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked)
    (folder / "both.pem").write_bytes(pem + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
