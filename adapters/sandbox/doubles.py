"""Tasks that are there twice, for tests that crash their maker between making a task and remembering it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.sandbox.state import State
from adapters.sandbox.tasks import SeenTask, tasks

CRMS = ("salesforce", "hubspot")


def doubles(state: State) -> list[dict[str, Any]]:
    """Groups of tasks with one marker, in the bin or not, or of live ones alike in subject and what they hang on.

    Alike means made on the same day too, unless one of them bears no marker: the same person may well be called again
    a quarter of a year later.
    """
    found: list[dict[str, Any]] = []
    for crm in CRMS:
        seen = tasks(state, crm)
        for marker, same in _groups((one.marker, one) for one in seen if one.marker):
            found.append({"crm": crm, "because": "marker", "marker": marker, **_told(same)})
        live = [one for one in seen if not one.is_deleted]
        for _, same in _groups(((one.subject, one.parents), one) for one in live):
            found += [{"crm": crm, "because": "subject and parents", **_told(group)} for group in _alike(same)]
    return found


def _alike(same: list[SeenTask]) -> list[list[SeenTask]]:
    if not all(one.marker for one in same):
        return [same]
    return [group for _, group in _groups((one.made_on, one) for one in same)]


def _groups(pairs: Iterable[tuple[Any, SeenTask]]) -> list[tuple[Any, list[SeenTask]]]:
    """The groups of more than one, by what they share."""
    found: dict[Any, list[SeenTask]] = {}
    for key, one in pairs:
        found.setdefault(key, []).append(one)
    return [(key, group) for key, group in sorted(found.items()) if len(group) > 1]


def _told(group: list[SeenTask]) -> dict[str, Any]:
    first = group[0]
    return {
        "subject": first.subject,
        "parents": list(first.parents),
        "ids": [one.id for one in group],
        "made_on": [one.made_on for one in group],
    }
