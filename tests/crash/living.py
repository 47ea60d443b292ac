"""A month against a sandbox of its own, lived by processes that are killed one after the other."""

import json
import random
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.crash.month import Month, live
from tests.crash.points import KINDS, WHENS, Kill
from tests.crash.seen import Seen, look
from tests.e2e.forks import run_forked
from tests.e2e.living import ROOT, environment, living_sandbox

PATIENCE_SECONDS = 60
"""How long the sandbox's people keep trying while the pages are down: longer than a restart takes."""
LIFE_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What a month left behind, the kills that happened, and how many events the last process saw."""

    seen: Seen
    kills: Sequence[Kill]
    counts: Mapping[str, int]


def live_month(folder: Path, *, seed: int, kills: Sequence[Kill] = (), database: str | None = None) -> Lived:
    """Live a month; after each kill the next process goes on, and the last one is left in peace.

    `database` is the URL of an empty one, by default of a SQLite file in the folder.
    """
    folder.mkdir(parents=True)
    database = database or f"sqlite:///{folder / 'closedloop.sqlite'}"
    with living_sandbox(seed=seed, patience=PATIENCE_SECONDS) as sandbox:
        shutil.copytree(ROOT / "config" / "examples" / "kea", folder / "settings")
        house = folder / "settings" / "closedloop.yaml"
        house.write_text(house.read_text().replace("mode: shadow", 'mode: live\ndatabase: "${env:DATABASE}"'))
        environ = environment(folder, sandbox) | {"DATABASE": database}
        month = Month(
            settings=folder / "settings",
            control=str(sandbox.ready["control"]),
            start=datetime.fromisoformat(sandbox.get("clock")["now"]),
            counts=folder / "counts.json",
        )
        happened = [kill for kill in kills if _life(month, kill, environ) == -signal.SIGKILL]
        assert _life(month, None, environ) == 0
        seen = look(database, sandbox)
    return Lived(seen=seen, kills=happened, counts=json.loads((folder / "counts.json").read_text()))


def _life(month: Month, kill: Kill | None, environ: Mapping[str, str]) -> int:
    """One process until its end; its exit code."""
    code = run_forked(live, month, kill, environ=environ, seconds=LIFE_SECONDS)
    assert code in (0, -signal.SIGKILL), (code, kill)
    return code


def draw_kills(seed: int, *, number: int, counts: Mapping[str, int]) -> list[Kill]:
    """Kills of every kind in turn, drawn so that all of them together fit into a month with these counts."""
    chance = random.Random(seed)
    drawn = []
    for turn in range(number):
        kind, when = KINDS[turn % len(KINDS)], WHENS[turn // len(KINDS) % len(WHENS)]
        drawn.append(Kill(kind=kind, when=when, n=chance.randint(1, max(1, counts[kind] // (2 * number)))))
    chance.shuffle(drawn)
    return drawn
