"""The text in which the engine keeps a place for us."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.hubspot.cursor import Cursor, cursor_text, read_cursor

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
MARK = NOON - timedelta(hours=1)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"form": 99}', "null", '{"after": "10"}'])
def test_a_cursor_that_is_none_of_ours_begins_anew(text: str) -> None:
    assert read_cursor(text) == Cursor()


def test_a_cursor_survives_its_text() -> None:
    cursor = Cursor(mark=MARK, bound=NOON, after="7", is_sweeping=True, swept=MARK, bin_pages=3, seen={"7": 5, "-8": 6})
    assert read_cursor(cursor_text(cursor)) == cursor


def test_a_cursor_remembers_the_newest_and_stays_small() -> None:
    cursor = Cursor(mark=MARK, seen={str(number): number for number in range(713492963559, 713492963559 + 5000)})
    text = cursor_text(cursor)
    assert len(text) < 65_536
    assert sorted(read_cursor(text).seen.values())[0] == 713492963559 + 3000
