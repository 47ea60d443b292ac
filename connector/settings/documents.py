"""A YAML 1.2 file as plain data that knows where each key and value stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value stands in the file's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file: its text, its data, and the places of its keys and values by path."""

    file: str
    text: str
    data: dict[str, Any]
    keys: Mapping[Path, int]
    values: Mapping[Path, Span]

    def at(self, path: Path) -> Any:
        """The value at a path, None where there is none."""
        value: Any = self.data
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def has(self, path: Path) -> bool:
        """Whether the file says anything at this path."""
        return path in self.values

    def value_place(self, path: Path) -> Place:
        """Where the value stands; its key where it is empty; the nearest thing above where the path goes too deep."""
        while path not in self.values:
            path = path[:-1]
        span = self.values[path]
        start = self.keys[path] if span.start == span.end and path in self.keys else span.start
        return self.place_of(start)

    def key_place(self, path: Path) -> Place:
        """Where the key stands; the value itself for an item of a list."""
        return self.place_of(self.keys[path]) if path in self.keys else self.value_place(path)

    def text_place(self, path: Path, offset: int) -> Place:
        """Where a character of a text value stands; the value's start where quoting or folding hides it."""
        value, span = self.at(path), self.values.get(path)
        if not isinstance(value, str) or span is None:
            return self.value_place(path)
        index = _align(self.text[span.start : span.end], value=value, offset=offset)
        return self.value_place(path) if index is None else self.place_of(span.start + index)

    def place_of(self, index: int) -> Place:
        """The line and column of a character of the file."""
        line_start = self.text.rfind("\n", 0, index) + 1
        return Place(self.text.count("\n", 0, index) + 1, index - line_start + 1)


def _align(raw: str, *, value: str, offset: int) -> int | None:
    """The index in the raw scalar of a character of its value, None where the two do not run alike.

    Folding and indenting change white space only, single quotes double their own; other escapes break the run.
    """
    doubled = "'" if raw[:1] == "'" else None
    index = raw.find("\n") if raw[:1] in ("|", ">") else int(raw[:1] in ("'", '"'))
    for position, char in enumerate(value):
        if char.isspace():
            continue
        while index < len(raw) and raw[index].isspace():
            index += 1
        if index >= len(raw) or raw[index] != char:
            return None
        if position >= offset:
            return index
        index += 2 if char == doubled else 1
    return None
