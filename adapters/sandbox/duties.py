"""What the owner of a task means to do about it: decided once, when the task is made through the API.

The decision is a hash of the seed, what the task hangs on, its subject and the day; never of the task's own id, which
depends on the order of requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime

from adapters.sandbox.chance import below, chance, pick, unit, weighted
from adapters.sandbox.comments import comment
from adapters.sandbox.state import State
from adapters.sandbox.workdays import in_office_hours, workday_after, workdays_until
from adapters.sandbox.world import story_books
from adapters.sandbox.world.story import Story
from adapters.sandbox.zone import ZONE, day_of

_COURSES = (("in time", 0.62), ("late", 0.19), ("never", 0.14), ("deleted", 0.05))
_BEGINNING, _COMMENTING = 0.25, 0.65
_MOST_LATE, _WITHOUT_DUE = 12, 10  # working days


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task as it was just made: what it hangs on, and when it is due."""

    crm: str
    _: KW_ONLY
    id: str
    parents: Sequence[str]
    subject: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a rep means to do with a task: `begin` it, get it `done`, or `delete` it."""

    crm: str
    _: KW_ONLY
    task: str
    step: str
    at: datetime
    comment: str


def remember(state: State, task: NewTask, *, seed: int, made: datetime) -> None:
    """Keep what the owner will do about a new task: what a story tells of the account, else what hash decides."""
    story = story_books.story_of(state, task.crm, task.parents)
    rows = [
        (one.crm, one.task, one.step, one.at.isoformat(), one.comment, "waiting", "")
        for one in decide(task, seed=seed, made=made, story=story)
    ]
    with state.change() as connection:
        state.count(f"{task.crm}.tasks_made")
        connection.executemany("insert or ignore into duty values (?, ?, ?, ?, ?, ?, ?)", rows)


def due(state: State, until: datetime) -> list[Step]:
    """What waits to be done up to this instant, in time order."""
    rows = state.rows(
        "select crm, task, step, at, comment from duty where state = 'waiting' and at <= ? order by at, crm, step",
        (until.isoformat(),),
    )
    return [
        Step(crm, task=task, step=step, at=datetime.fromisoformat(at), comment=words)
        for crm, task, step, at, words in rows
    ]


def close(state: State, step: Step, note: str) -> None:
    """Keep what came of a step."""
    state.write(
        "update duty set state = 'over', note = ? where crm = ? and task = ? and step = ?",
        (note, step.crm, step.task, step.step),
    )


def decide(task: NewTask, *, seed: int, made: datetime, story: Story | None = None) -> list[Step]:
    """All that the owner will do, in time order; nothing for a task that is never touched.

    Owners keep office hours of the company's zone, in which a day is due too.
    """
    made_on = day_of(made)
    key = (seed, "task", *task.parents, task.subject, made_on)
    course = (story and story.course) or weighted(_COURSES, *key, "course")
    said = story.rep_says if story else ()
    if course == "never":
        return []
    if course == "deleted":
        return [_step(task, "delete", workday_after(made_on, 1 + below(5, *key, "deleted")), key, said)]
    number = _working_days(task.due_on, made_on, course == "late", *key)
    end = _step(task, "done", workday_after(made_on, number), key, said)
    if number < 2 or not chance(_BEGINNING, *key, "begins"):
        return [end]
    return [_step(task, "begin", workday_after(made_on, 1 + below(number - 1, *key, "begun")), key, said), end]


def _working_days(due_on: date | None, made_on: date, is_late: bool, *key: object) -> int:
    """After how many working days a task is completed; one that is due at once is late at the earliest chance."""
    left = _WITHOUT_DUE if due_on is None else workdays_until(made_on, due_on)
    if is_late:
        return left + 1 + int(unit(*key, "late") ** 2 * _MOST_LATE)
    return 1 + below(left, *key, "in time") if left else 1


def _step(task: NewTask, step: str, day: date, key: tuple[object, ...], said: Sequence[str]) -> Step:
    if said:
        words = pick(said, *key, "says") if step == "done" else ""
    else:
        words = comment(*key, step) if step != "delete" and chance(_COMMENTING, *key, step, "comments") else ""
    return Step(task.crm, task=task.id, step=step, at=in_office_hours(day, *key, step, zone=ZONE), comment=words)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step; where the task was completed, whom that helped."""

    note: str
    _: KW_ONLY
    is_done: bool = False
    addresses: Sequence[str] = ()
    company: str = ""
    due_on: date | None = None
