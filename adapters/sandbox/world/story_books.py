"""Which records of the two CRMs a story is told of, and since when; empty in a world without stories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from adapters.sandbox.state import State
from adapters.sandbox.world.stories import STORIES
from adapters.sandbox.world.story import Story

_SINCE = "stories since"
_BY_KEY = {story.key: story for story in STORIES}


def begin(state: State, at: datetime) -> None:
    """Let the days of all stories count from this instant."""
    state.set_meta(_SINCE, at.isoformat())


def since(state: State) -> datetime | None:
    """The instant from which the days of all stories count; None in a world without stories."""
    kept = state.meta(_SINCE)
    return None if kept is None else datetime.fromisoformat(kept)


def note(state: State, crm: str, story: Story, ids: Iterable[str]) -> None:
    """Remember that these records of a CRM are the story's, its account first."""
    rows = [(crm, record_id, story.key, place) for place, record_id in enumerate(ids)]
    with state.change() as connection:
        connection.executemany("insert into story_record values (?, ?, ?, ?)", rows)


def story_of(state: State, crm: str, ids: Sequence[str]) -> Story | None:
    """The story that one of these records belongs to, if any does."""
    marks = ", ".join("?" * len(ids))
    found = state.value(f"select story from story_record where crm = ? and id in ({marks})", (crm, *ids))
    return None if found is None else _BY_KEY[found]


def accounts(state: State) -> list[tuple[Story, str, str]]:
    """Each story with a CRM and the id of its account there, in the order in which the stories are told."""
    rows = state.rows("select story, crm, id from story_record where place = 0")
    order = list(_BY_KEY)
    return sorted(
        ((_BY_KEY[key], crm, record_id) for key, crm, record_id in rows),
        key=lambda one: (order.index(one[0].key), one[0].crms.index(one[1])),
    )
