"""A month in both CRMs, lived by processes that are killed in the middle of a request, a mail or a commit."""

from pathlib import Path

from tests.crash.judging import Judgement, judge
from tests.crash.living import draw_kills, live_month

SEED = 3
"""A world in whose first month both CRMs have mail, answers and tasks."""
KILLS = 20


def test_twenty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    quiet = live_month(tmp_path / "quiet", seed=SEED)
    assert sum(quiet.seen.mails.values()) >= 40
    assert sum(quiet.seen.responses.values()) >= 20
    assert {crm: number >= 5 for crm, number in quiet.seen.tasks_by_crm.items()} == {"sf": True, "hub": True}
    assert judge(quiet, quiet=quiet) == Judgement(kills=0, uncertain=0, broken=(), excused=())
    kills = draw_kills(SEED, number=KILLS, counts=quiet.counts)
    killed = live_month(tmp_path / "killed", seed=SEED, kills=kills)
    judged = judge(killed, quiet=quiet)
    assert (judged.broken, judged.kills) == ((), KILLS)
