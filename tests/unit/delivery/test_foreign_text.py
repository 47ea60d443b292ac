"""What of others' text may be shown as it is, in mails and on terminals."""

import pytest

from connector.domain.foreign_text import harmless, one_line


def test_marks_that_turn_the_writing_direction_are_taken_out() -> None:
    assert one_line("Anna \u202egnp.exe\u2066\tTane ") == "Anna gnp.exe Tane"


@pytest.mark.parametrize(
    ("text", "shown"), [(None, ""), ("a\x07 \x1b b", "a b"), ("one\r\ntwo\x85three", "one two three")]
)
def test_a_line_has_single_spaces_and_no_control_characters(text: str | None, shown: str) -> None:
    assert one_line(text) == shown


def test_names_of_every_script_stay_as_they_are_with_breaks_and_tabs() -> None:
    text = "Zoë 田中 שרה\n\tO'Hara 👩‍💻"
    assert harmless(text) == text
