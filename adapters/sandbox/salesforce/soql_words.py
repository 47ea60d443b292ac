"""Cuts SOQL text into words with their places, and words errors as the org does."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass

from adapters.sandbox.salesforce.errors import Refusal

_PATTERN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<string>'(?:[^'\\]|\\.)*')"
    r"|(?P<datetime>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d))"
    r"|(?P<date>\d{4}-\d\d-\d\d(?![\dTt]))"
    r"|(?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w-]))"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<sign><=|>=|!=|[=<>(),])",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
_SNIPPET = 30  # characters before the place that an error text repeats


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its kind, its text as written and where it starts."""

    kind: str
    _: KW_ONLY
    text: str
    at: int

    @property
    def lower(self) -> str:
        """The text of a name or sign without regard to case."""
        return self.text.lower() if self.kind in ("name", "sign") else ""


def located(soql: str, at: int, message: str) -> str:
    """The message with the piece of the query, a caret under the place, row and column."""
    row = soql.count("\n", 0, at) + 1
    line_start = soql.rfind("\n", 0, at) + 1
    line_end = soql.find("\n", at)
    begin = max(line_start, at - _SNIPPET)
    snippet = soql[begin : min(at + _SNIPPET, len(soql) if line_end < 0 else line_end)]
    return f"\n{snippet}\n{' ' * (at - begin)}^\nERROR at Row:{row}:Column:{at - line_start + 1}\n{message}"


def malformed(soql: str, at: int, message: str) -> Refusal:
    """The query is no SOQL."""
    return Refusal(400, "MALFORMED_QUERY", located(soql, at, message))


def words(soql: str) -> list[Word]:
    """The words of a query, closed by one of kind `end`; raises Refusal at a character that begins none."""
    found: list[Word] = []
    at = 0
    while at < len(soql):
        match = _PATTERN.match(soql, at)
        if match is None:
            shown = soql[at]
            raise malformed(
                soql, at, f"line {soql.count(chr(10), 0, at) + 1}:{at} no viable alternative at character '{shown}'"
            )
        if match.lastgroup != "space":
            found.append(Word(str(match.lastgroup), text=match.group(), at=at))
        at = match.end()
    return [*found, Word("end", text="<EOF>", at=len(soql))]


def unescape(quoted: str, *, like: bool = False) -> str:
    r"""The value of a quoted string; for LIKE, `\%` and `\_` and `\\` stay escaped."""

    def one(match: re.Match[str]) -> str:
        character = match.group(1)
        if like and character in "%_\\":
            return "\\" + character
        return _ESCAPES.get(character, character)

    return re.sub(r"\\(.)", one, quoted[1:-1], flags=re.DOTALL)
