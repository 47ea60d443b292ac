"""Durations as words."""

from datetime import timedelta

import pytest

from connector.settings.durations import read_days, read_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90 days", timedelta(days=90)),
        ("1 day", timedelta(days=1)),
        ("2 weeks", timedelta(weeks=2)),
        (" 15  minutes ", timedelta(minutes=15)),
        ("1 hour", timedelta(hours=1)),
        ("0 days", timedelta(0)),
    ],
)
def test_words_become_a_duration(text: str, duration: timedelta) -> None:
    assert read_duration(text) == duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 business days", "expected calendar days such as `2 days`: business days are not accepted yet"),
        ("3 months", "expected days or weeks such as `90 days`: months and years differ in length"),
        ("90", "expected a duration in words such as `90 days`, `2 weeks` or `15 minutes`"),
        (90, "expected a duration in words such as `90 days`, `2 weeks` or `15 minutes`"),
        ("-1 days", "expected no minus sign: a duration has no direction"),
        ("1.5 days", "expected a duration in words such as `90 days`, `2 weeks` or `15 minutes`"),
        ("PT15M", "expected a duration in words such as `90 days`, `2 weeks` or `15 minutes`"),
        ("999999 weeks", "expected at most 3,660 days"),
    ],
)
def test_anything_else_is_refused_with_what_was_expected(text: object, expected: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        read_duration(text)
    assert str(caught.value) == expected


def test_days_are_whole_and_positive_unless_said_otherwise() -> None:
    assert (read_days("2 weeks"), read_days("48 hours"), read_days("0 days", at_least=0)) == (14, 2, 0)
    with pytest.raises(ValueError, match="shorter steps are not possible here"):
        read_days("36 hours")
    with pytest.raises(ValueError, match="expected at least 1 day"):
        read_days("0 days")
