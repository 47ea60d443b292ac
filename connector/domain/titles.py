"""Job titles to levels: the admin's patterns against a title and its parts; what matches none stays unknown."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from connector.domain.patterns import ANY, any_of
from connector.domain.records import Level

Levels = Mapping[Level | None, Sequence[str]]
"""Patterns of each level: `*` stands for any text, `?` for one character; capitals do not count. None: of no level."""

_BETWEEN = re.compile(r"\s*[/,;|]\s*|\s+(?:&|\+|-|–|—)\s+")  # noqa: RUF001  dashes as people type them
_TITLE_LIMIT = 200
"""Characters of a title that are looked at; no title is longer, and text pasted into the field must not cost time."""


def level_of(title: str | None, levels: Levels) -> tuple[Level, str] | None:
    """The first level of executive, manager and user with a pattern that matches, and that pattern; None for none.

    A pattern matches the whole title or one of its parts: `VP Sales / Deputy CEO` has two, as has one with a comma, a
    semicolon, a bar, or with `&`, `+` or a dash between spaces. A `*` beside a space stands for no word as well:
    `* manager` matches `Manager`. A pattern of no level that matches so stands before all others: with `*assistant*`
    there, `Executive Assistant / CEO` is nobody's level.
    """
    parts = tuple(_parts(title or ""))
    if _matching(parts, levels.get(None, ())) is not None:
        return None
    found = ((level, _matching(parts, levels.get(level, ()))) for level in Level)
    return next(((level, pattern) for level, pattern in found if pattern is not None), None)


def folded(text: str) -> str:
    """A text as titles are compared: one form of each character, no capitals, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def _matching(parts: Sequence[str], patterns: Sequence[str]) -> str | None:
    """The first pattern that matches one of the parts."""
    return next((each for each in patterns if any(_expression(each).fullmatch(part) for part in parts)), None)


def _parts(title: str) -> Iterator[str]:
    whole = folded(title[:_TITLE_LIMIT])
    if whole:
        yield whole
        yield from (part for part in _BETWEEN.split(whole) if part and part != whole)


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """The pattern, and what is left of it where a `*` beside a space stands for no word."""
    forms = [re.sub(r"\*+", ANY, folded(pattern))]
    if forms[0].startswith("* "):
        forms.append(forms[0][2:])
    forms += [form[:-2] for form in forms if form.endswith(" *")]
    return any_of(*forms, one="?")
