"""A small HTTP server in the place of HubSpot, which answers as a test says and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from adapters.hubspot.client import HubspotClient, Patience
from adapters.hubspot.settings import HubspotSettings

ERRORS = json.loads((Path(__file__).parent / "payloads" / "errors.json").read_text())
TOKEN = "pat-eu1-a-secret"
PORTAL = 12345678
Answer = tuple[int, dict[str, str], Any]


@dataclass(slots=True)
class Portal:
    """A server that answers from a function, and remembers what it was asked."""

    answer: Callable[[str, str, Any], Answer] = lambda method, path, body: (200, {}, {"results": []})
    url: str = ""
    zone: str = "Europe/Berlin"
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    def serve(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        self.headers.append(headers)
        if path == "/account-info/v3/details":
            return 200, {}, {"portalId": PORTAL, "timeZone": self.zone}
        self.asked.append(f"{method} {path}")
        self.bodies.append(body)
        return self.answer(method, path, body)


@contextmanager
def serving() -> Iterator[Portal]:
    """The server, until the end of the block."""
    portal = Portal()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self) -> None:
            portal.connections.add(self.client_address)
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(text) if text else None
            status, headers, answer = portal.serve(self.command, self.path, body, dict(self.headers.items()))
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response_only(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _reply  # noqa: N815  the names the standard library asks for

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False  # the client keeps its connections
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    portal.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield portal
    server.shutdown()
    thread.join()
    server.server_close()


def client_of(portal: Portal, *, pinned: str | None = str(PORTAL)) -> HubspotClient:
    settings = HubspotSettings.model_validate({"login": {"flow": "token", "url": portal.url, "access_token": TOKEN}})
    patience = Patience(attempts=3, seconds=2.0, longest_wait_seconds=0.01, searches_a_second=1000)
    return HubspotClient(settings, crm="hub", pinned_org=pinned, patience=patience)


def failing(name: str, *, times: int, headers: dict[str, str] | None = None) -> Callable[[str, str, Any], Answer]:
    left = [times]

    def answer(method: str, path: str, body: Any) -> Answer:
        left[0] -= 1
        if left[0] >= 0:
            return ERRORS[name]["status"], headers or {}, ERRORS[name]["body"]
        return 200, {}, {"results": []}

    return answer
