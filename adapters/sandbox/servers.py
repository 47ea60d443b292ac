"""The sandbox's sockets: one HTTP port and one SMTP port on loopback, and a clean end on a signal."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from adapters.sandbox.house import House
from adapters.sandbox.mail import Handler, Line
from adapters.sandbox.wire import Answer, Call

HOST = "127.0.0.1"
_LONGEST_HEADERS = 131_072  # more than the org takes, so that its own 414 and 431 can be given
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Ready = Callable[[int, int], None]  # HTTP port, SMTP port


class _Lines:
    """The open HTTP connections by their far end, so that one can be cut without a word."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """A protocol class that notes its connections here."""
        lines = self._open

        class Noted(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                lines[tuple(transport.get_extra_info("peername")[:2])] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                lines.pop(tuple(self.transport.get_extra_info("peername")[:2]), None)
                super().connection_lost(exc)

        return Noted

    def cut(self, scope: Scope, *, reset: bool, flush: bool = False) -> None:
        """End the connection a request came by: after what was sent has left, at once, or by a reset."""
        transport = self._open.get(tuple(scope.get("client") or ("", 0)))
        if transport is None:
            return
        if reset:
            # Lingering for zero seconds makes the system send a reset instead of a regular end.
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if flush:
            transport.close()
        else:
            transport.abort()


class _App:
    """The ASGI face of the house; the work itself runs in a thread, so that turning the clock blocks nobody."""

    def __init__(self, house: House, lines: _Lines) -> None:
        self._house, self._lines = house, lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = _call(scope, await _body(receive))
        host, port = scope["server"]
        answer = await asyncio.to_thread(self._house.answer, call, f"http://{host}:{port}")
        if answer.cut:
            self._lines.cut(scope, reset=answer.reset)
        else:
            await send({"type": "http.response.start", "status": answer.status, "headers": _headers(answer)})
            body = {"type": "http.response.body", "body": answer.body[: answer.sent]}
            await send({**body, "more_body": answer.sent is not None})
            if answer.sent is not None:
                self._lines.cut(scope, reset=answer.reset, flush=True)
        if answer.cut or answer.sent is not None:
            await _disconnected(receive)


async def _disconnected(receive: Receive) -> None:
    """Wait for the end of the line; the server would take an earlier return for a mistake and say so."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    # No length: bodies go out chunked, as the real service sends them. One that is cut promises its whole length.
    told = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    is_promised = answer.sent is not None and not answer.reset
    return [*told, (b"content-length", str(len(answer.body)).encode())] if is_promised else told


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _call(scope: Scope, body: bytes) -> Call:
    query = scope["query_string"].decode("latin-1")
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    return Call(
        scope["method"],
        path=unquote(scope["path"]),
        query=dict(pairs),
        pairs=pairs,
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
        uri_bytes=len(scope.get("raw_path", b"")) + len(query) + bool(query),
        header_bytes=sum(len(name) + len(value) + 4 for name, value in scope["headers"]),
    )


class _Server(uvicorn.Server):
    """Tells when it listens, and ends on a signal without passing the signal on."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The base class raises the signal again at the end, which would spoil exit code 0.
        yield


def listening(port: int) -> socket.socket:
    """A bound loopback socket; port 0 takes a free one. Raises OSError when the port is taken."""
    # Named as TCP, else asyncio leaves Nagle's delay on and each answer waits 40 ms for the caller's ACK.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
    except OSError:
        sock.close()
        raise
    return sock


async def serve(house: House, sock: socket.socket, *, ready: Ready, with_parent: bool) -> None:
    """Serve until SIGTERM, SIGINT or, if asked for, the end of the parent process."""
    loop = asyncio.get_running_loop()
    lines = _Lines()
    smtp = await loop.create_server(lambda: Line(Handler(house.inbox, house.faults), house.faults), HOST, 0)
    smtp_port = smtp.sockets[0].getsockname()[1]
    server = _Server(_config(house, lines), lambda: ready(sock.getsockname()[1], smtp_port))

    def stop() -> None:
        house.turning.stop.set()
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    watch = asyncio.create_task(_watch_parent(stop)) if with_parent else None
    try:
        await server.serve(sockets=[sock])
    finally:
        if watch is not None:
            watch.cancel()
        smtp.close()


def _config(house: House, lines: _Lines) -> uvicorn.Config:
    return uvicorn.Config(
        _App(house, lines),
        http=lines.protocol(),
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=_LONGEST_HEADERS,
    )


async def _watch_parent(stop: Callable[[], None]) -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1)
    stop()
