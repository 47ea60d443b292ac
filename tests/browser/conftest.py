"""A public site on loopback and a real Chromium to visit it."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from sqlmodel import SQLModel

from connector.domain.links import LinkPurpose
from connector.storage.engine import SqlStorage, open_storage
from connector.testing.asking_world import MONDAY, POLICY, PROGRAM, decide_to_ask, invite, link, store_records
from connector.testing.fakes import FakeClock
from connector.web.public import PublicSite, public_app
from connector.web.serving import public_server

NONCE = b"\x01" * 16
OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running public site with Anna's links."""

    storage: SqlStorage
    answer: str
    leave: str

    def column(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of every row of a table."""
        found = SQLModel.metadata.tables[table]
        with self.storage.engine.connect() as connection:
            rows = connection.execute(select(*(found.c[name] for name in columns)).order_by(found.c.id))
            return [tuple(row) for row in rows]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The distribution's Chromium; without one the tests are skipped, except in CI."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        reason = "no Chromium on this machine (apt install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A world in which Anna has just been asked, served on a free port."""
    storage = open_storage(f"sqlite:///{tmp_path}/closedloop.db")
    storage.migrate()
    store_records(storage)
    decide_to_ask(storage)
    with storage.snapshot() as unit:
        anna = unit.invitations.undone(programs=[PROGRAM.id], today=MONDAY.date(), limit=1)[0]
    invite(storage, anna, nonce=NONCE)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    public = PublicSite(storage=storage, clock=FakeClock(), organisation=POLICY.organisation, public_url=url)
    server = public_server(public_app(public), host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    leave = link(NONCE, purpose=LinkPurpose.UNSUBSCRIBE)
    yield Site(storage=storage, answer=f"{url}/a/{link(NONCE)}", leave=f"{url}/u/{leave}")
    server.should_exit = True
    thread.join(10)
    storage.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address in a window of its own; scripts are off unless a test asks for them to look around."""
    contexts = []

    def open_window(url: str, *, width: int = 1280, scripts: bool = False, scheme: Any = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=scripts, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(url)
        return page

    yield open_window
    for context in contexts:
        context.close()
