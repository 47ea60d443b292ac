"""What the overview counts as something to look at: no more than what asks somebody for something."""

from datetime import timedelta
from typing import Any

import pytest

from connector.ports.storage.viewing import Trouble, TroubleKind
from connector.testing.asking_world import MONDAY
from connector.usecases.find_troubles import PATIENCE, needs_look

EARLY = (timedelta(seconds=1), timedelta(0))


def trouble(kind: TroubleKind, **changes: Any) -> Trouble:
    """A trouble that was seen once, on Monday."""
    seen = {"count": 1, "records": 0, "touched": (), "first_at": MONDAY, "last_at": MONDAY} | changes
    return Trouble(kind=kind, place="sync:sf", cause="away", **seen)


def test_what_was_seen_once_needs_a_look_unless_it_asks_for_nothing() -> None:
    assert {kind for kind in TroubleKind if needs_look(trouble(kind))} == {
        TroubleKind.RUN_FAILED,
        TroubleKind.WRITE_REFUSED,
        TroubleKind.MAIL_FAILED,
        TroubleKind.TASK_REFUSED,
    }


@pytest.mark.parametrize("kind", TroubleKind)
def test_what_is_over_needs_no_look(kind: TroubleKind) -> None:
    assert not needs_look(trouble(kind, count=9, last_at=MONDAY + timedelta(days=9), is_over=True))


def test_a_connection_that_stays_away_and_a_process_that_dies_again_need_a_look() -> None:
    waits = [trouble(TroubleKind.RUN_POSTPONED, count=9, last_at=MONDAY + PATIENCE - early) for early in EARLY]
    assert [needs_look(each) for each in waits] == [False, True]
    assert needs_look(trouble(TroubleKind.RUN_DIED, count=2))
