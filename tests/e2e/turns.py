"""What `serve` has run so far, read from the history it keeps: jobs that ended well, and whole turns of the loop."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from tests.e2e.living import House
from tests.e2e.processes import Running

CHAIN = ("sync", "derive", "plan", "ask")


def rows(house: House, query: str, *values: str) -> list[dict[str, Any]]:
    """Rows of the house's database as they are now; none while it is not made yet."""
    database = house.folder.parent / "data" / "closedloop.sqlite"
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as reader:
        reader.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in reader.execute(query, values)]
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise


def finished(house: House) -> set[str]:
    """The jobs whose newest run ended well, by key."""
    newest = {run["stage"]: run["outcome"] for run in rows(house, "SELECT * FROM run ORDER BY id")}
    return {job for job, outcome in newest.items() if outcome == "ok"}


def until_looped(house: House, serving: Running, *, to: str = "ask") -> None:
    """Wait until everybody due was asked, or until an earlier stage: each began, and ended well, after the one before.

    A job that runs once more meanwhile, since the next slot of its schedule has begun, takes nothing of that back.
    """
    jobs = [str(each["job"]) for each in house.json("status")["jobs"]]
    chain = CHAIN[: CHAIN.index(to) + 1]
    serving.until(lambda: _has_looped(house, jobs, chain=chain, since=serving.since))


def _has_looped(house: House, jobs: Sequence[str], *, chain: Sequence[str], since: datetime) -> bool:
    ran = list(_ended_well(house))
    for stage in chain:
        ends = [
            min((end for job, start, end in ran if job == key and start >= since), default=None)
            for key in jobs
            if key.partition(":")[0] == stage
        ]
        if not ends or None in ends:
            return False
        since = max(end for end in ends if end is not None)
    return True


def _ended_well(house: House) -> Iterator[tuple[str, datetime, datetime]]:
    """Every run that ended well: the job's key, its start and its end."""
    for run in rows(house, "SELECT * FROM run WHERE outcome = 'ok' ORDER BY id"):
        start, end = (datetime.fromisoformat(run[name]).replace(tzinfo=UTC) for name in ("started_at", "finished_at"))
        yield run["stage"], start, end
