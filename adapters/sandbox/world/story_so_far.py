"""How far a story has come: only what has happened by now is told of it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from adapters.sandbox.state import State
from adapters.sandbox.world.story import Story


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is true of a story by now, empty before it has begun; and whether that is all of it."""

    line: str
    _: KW_ONLY
    is_whole: bool


def so_far(state: State, story: Story, *, is_held: bool) -> SoFar:
    """What can be told of a story; `is_held` says whether its rep holds the account today."""
    if story.waves == 0:
        return SoFar(story.line if is_held else "", is_whole=is_held)
    heard = _waves(state, story)
    if heard >= story.waves:
        return SoFar(story.line, is_whole=True)
    return SoFar(story.begun if heard else "", is_whole=False)


def _waves(state: State, story: Story) -> int:
    """How often everybody who answers has answered; different mails count, not repeated posts."""
    awaited = [story.address_of(person) for person in story.people if person.answers]
    marks = ", ".join("?" * len(awaited))
    rows = state.rows(
        "select lower(address), count(distinct feedback_id) from answer"
        f" where status = 200 and lower(address) in ({marks}) group by 1",
        tuple(awaited),
    )
    heard: dict[str, int] = dict(rows)
    return min(heard.get(address, 0) for address in awaited)
