"""How people feel after what was done for them: being helped lifts, being ignored after a low answer sinks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from adapters.sandbox.sentiment import feeling
from adapters.sandbox.state import State
from adapters.sandbox.world import story_books
from adapters.sandbox.world.stories import somebody_at

LOW = 6.0
"""An answer below this, on the scale of 0 to 10, is a wish to be helped."""
_OWN, _WHOLE, _LATE = 1.4, 0.2, 0.4  # the lift for the person, for everybody there, and what of it is left when late
_MOST_OWN, _MOST_WHOLE = 2.5, 1.0
_PATIENCE, _MONTH, _SINKING, _MOST_SUNK = 30, 30.0, 0.35, 2.0  # days, days, points a month, points


def help_somebody(state: State, addresses: list[str], company: str, *, at: datetime, is_late: bool) -> None:
    """Remember that a task for these people of a company was completed; without addresses it helped the company."""
    share = _LATE if is_late else 1.0
    # The company's part is kept once, however many addresses the person has.
    rows = [(one.lower(), "", at.isoformat(), _OWN * share, 0.0) for one in dict.fromkeys(addresses)]
    if company:
        rows.append(("", company.lower(), at.isoformat(), 0.0, _WHOLE * share))
    with state.change() as connection:
        connection.executemany("insert into helped values (?, ?, ?, ?, ?)", rows)


def note_answer(state: State, address: str, feedback_id: str, *, at: datetime, score: float) -> None:
    """Remember an answer that should lead to something; a good one is not kept."""
    if score < LOW:
        values = (address.lower(), feedback_id, at.isoformat(), round(score, 3))
        state.write("insert or ignore into low_answer values (?, ?, ?, ?)", values)


def felt(state: State, seed: int, address: str, at: datetime) -> float:
    """How somebody feels at an instant on a scale of 0 to 10, with all that happened to them until then."""
    value = by_nature(state, seed, address, at) + lifted(state, address, at) - sunk(state, address, at)
    return float(min(10.0, max(0.0, value)))


def by_nature(state: State, seed: int, address: str, at: datetime) -> float:
    """How somebody would feel if nothing had happened to them: as their story tells, else by hash."""
    told, since = somebody_at(address), story_books.since(state)
    if told is None or since is None:
        return feeling(seed, address, at)
    story, person = told
    months = (at - since).total_seconds() / 86400 / _MONTH
    return float(min(10.0, max(0.0, person.mood + story.mood_a_month * months)))


def lifted(state: State, address: str, at: datetime) -> float:
    """By how much completed tasks have lifted somebody until an instant."""
    until = at.isoformat()
    own = state.rows("select own from helped where address = ? and at <= ? order by at, own", (address.lower(), until))
    company = address.partition("@")[2].lower()
    whole = state.rows("select whole from helped where company = ? and at <= ? order by at, whole", (company, until))
    return float(min(_MOST_OWN, sum(row[0] for row in own)) + min(_MOST_WHOLE, sum(row[0] for row in whole)))


def sunk(state: State, address: str, at: datetime) -> float:
    """By how much low answers that nobody acted upon have lowered somebody; help stops it where it is."""
    answers = state.rows("select at from low_answer where address = ? and at <= ?", (address.lower(), at.isoformat()))
    return max((_sunk_since(state, address, datetime.fromisoformat(row[0]), at) for row in answers), default=0.0)


def _sunk_since(state: State, address: str, since: datetime, at: datetime) -> float:
    found = state.value(
        "select min(at) from helped where address = ? and at > ? and at <= ?",
        (address.lower(), since.isoformat(), at.isoformat()),
    )
    end = datetime.fromisoformat(found) if found else at
    months = ((end - since).total_seconds() / 86400 - _PATIENCE) / _MONTH
    return min(_MOST_SUNK, max(0.0, months * _SINKING))


def moods(state: State, seed: int, at: datetime, *, limit: int) -> list[dict[str, Any]]:
    """Everybody to whom something happened, by address: how they feel now and why."""
    addresses = state.rows(
        "select address from helped where address != '' union select address from low_answer order by 1 limit ?",
        (limit,),
    )
    return [mood(state, seed, row[0], at) for row in addresses]


def mood(state: State, seed: int, address: str, at: datetime) -> dict[str, Any]:
    """One person's feeling and what it is made of."""
    low = state.rows("select at, score from low_answer where address = ? order by at", (address.lower(),))
    return {
        "address": address.lower(),
        "feels": round(felt(state, seed, address, at), 3),
        "by_nature": round(by_nature(state, seed, address, at), 3),
        "lifted": round(lifted(state, address, at), 3),
        "sunk": round(sunk(state, address, at), 3),
        "helped_at": [
            row[0] for row in state.rows("select at from helped where address = ? order by at", (address.lower(),))
        ],
        "low_answers": [{"at": when, "score": score} for when, score in low],
    }
