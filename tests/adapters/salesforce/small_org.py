"""A small HTTP server in the place of Salesforce, which answers as a test says and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from adapters.salesforce.client import Patience, SalesforceClient
from adapters.salesforce.settings import SalesforceSettings

ERRORS = json.loads((Path(__file__).parent / "payloads" / "errors.json").read_text())
ORG = "00D5e000000AbCdEAK"
TOKEN = "00Dtoken!x"
Answer = tuple[int, dict[str, str], Any]


@dataclass(slots=True)
class Org:
    """A server that answers from a function, and remembers what it was asked."""

    answer: Callable[[str, str], Answer] = lambda method, path: (200, {}, {"records": [], "done": True})
    instance: str = ""
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    tokens: int = 0
    refusal: Answer | None = None

    def serve(self, method: str, path: str, body: bytes = b"") -> Answer:
        if path.startswith("/services/oauth2/token"):
            if self.refusal:
                return self.refusal
            self.tokens += 1
            identity = f"https://login.salesforce.com/id/{ORG}/0055e000001kLmNAAU"
            return 200, {}, {"access_token": f"token-{self.tokens}", "instance_url": self.instance, "id": identity}
        self.asked.append(f"{method} {path.partition('?')[0]}")
        self.bodies.append(json.loads(body) if body else None)
        return self.answer(method, path)


@contextmanager
def serving() -> Iterator[Org]:
    """The server, until the end of the block."""
    org = Org()

    class Handler(BaseHTTPRequestHandler):
        def _reply(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = org.serve(self.command, self.path, asked)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _reply  # noqa: N815  the names the standard library asks for

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    org.instance = f"http://127.0.0.1:{server.server_address[1]}"
    yield org
    server.shutdown()
    thread.join()
    server.server_close()


def client_of(org: Org, **login: str) -> SalesforceClient:
    values = login or {"flow": "client_credentials", "client_id": "an-id", "client_secret": "a-secret"}
    settings = SalesforceSettings.model_validate({"login": {"url": org.instance, **values}})
    patience = Patience(attempts=3, seconds=2.0, longest_wait_seconds=0.01)
    return SalesforceClient(settings, crm="sf", pinned_org=ORG[:15], patience=patience)


def failing(name: str, *, times: int, headers: dict[str, str] | None = None) -> Callable[[str, str], Answer]:
    left = [times]

    def answer(method: str, path: str) -> Answer:
        left[0] -= 1
        if left[0] >= 0:
            return ERRORS[name]["status"], headers or {}, ERRORS[name]["body"]
        return 200, {}, {"records": [], "done": True}

    return answer
