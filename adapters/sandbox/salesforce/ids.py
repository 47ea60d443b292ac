"""Record ids: fifteen case-sensitive characters and three check characters, as a real org hands them out."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")


def check_characters(short: str) -> str:
    """The three characters that tell ids apart when upper and lower case are lost: one per five characters."""
    return _check(short[:5]) + _check(short[5:10]) + _check(short[10:])


@lru_cache(maxsize=5_000)
def _check(five: str) -> str:
    return _CHECK[sum(1 << bit for bit, character in enumerate(five) if "A" <= character <= "Z")]


def make_id(prefix: str, number: int, *, pod: str) -> str:
    """The 18-character id of the record with this number; ids sort as their numbers do."""
    digits = ""
    for _ in range(12 - len(pod)):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    short = prefix + pod + digits
    return short + check_characters(short)


def is_id(text: str) -> bool:
    """Whether the text has the shape of an id, long or short."""
    return bool(_SHAPE.fullmatch(text))


def long_id(text: str) -> str:
    """The 18-character form; text that is no 15-character id comes back unchanged."""
    return text + check_characters(text) if len(text) == 15 and is_id(text) else text
