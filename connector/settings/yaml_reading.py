"""YAML text to a `Document`; refuses what hides meaning: duplicate keys, aliases, tags, directives, depth."""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from connector.settings.documents import Document, Path, Place, Span
from connector.settings.mistakes import Mistakes
from connector.settings.yaml_words import told

DEPTH_LIMIT = 30
"""Levels of nesting; our files need six, and ruamel's time grows with the square of open brackets."""


def read_yaml(file: str, *, text: str, mistakes: Mistakes) -> Document | None:
    """The file's document, or None with the reasons among the mistakes."""
    before = len(mistakes.found)
    try:
        if _check_events(file, text=text, mistakes=mistakes):
            node = YAML(typ="safe", pure=True).compose(text)
            return _read_root(file, text=text, node=node, mistakes=mistakes)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        found, expected = told(str(error.problem or error.context))
        mistakes.add_at(file, place, found=found, expected=expected)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        place = Place(line, error.position - text.rfind("\n", 0, error.position))
        mistakes.add_at(file, place, found="found a control character", expected="expected readable text")
    except YAMLError:
        mistakes.add_at(file, Place(1, 1), found="found no readable YAML", expected="expected valid YAML 1.2")
    assert len(mistakes.found) > before  # noqa: S101 - whoever returns nothing has said why
    return None


def _check_events(file: str, *, text: str, mistakes: Mistakes) -> bool:
    """Whether the text may be composed; stops at the first level too deep, before time is lost in it."""
    before, depth, documents = len(mistakes.found), 0, 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        documents += isinstance(event, DocumentStartEvent)
        complaint = _complaint(event, depth=depth, documents=documents)
        if complaint is not None:
            place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
            mistakes.add_at(file, place, found=complaint[0], expected=complaint[1])
        if depth > DEPTH_LIMIT:
            break
    return len(mistakes.found) == before


def _complaint(event: Event, *, depth: int, documents: int) -> tuple[str, str] | None:
    if depth > DEPTH_LIMIT:
        return f"found more than {DEPTH_LIMIT} levels inside each other", "expected a flatter file"
    if isinstance(event, AliasEvent):
        return f"found the alias `*{event.anchor}`", "expected the value written out"
    if isinstance(event, DocumentStartEvent) and documents > 1:
        return "found a second document", "expected one document a file"
    if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
        return "found a YAML directive", "expected none: files are read as YAML 1.2"
    tag = getattr(event, "tag", None) if isinstance(event, NodeEvent) else None
    return None if tag is None else (f"found the tag `{tag}`", "expected a plain value")


def _read_root(file: str, *, text: str, node: Node | None, mistakes: Mistakes) -> Document | None:
    if not isinstance(node, MappingNode):
        found = "found an empty file" if node is None else "found no mapping"
        mistakes.add_at(file, Place(1, 1), found=found, expected="expected `key: value` lines")
        return None
    reading = _Reading()
    data = reading.read(node, ())
    document = Document(file=file, text=text, data=data, keys=reading.keys, values=reading.values)
    for index, found, expected in reading.complaints:
        mistakes.add_at(file, document.place_of(index), found=found, expected=expected)
    return None if reading.complaints else document


class _Reading:
    """One walk over the composed nodes: plain data, places, and complaints with their index in the text."""

    def __init__(self) -> None:
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, Span] = {}
        self.complaints: list[tuple[int, str, str]] = []
        self._constructor = YAML(typ="safe", pure=True).constructor

    def read(self, node: Node, path: Path) -> Any:
        self.values[path] = Span(node.start_mark.index, node.end_mark.index)
        if isinstance(node, MappingNode):
            return self._read_mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._read_scalar(node)

    def _read_mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            index = key.start_mark.index
            if not isinstance(key, ScalarNode):
                self.complaints.append((index, "found a key that is no word", "expected a word before the colon"))
                continue
            name = str(key.value)
            if name in data:
                line = self._line_of(node, name)
                self.complaints.append((index, f"found the key `{name}` twice", f"expected it only in line {line}"))
                continue
            self.keys[*path, name] = index
            data[name] = self.read(value, (*path, name))
        return data

    @staticmethod
    def _line_of(node: MappingNode, name: str) -> int:
        return int(next(key.start_mark.line for key, _ in node.value if key.value == name)) + 1

    def _read_scalar(self, node: Node) -> Any:
        try:
            return self._constructor.construct_object(node)
        except ValueError:
            complaint = (node.start_mark.index, f"found {node.value}", "expected a date of the calendar, or quotes")
            self.complaints.append(complaint)
            return None
