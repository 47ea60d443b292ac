"""Patterns with `*`: the same answer as trying every division of the text gives, in a time that does not explode."""

import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.listed import Listed
from connector.domain.patterns import any_of
from connector.domain.records import Level
from connector.domain.titles import level_of

LETTERS = st.text(st.sampled_from("ab\n"), max_size=10)
PATTERNS = st.text(st.sampled_from("ab*?\n"), max_size=8)
STARS = "*a" * 60 + "*b"


def tried(text: str, pattern: str, *, one: str) -> bool:
    """Whether a pattern matches, by trying every length that each `*` can stand for."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(tried(text[length:], pattern[1:], one=one) for length in range(len(text) + 1))
    return bool(text) and pattern[0] in (text[0], one) and tried(text[1:], pattern[1:], one=one)


@given(LETTERS, PATTERNS, st.sampled_from(["", "?"]))
def test_a_pattern_matches_what_trying_everything_matches(text, pattern, one):
    assert bool(any_of(pattern, one=one).fullmatch(text)) == tried(text, pattern, one=one)


def test_every_short_text_and_pattern_agree():
    texts = ["".join(signs) for length in range(5) for signs in product("ab", repeat=length)]
    patterns = ["".join(signs) for length in range(5) for signs in product("a*?", repeat=length)]
    differing = [
        (text, pattern)
        for text, pattern in product(texts, patterns)
        if bool(any_of(pattern, one="?").fullmatch(text)) != tried(text, pattern, one="?")
    ]
    assert (len(texts), len(patterns), differing) == (31, 121, [])


@given(LETTERS, PATTERNS, PATTERNS)
def test_of_several_patterns_one_is_enough(text, first, second):
    either = any(any_of(each).fullmatch(text) for each in (first, second))
    assert bool(any_of(first, second).fullmatch(text)) == either


def test_signs_of_other_pattern_languages_stand_for_themselves():
    assert [bool(any_of("a.b|[c]?").fullmatch(text)) for text in ("a.b|[c]?", "axb", "a.b|cd")] == [True, False, False]


@pytest.mark.parametrize(
    "match",
    [
        lambda: level_of("a" * 200, {Level.USER: (STARS,)}),
        lambda: Listed(recipients=(f"{STARS}@harbour.example",)).has_recipient(f"{'a' * 60}@harbour.example"),
    ],
    ids=["a title", "an address"],
)
def test_sixty_stars_cost_no_time(match):
    begun = time.perf_counter()
    assert not match()
    assert time.perf_counter() - begun < 1, "one step for each division would take longer than there is time"
