"""Titles to levels: patterns as an admin writes them, and what holds for all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.records import Level
from connector.domain.titles import level_of

LEVELS = {
    Level.EXECUTIVE: ("chief *", "c?o", "vp *", "* vice president", "geschäftsführer*", "vorstand*"),
    Level.MANAGER: ("head of *", "* manager", "*leiter*", "director *"),
    Level.USER: ("*engineer*", "*operator*", "*techniker*"),
}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Chief Operating Officer", (Level.EXECUTIVE, "chief *")),
        ("CEO", (Level.EXECUTIVE, "c?o")),
        ("  ceo ", (Level.EXECUTIVE, "c?o")),
        ("VP Sales / Deputy CEO", (Level.EXECUTIVE, "vp *")),
        ("Sales Lead / CEO", (Level.EXECUTIVE, "c?o")),
        ("Founder & CEO", (Level.EXECUTIVE, "c?o")),
        ("Head of QA & Lab Manager", (Level.MANAGER, "head of *")),
        ("Head of R&D", (Level.MANAGER, "head of *")),
        ("Lab engineer, Plant Manager", (Level.MANAGER, "* manager")),
        ("Director", (Level.MANAGER, "director *")),
        ("Director, Operations", (Level.MANAGER, "director *")),
        ("Manager", (Level.MANAGER, "* manager")),
        ("Geschäftsführerin", (Level.EXECUTIVE, "geschäftsführer*")),
        ("GESCHA\u0308FTSFU\u0308HRER", (Level.EXECUTIVE, "geschäftsführer*")),
        ("\uff23\uff25\uff2f", (Level.EXECUTIVE, "c?o")),
        ("Teamleiter\u00a0Labor", (Level.MANAGER, "*leiter*")),
        ("Process Engineer \u2013 Filling", (Level.USER, "*engineer*")),
        ("Buyer", None),
        ("Advice Presidenting", None),
        ("Assistant to the CEO", None),
        ("", None),
        (" / , ", None),
        (None, None),
    ],
)
def test_a_title_has_the_level_of_the_first_pattern_that_matches_it_or_one_of_its_parts(title, expected):
    assert level_of(title, LEVELS) == expected


@pytest.mark.parametrize(
    "title",
    ["Executive Assistant / CEO", "Assistant - CEO", "CEO's assistant", "CEO, ASSISTANT", "Secretary, Head of QA"],
)
def test_who_matches_a_pattern_of_no_level_has_none_whatever_else_the_title_says(title):
    said = {None: ("*assistant*", "secretary"), **LEVELS}
    assert (level_of(title, said), level_of("Sales / CEO", said)) == (None, (Level.EXECUTIVE, "c?o"))


def test_signs_of_other_pattern_languages_stand_for_themselves():
    levels = {Level.USER: ("c++ developer", "[lab]*", "a.b", "100% *")}
    assert [
        level_of(title, levels) for title in ("C++ developer", "[lab] aide", "a.b", "axb", "lab", "100% sales")
    ] == [
        (Level.USER, "c++ developer"),
        (Level.USER, "[lab]*"),
        (Level.USER, "a.b"),
        None,
        None,
        (Level.USER, "100% *"),
    ]


def test_a_long_text_in_the_field_costs_no_time():
    assert level_of("a" * 100_000, {Level.USER: ("*a*a*a*b",)}) is None


WORDS = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=12)


@given(st.lists(WORDS, min_size=1, max_size=4), st.sampled_from(list(Level)))
def test_a_title_written_as_a_pattern_matches_itself_in_capitals_and_small(words, level):
    title = " ".join(words)
    assert level_of(title, {level: (title,)}) == (level, title)
    assert level_of(title.upper(), {level: (title.upper(),)}) == (level, title.upper())


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=4), st.lists(st.text(max_size=12), max_size=4))
def test_a_higher_level_stands_above_a_lower_one_and_more_patterns_never_lower_it(title, executive, user):
    both = level_of(title, {Level.EXECUTIVE: executive, Level.USER: user})
    alone = level_of(title, {Level.EXECUTIVE: executive})
    assert both == (alone or level_of(title, {Level.USER: user}))


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=4), st.lists(st.text(max_size=12), max_size=4))
def test_patterns_of_no_level_only_take_levels_away(title, unknown, user):
    alone = level_of(title, {Level.USER: user})
    excluded = level_of(title, {Level.USER: unknown}) is not None
    assert level_of(title, {None: unknown, Level.USER: user}) == (None if excluded else alone)


@given(WORDS, WORDS, st.sampled_from([" / ", "/", ", ", "; ", " | ", " & ", " + ", " - "]))
def test_each_part_of_a_title_counts_as_a_title(first, second, between):
    levels = {Level.USER: (second,)}
    assert level_of(f"{first}{between}{second}", levels) == (Level.USER, second)
