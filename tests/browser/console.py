"""A console on loopback for a browser, over a world in which much happened and some of it went wrong."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from connector.storage.engine import open_storage
from connector.testing.asking_world import MONDAY, POLICY
from connector.testing.fakes import FakeClock
from connector.web.console import console_app
from connector.web.serving import public_server, served_beside
from jobs.stages import loop_of
from tests.integration.web.console_house import NOW, fill
from tests.ports import make_ports

LONG = "Averylongnamewithoutanyspaceinitthatmustnotmakethepagescrollsideways"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningConsole:
    """Where it is, its pages by name, and the doors to them."""

    url: str
    pages: dict[str, str]


@contextmanager
def running_console(url: str, *, is_empty: bool = False) -> Iterator[RunningConsole]:
    """The console over a fresh database at a URL, with a stop, a failed run with a long error, and voices."""
    storage = open_storage(url)
    storage.migrate()
    account = 0
    if not is_empty:
        account = fill(storage)
        with storage.begin() as unit:
            unit.switches.stop(at=MONDAY, reason=LONG)
            run = unit.runs.start("write_back:sf", at=MONDAY)
            unit.runs.finish(run, at=MONDAY, outcome="failed", counts={}, error=LONG * 3)
            unit.commit()
    ports = make_ports(storage, policy=POLICY, clock=FakeClock(NOW), real_clock=FakeClock(NOW))
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    paths = {"overview": "/", "accounts": "/accounts", "account": f"/accounts/{account}", "plan": "/plan"}
    paths |= {"errors": "/errors", "missing": "/accounts/999999", "nowhere": "/nowhere"}
    server = public_server(console_app(ports, loop=loop_of(ports, is_served=True)), host="127.0.0.1", port=0)
    with served_beside(server, sockets=[listener]):
        yield RunningConsole(url=base, pages={name: base + path for name, path in paths.items()})
    storage.close()
