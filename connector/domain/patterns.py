"""Patterns as admins write them, in which `*` stands for any text: matched in steps, never by trying all divisions."""

import re
from functools import lru_cache

ANY = "*"
"""Stands in a pattern for any run of characters, and for none."""


@lru_cache(maxsize=4096)
def any_of(*patterns: str, one: str = "") -> re.Pattern[str]:
    """An expression for `fullmatch` with whole texts that one of the patterns matches; all else stands for itself.

    `one` is the sign that stands for one character, if there is one. The time grows with the text's length times the
    pattern's, however many `*` there are: each text between two of them is looked for once, from left to right, and
    where it was found first is where it stays.
    """
    return re.compile("|".join(_expression(pattern, one=one) for pattern in patterns), re.DOTALL)


def _expression(pattern: str, *, one: str) -> str:
    first, *rest = ("".join("." if sign == one else re.escape(sign) for sign in part) for part in pattern.split(ANY))
    if not rest:
        return first
    *between, last = rest
    # An atomic group is never entered again: an earlier place leaves more text for what follows, so none is missed.
    return first + "".join(f"(?>.*?{part})" for part in between if part) + f".*{last}"
