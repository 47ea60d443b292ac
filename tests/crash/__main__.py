"""`python -m tests.crash [KILLS]`: many kills over as many months as they need; prints what came out, exits with 1."""

import sys
import tempfile
from pathlib import Path

from tests.crash.judging import Judgement, judge
from tests.crash.living import draw_kills, live_month

SEEDS = (1, 2)
A_MONTH = 20
"""Kills of one month: more would leave each process too little time to reach the later days' mails."""


def main(kills: int) -> int:
    """Live until there were so many kills; 1 where a promise was broken."""
    judged: list[Judgement] = []
    with tempfile.TemporaryDirectory() as folder:
        quiet = {seed: live_month(Path(folder) / f"quiet-{seed}", seed=seed) for seed in SEEDS}
        while sum(each.kills for each in judged) < kills:
            seed = SEEDS[len(judged) % len(SEEDS)]
            drawn = draw_kills(1_000 + len(judged), number=A_MONTH, counts=quiet[seed].counts)
            killed = live_month(Path(folder) / f"killed-{len(judged)}", seed=seed, kills=drawn)
            judged.append(judge(killed, quiet=quiet[seed]))
            print(_told(judged[-1]), flush=True)
    print(f"{sum(each.kills for each in judged)} kills, {sum(len(each.broken) for each in judged)} broken promises")
    return int(any(each.broken for each in judged))


def _told(judged: Judgement) -> str:
    parts = [f"{judged.kills} kills", f"{judged.uncertain} uncertain mails", f"{len(judged.excused)} accounts excused"]
    return "\n".join([", ".join(parts), *(f"  BROKEN: {text}" for text in judged.broken)])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
