"""Families: accounts as a tree by their parents, and the circles that a CRM's users can make of it."""

from collections.abc import Mapping


def ancestors(account: str, *, parents: Mapping[str, str]) -> list[str]:
    """An account's parent, that one's parent and so on; in a circle it ends before anybody comes twice."""
    line = [account]
    while (parent := parents.get(line[-1])) is not None and parent not in line:
        line.append(parent)
    return line[1:]


def cycles(parents: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The circles among parents, each from its least account on, in order; an account that is its own parent is one."""
    found: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for account in sorted(parents):
        line: dict[str, None] = {}
        here: str | None = account
        while here is not None and here not in seen and here not in line:
            line[here] = None
            here = parents.get(here)
        if here in line:
            found.append(_from_least(list(line)[list(line).index(here) :]))
        seen.update(line)
    return sorted(found)


def _from_least(circle: list[str]) -> tuple[str, ...]:
    least = circle.index(min(circle))
    return (*circle[least:], *circle[:least])
