"""A loopback line between an adapter and a running CRM that spoils answers: the work is done, its answer is bad."""

import gzip
import http.client
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PAGE = b"<html><title>Sorry</title><p>Jo Fell (jo.fell@frost.example) is down for maintenance.</p></html>"
"""Words of a CRM, which belong into no message."""
_ALWAYS = 1_000_000
_HOP = frozenset({"connection", "transfer-encoding", "content-length", "accept-encoding", "host"})


class Break(StrEnum):
    """How an answer is spoilt."""

    PAGE_AS_SUCCESS = "an HTML page with status 200"
    PAGE_AS_FAILURE = "an HTML page with status 503"
    EMPTY = "an empty body"
    OTHER_JSON = "JSON of another form"
    CUT_JSON = "JSON cut in the middle"
    CUT_GZIP = "compressed JSON cut in the middle"
    RESET_BEFORE = "a reset before the answer"
    RESET_WITHIN = "a reset in the middle of the answer"
    CUT_CHUNKS = "chunks that end too early"


@dataclass(slots=True)
class BreakingLine:
    """A line to one CRM; `hits` counts the answers that were spoilt."""

    url: str = ""
    how: Break | None = None
    place: str = ""
    left: int = 0
    hits: int = 0

    def spoil(self, how: Break, *, place: str, times: int = _ALWAYS) -> None:
        """Spoil the next answers to requests whose method and path hold `place`, in small letters."""
        self.how, self.place, self.left, self.hits = how, place, times, 0

    def mend(self) -> None:
        """Let every answer through again."""
        self.left = 0

    def breaking(self, line: str) -> Break | None:
        """How this answer is spoilt, if it is."""
        if self.left <= 0 or self.place not in line:
            return None
        self.left -= 1
        self.hits += 1
        return self.how


@contextmanager
def breaking_line(target: str) -> Iterator[BreakingLine]:
    """The line, until the end of the block."""
    state, far = BreakingLine(), urlsplit(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the caller's ACK

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, content = self._asked(body)
            how = state.breaking(f"{self.command} {self.path}".lower())
            if how is None:
                self._answer(status, headers, content)
            elif how in (Break.RESET_BEFORE, Break.RESET_WITHIN):
                self._reset(status, content if how is Break.RESET_WITHIN else b"")
            elif how is Break.CUT_CHUNKS:
                self._cut_chunks(status, content)
            else:
                self._answer(*_spoilt(how, status, content))

        def _asked(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            connection = http.client.HTTPConnection(far.hostname or "", far.port, timeout=30)
            try:
                connection.request(self.command, self.path, body=body or None, headers=headers)
                answer = connection.getresponse()
                kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
                return answer.status, kept, answer.read()
            finally:
                connection.close()

        def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self._head(status, {**headers, "Content-Length": str(len(content))})
            self.wfile.write(content)

        def _head(self, status: int, headers: dict[str, str]) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def _reset(self, status: int, content: bytes) -> None:
            if content:
                self._head(status, {"Content-Type": "application/json", "Content-Length": str(len(content))})
                self.wfile.write(content[: len(content) // 2])
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._close()

        def _cut_chunks(self, status: int, content: bytes) -> None:
            self._head(status, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"})
            self.wfile.write(f"{len(content):x}\r\n".encode() + content[: len(content) // 2])
            self._close()

        def _close(self) -> None:
            self.close_connection = True
            self.wfile.flush()
            self.connection.close()

        do_GET = do_POST = do_PATCH = _pass_on  # noqa: N815  the names the standard library asks for

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with _serving(Handler) as url:
        state.url = url
        yield state


def _spoilt(how: Break, status: int, content: bytes) -> tuple[int, dict[str, str], bytes]:
    if how in (Break.PAGE_AS_SUCCESS, Break.PAGE_AS_FAILURE):
        return (200 if how is Break.PAGE_AS_SUCCESS else 503), {"Content-Type": "text/html"}, PAGE
    if how is Break.EMPTY:
        return 200, {}, b""
    as_json = {"Content-Type": "application/json"}
    if how is Break.OTHER_JSON:
        return 200, as_json, b'{"hello": "Jo Fell"}'
    if how is Break.CUT_GZIP:
        packed = gzip.compress(content)
        return status, {**as_json, "Content-Encoding": "gzip"}, packed[: len(packed) // 2]
    return status, as_json, content[: len(content) // 2]


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False  # clients keep their connections
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
