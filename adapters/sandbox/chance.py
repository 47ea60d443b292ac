"""Decisions by hash of (seed, key...), so that no decision depends on the order or the time of asking."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Choice = TypeVar("Choice")


def unit(*key: object) -> float:
    """A number in [0, 1), always the same for the same key."""
    digest = blake2b("\x1f".join(map(str, key)).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def below(limit: int, *key: object) -> int:
    """A whole number in [0, limit), always the same for the same key."""
    return int(unit(*key) * limit)


def chance(probability: float, *key: object) -> bool:
    """True for about this share of keys."""
    return unit(*key) < probability


def pick(options: Sequence[Choice], *key: object) -> Choice:
    """One of the options, each equally likely over many keys."""
    return options[below(len(options), *key)]


def weighted(options: Sequence[tuple[Choice, float]], *key: object) -> Choice:
    """One of the options by weight; weights need not sum to one."""
    mark = unit(*key) * sum(weight for _, weight in options)
    for option, weight in options:
        mark -= weight
        if mark < 0:
            return option
    return options[-1][0]


def token(length: int, *key: object) -> str:
    """A string of letters and digits that looks like a credential and is fixed by the key."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(alphabet[below(62, *key, place)] for place in range(length))
