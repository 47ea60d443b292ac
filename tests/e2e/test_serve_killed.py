"""`closedloop serve` killed in the middle of a run, and a second one beside it: the work is made up, once."""

import re
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from tests.e2e.living import House
from tests.e2e.processes import free_port
from tests.e2e.turns import finished, rows, until_looped


@contextmanager
def mute() -> Iterator[dict[str, str]]:
    """An org that takes every connection and never says a word, as the setting that points at it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield {"SALESFORCE_URL": f"http://127.0.0.1:{door.getsockname()[1]}"}


def fires(house: House, job: str = "sync:sf") -> list[dict[str, Any]]:
    """The ledger's rows of a job."""
    return rows(house, "SELECT * FROM fire WHERE job = ? ORDER BY id", job)


def let_the_lease_end(house: House) -> None:
    """As if a minute had gone by since the process died."""
    with closing(sqlite3.connect(house.folder.parent / "data" / "closedloop.sqlite", timeout=30)) as database, database:
        database.execute("UPDATE fire SET lease_until = started_at WHERE state = 'running' AND job = 'sync:sf'")


def is_syncing(house: House) -> bool:
    (sync,) = (job for job in house.json("status")["jobs"] if job["job"] == "sync:sf")
    return bool(sync["is_running"])


def made_up(house: House) -> bool:
    """Whether every fire of the sync has ended, by itself or by a newer one."""
    return {fire["state"] for fire in fires(house)} <= {"done", "made up"}


def test_a_sync_whose_process_was_killed_is_made_up_after_the_next_start(house: House) -> None:
    with mute() as org, house.running("serve", **org, PYTHONHASHSEED="1") as running:
        others = {"plan", "ask", "write_back:sf"}  # killed while one of them runs, its fire would keep a lease as well
        running.until(lambda: is_syncing(house) and others <= finished(house))
        running.signal(signal.SIGKILL)
        running.ended()
    assert [(fire["state"], fire["attempts"]) for fire in fires(house)] == [("running", 1)]
    runs = {run["stage"]: run["outcome"] for run in house.json("status")["runs"]}
    assert runs["sync:sf"] is None
    with house.running("serve", PYTHONHASHSEED="2") as running:
        running.until(house.is_open)
        assert not made_up(house), "the lease of the dead process still holds"
        let_the_lease_end(house)
        running.until(lambda: "sync:sf" in finished(house) and made_up(house))
        assert house.json("status")["records"]["sf"]["contact"] > 0
        running.signal(signal.SIGTERM)
        assert running.ended() == 0


def test_a_second_serve_shares_the_fires_and_takes_over_what_the_first_one_left(house: House) -> None:
    with mute() as org, house.running("serve", **org) as first:
        first.until(lambda: is_syncing(house))
        places = {name: f"127.0.0.1:{free_port()}" for name in ("CLOSEDLOOP_LISTEN", "CLOSEDLOOP_CONSOLE")}
        with house.running("serve", **places) as second:
            second.until(lambda: "serving" in second.said)
            assert [(fire["state"], fire["attempts"]) for fire in fires(house)] == [("running", 1)]
            first.signal(signal.SIGKILL)
            first.ended()
            let_the_lease_end(house)
            second.until(lambda: "sync:sf" in finished(house) and made_up(house))
            until_looped(house, second, to="plan")
            second.signal(signal.SIGTERM)
            assert second.ended() == 0
            assert "job=sync:sf" in plain(second.said)
    plans = fires(house, "plan")
    assert len({fire["key"] for fire in plans}) == len(plans)


def plain(said: str) -> str:
    """A log without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", said)
