"""Numbers, days and values as the console writes them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from connector.usecases.full_voices import Scale
from connector.web import console_pages as pages

AUCKLAND = ZoneInfo("Pacific/Auckland")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),  # noqa: RUF001  # the dash that stands for nothing
        ("", "–"),  # noqa: RUF001
        (True, "yes"),
        (False, "no"),
        (date(2026, 1, 5), "5 Jan 2026"),
        ("2026-01-05", "5 Jan 2026"),
        ("2026-99-05", "2026-99-05"),
        (436066.15, "436\u202f066.15"),
        (250000, "250\u202f000"),
        (100, "100"),
        (0, "0"),
        ("<b>", "<b>"),
        (["a"], "['a']"),
    ],
)
def test_values_are_written_as_people_read_them(value: object, words: str) -> None:
    assert pages.value(value) == words


def test_means_have_one_decimal_and_halves_go_up_as_in_the_crm() -> None:
    assert [pages.mean(each) for each in (8, 7.25, 7.75, 8.04)] == ["8.0", "7.3", "7.8", "8.0"]
    assert [pages.score(each) for each in (8.0, 10, 7.5)] == ["8", "10", "7.5"]


def test_moments_are_on_the_organisation_s_clock() -> None:
    at = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)
    assert (pages.moment(at, zone=AUCKLAND), pages.local_day(at, zone=AUCKLAND)) == ("6 Jan 2026, 01:30", "6 Jan 2026")


def test_counts_agree_with_their_nouns() -> None:
    assert [pages.counted(each, "voice") for each in (0, 1, 1200)] == ["0 voices", "1 voice", "1\u202f200 voices"]
    assert pages.counted(2, "person waits", "people wait") == "2 people wait"


def test_code_in_our_sentences_is_marked_and_everything_escaped() -> None:
    assert pages.coded("run `a <b>` & `c`.") == "run <code>a &lt;b&gt;</code> &amp; <code>c</code>."
    assert pages.breakable("<a>@kea.example") == "&lt;a&gt;@<wbr>kea.example"


def test_a_share_of_a_scale_starts_at_its_low_end() -> None:
    scale = Scale(low=1, high=7)
    assert [scale.share(each) for each in (0, 1, 4, 7, 9)] == [0.0, 0.0, 0.5, 1.0, 1.0]
