"""What stands on a record page, in words that belong to neither CRM's books."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from html.parser import HTMLParser

from adapters.sandbox.tasks import MARKER

_BLOCKS = frozenset({"p", "div", "br", "li", "ul", "ol", "tr", "h1", "h2", "h3"})


@dataclass(frozen=True, slots=True)
class Line:
    """One field: its label as the CRM names it, its value as it is shown, and the record it leads to if any."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class PersonSight:
    """Somebody at the account, with the level and the score the CRM holds."""

    name: str
    _: KW_ONLY
    href: str
    title: str
    level: str
    score: str
    answered_on: str


@dataclass(frozen=True, slots=True)
class TaskSight:
    """One task: what its text said when it was made, and what its rep has written under that, both line by line."""

    subject: str
    _: KW_ONLY
    is_done: bool
    status: str
    due_on: str
    done_on: str
    owner: str
    person: str
    text: tuple[str, ...]
    written: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseSight:
    """One case of the org or ticket of the portal."""

    subject: str
    _: KW_ONLY
    number: str
    is_closed: bool
    status: str
    priority: str
    is_escalated: bool
    opened_on: str
    closed_on: str
    person: str


@dataclass(frozen=True, slots=True)
class ContractSight:
    """One contract."""

    number: str
    _: KW_ONLY
    status: str
    starts_on: str
    ends_on: str


@dataclass(frozen=True, slots=True)
class NoteSight:
    """One note, line by line."""

    on: str
    owner: str
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordSight:
    """A whole record; `ours` are the feedback loop's fields, empty ones too, `fields` the filled others.

    `people` and `contracts` are None where the record has no place for any, `notes` where the CRM has none. `service`
    is what the CRM calls its cases.
    """

    crm: str
    _: KW_ONLY
    id: str
    kind: str
    title: str
    subtitle: str
    ours: tuple[Line, ...]
    fields: tuple[Line, ...]
    people: tuple[PersonSight, ...] | None
    tasks: tuple[TaskSight, ...]
    service: str
    cases: tuple[CaseSight, ...]
    contracts: tuple[ContractSight, ...] | None
    notes: tuple[NoteSight, ...] | None
    hold_until: str = ""
    hold_reason: str = ""
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class AccountSight:
    """An account in a list, with what the loop says of it."""

    name: str
    _: KW_ONLY
    href: str
    score: str
    voices: str
    open_actions: str
    hold_until: str


def number(value: object, *, digits: int = 2) -> str:
    """A number without needless zeros, thousands apart; empty for none."""
    if value in (None, ""):
        return ""
    text = f"{float(str(value)):,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parted(lines: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of a task up to its maker's marker, and those that somebody has written under it."""
    end = next((place + 1 for place, line in enumerate(lines) if MARKER.search(line)), len(lines))
    return lines[:end], lines[end:]


def lines_of(text: str | None) -> tuple[str, ...]:
    """The lines of a plain text, empty ones left out."""
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def lines_of_html(markup: str | None) -> tuple[str, ...]:
    """The words of a rich text by line; whatever its markup is worth, none of it is kept."""
    reader = _Words()
    reader.feed(markup or "")
    reader.close()
    return lines_of("".join(reader.parts))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
