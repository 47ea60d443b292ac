"""What is wrong with YAML's own syntax, in an admin's words; ruamel speaks of tokens and blocks."""

from collections.abc import Sequence

_INDENT = "expected the indentation of the lines beside it"
_TOLD: Sequence[tuple[str, str, str]] = (
    ("'\\t'", "found a tab", "expected spaces: YAML indents with spaces only"),
    ("expected <block end>", "found a line whose indent fits none above it", _INDENT),
    ("mapping values are not allowed", "found a colon where no key can be", f"{_INDENT}, or quotes around the text"),
    ("could not find expected ':'", "found a key without a colon", "expected `key: value`"),
    ("unexpected end of stream", "found the end of the file within quotes", "expected the closing quote before it"),
    ("but got '<stream end>'", "found the end of the file within brackets", "expected the closing bracket before it"),
)
"""A part of ruamel's sentence, and ours."""


def told(problem: str) -> tuple[str, str]:
    """What was found and what was expected, by ruamel's sentence; one that we have no words for is quoted."""
    known = next(((found, expected) for part, found, expected in _TOLD if part in problem), None)
    return known or (f"found unreadable YAML ({problem})", "expected valid YAML 1.2")
