"""The marker of a task: always on it, never taken for another one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.markers import bears, marked

MARKER = "closedloop:ab12-7-1"


@given(body=st.text(max_size=300), longest=st.integers(min_value=40, max_value=200))
def test_whatever_the_text_the_marker_is_on_it_once_and_it_is_not_too_long(body: str, longest: int) -> None:
    text = marked(body, marker=MARKER, longest=longest)
    assert bears(text, marker=MARKER)
    assert text.count(MARKER) == 1
    assert len(text) <= longest
    assert marked(text, marker=MARKER, longest=longest) == text


@given(body=st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=100))
def test_a_text_that_fits_stays_whole(body: str) -> None:
    assert marked(body, marker=MARKER, longest=200) == f"{body}\n{MARKER}"


@pytest.mark.parametrize("body", [f"Call.\n{MARKER}", f"{MARKER}\nThe rep's words", MARKER])
def test_a_text_that_bears_the_marker_stays_as_it_is(body: str) -> None:
    assert marked(body, marker=MARKER, longest=200) == body


def test_a_text_that_is_too_long_loses_its_end_and_not_the_marker() -> None:
    assert marked("x" * 100, marker=MARKER, longest=30) == "x" * 10 + f"\n{MARKER}"
    assert marked(f"{'x' * 100}\n{MARKER}", marker=MARKER, longest=30) == "x" * 10 + f"\n{MARKER}"
    assert marked(f"{MARKER}\n{'x' * 100}", marker=MARKER, longest=60) == f"{MARKER}\n{'x' * 20}"


def test_without_a_text_the_marker_stands_alone() -> None:
    assert marked("", marker=MARKER, longest=100) == MARKER


@pytest.mark.parametrize("text", [f"{MARKER}2", f"{MARKER}-1", f"x{MARKER}", f"{MARKER[:-1]}", "", f"-{MARKER}"])
def test_another_marker_is_not_this_one(text: str) -> None:
    assert not bears(text, marker=MARKER)


@pytest.mark.parametrize("text", [f"({MARKER})", f"a {MARKER}.", f"\t{MARKER}\r\n"])
def test_a_marker_among_other_signs_is_found(text: str) -> None:
    assert bears(text, marker=MARKER)
