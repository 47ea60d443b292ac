"""What stages did, on a terminal: a row for each stage, or for each connection of one, in words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from connector.cli.numbers import listed
from connector.cli.screen import LOUD, grid
from connector.domain.invitations import MessageState
from connector.domain.programs import Track
from connector.domain.selection import VerdictKind

Counts = Mapping[str, Any]
BUSY = "another process is running it"
DIGEST_SHOWN = 12
"""Characters of a digest: enough to compare two by eye."""
_SYNCED = {"inserted": "new", "changed": "changed", "removed": "removed", "unread": "could not be read"}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "derive": {
        "facts": "{n} derived fact{s} looked at",
        "renewed": "{n} brought up to date",
        "changed": "{n} value{s} changed",
        "waiting": "{n} waiting for records",
    },
    "plan": {
        f"{Track.REAL} {VerdictKind.ASK}": "{n} to be asked",
        f"{Track.REAL} {VerdictKind.DEFER}": "{n} to wait",
        f"{Track.REAL} {VerdictKind.BLOCK}": "{n} not to be asked",
        f"{Track.SHADOW} {VerdictKind.ASK}": "{n} would be asked (shadow)",
        f"{Track.SHADOW} {VerdictKind.DEFER}": "{n} would wait (shadow)",
        f"{Track.SHADOW} {VerdictKind.BLOCK}": "{n} would not be asked (shadow)",
    },
    "ask": {
        "made": "{n} invitation{s} made",
        "doubted": "{n} mail{s} of an ended process in doubt",
        "closed": "{n} invitation{s} closed",
        MessageState.SENT: "{n} mail{s} sent",
        MessageState.READY: "{n} mail{s} to be tried again",
        MessageState.FAILED: "{n} mail{s} refused for good",
        MessageState.UNCERTAIN: "{n} mail{s} that may or may not have left",
        MessageState.CANCELLED: "{n} mail{s} cancelled or kept back",
    },
    "act": {"opened": "{n} action{s} opened", "passed": "{n} answer{s} without an action"},
    "tasks": {
        "made": "{n} task{s} made",
        "would_open": "{n} task{s} would be made",
        "postponed": "{n} task{s} put off",
        "unread": "{n} task{s} that could not be looked at",
        "hidden": "{n} task{s} gone at once",
        "done": "{n} task{s} found done",
        "gone": "{n} task{s} found deleted",
        "dropped": "{n} action{s} dropped",
        "refused": "{n} task{s} refused",
    },
    "write_back": {
        "written": "{n} record{s} written",
        "unchanged": "{n} record{s} as they should be",
        "left_to_home": "{n} record{s} left to the home CRM",
        "postponed": "{n} record{s} put off",
        "would_write": "{n} record{s} would be written",
        "refused": "{n} record{s} refused",
    },
}
"""By stage, its counts in words. A count that is not named here is told by its own name."""
_LISTS = {
    "held_back": "mail waits for",
    "refusals": "such as",
    "unread": "waiting for a sync to read",
}
_NOTHING = {"derive": "nothing to derive", "plan": "nothing is due", "ask": "nothing to send"}


def show_runs(console: Console, done: Mapping[str, Any]) -> None:
    """Print what `run` counted, by stage; stages of several connections take a row for each."""
    table = grid("Stage", "CRM", "What was done")
    for stage, counts in done.items():
        for crm, words in _rows(stage, counts):
            table.add_row(Text(stage, style=LOUD), crm, words)
    if table.row_count:
        console.print(table)


def _rows(stage: str, counts: Any) -> Iterator[tuple[str, str]]:
    """A row for each connection, or one without."""
    if counts is None:
        yield "", BUSY
    elif stage in ("sync", "tasks", "write_back"):
        tell: Callable[[str, Counts], str] = _synced if stage == "sync" else _told
        yield from ((crm, BUSY if own is None else tell(stage, own)) for crm, own in counts.items())
    else:
        yield "", _told(stage, counts)


def _synced(_stage: str, kinds: Counts) -> str:
    """Such as: new: 80 accounts, 600 contacts; changed: 1 contact."""
    news = {what: {kind: own[what] for kind, own in kinds.items() if own.get(what)} for what in _SYNCED}
    return "; ".join(f"{_SYNCED[what]}: {listed(own)}" for what, own in news.items() if own) or "nothing new"


def _told(stage: str, counts: Counts) -> str:
    parts = list(_parts(stage, counts))
    digest = counts.get("digest")
    if parts and digest:
        parts.append(f"digest {digest[:DIGEST_SHOWN]}")
    return ", ".join(parts) or _NOTHING.get(stage, "nothing to do")


def _parts(stage: str, counts: Counts) -> Iterator[str]:
    words = _WORDS.get(stage, {})
    for name, value in counts.items():
        match value:
            case _ if name == "digest":
                continue
            case bool():
                yield from ["stopped until it is resumed"] if value and name == "is_stopped" else []
            case int():
                yield from [_phrase(words.get(name, f"{{n}} {name}"), value)] if value else []
            case str():
                yield value.removesuffix(".")
            case [*items] if items:
                yield f"{_LISTS.get(name, name)}: {', '.join(map(str, items))}"


def _phrase(words: str, number: int) -> str:
    return words.format(n=number, s="" if number == 1 else "s")
