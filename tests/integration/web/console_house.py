"""A console over the small invented world: Anna was asked twice and answered, an action is open, something failed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from fastapi.testclient import TestClient

from connector.domain.programs import Policy
from connector.ports.storage.unit import Storage
from connector.testing.acting_world import DUE_ON, hear_anna, make_due_task, open_action, unacted
from connector.testing.asking_world import MONDAY
from connector.testing.asking_world import POLICY as LIVE
from connector.testing.fakes import FakeClock
from connector.web.console import console_app
from jobs.stages import loop_of
from tests.ports import make_ports

NOW = datetime.combine(DUE_ON, MONDAY.timetz()) + timedelta(days=2)
SCRIPT = "<script>alert(1)</script>"


def fill(storage: Storage) -> int:
    """Live through it; returns the id of Tui's account."""
    hear_anna(storage, number=1, score=9)
    hear_anna(storage, number=2, score=4, at=MONDAY + timedelta(hours=2))
    answered = unacted(storage)[1]
    open_action(storage, answered, subject=f"Call Anna {SCRIPT}", cause="Rule low: response.score <= 6 (4)")
    make_due_task(storage)
    with storage.begin() as unit:
        unit.runs.finish(unit.runs.start("sync:sf", at=MONDAY), at=MONDAY, outcome="failed", counts={}, error=SCRIPT)
        unit.runs.finish(unit.runs.start("plan", at=MONDAY), at=MONDAY, outcome="ok", counts={})
        unit.commit()
    assert answered.account_id is not None
    return answered.account_id


@contextmanager
def console_of(storage: Storage, *, policy: Policy = LIVE) -> Iterator[TestClient]:
    """A client of the console two days after the action was due, asking it by a name of this machine."""
    ports = make_ports(storage, policy=policy, clock=FakeClock(NOW), real_clock=FakeClock(NOW))
    app = console_app(ports, loop=loop_of(ports, is_served=True))
    with TestClient(app, base_url="http://127.0.0.1:8081", raise_server_exceptions=False) as client:
        yield client
