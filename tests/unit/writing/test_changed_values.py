"""What is written: changed values only, in the organisation's days, and never a blank."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.write_back import LatestScore, changed_values, wanted_values

VALUES = st.dictionaries(st.sampled_from("abcd"), st.none() | st.integers(0, 3))


@given(VALUES, VALUES)
def test_writing_what_changed_leaves_nothing_to_write(wanted, written):
    changed = changed_values(wanted, written=written)
    assert changed_values(wanted, written={**written, **changed}) == {}
    assert all(value is not None and written.get(word) != value for word, value in changed.items())


def test_the_day_of_an_answer_is_the_organisation_s():
    latest = LatestScore(score=8, answered_at=datetime(2026, 3, 1, 22, 30, tzinfo=UTC))
    assert wanted_values(latest, zone=ZoneInfo("Pacific/Auckland")) == {"score": 8, "answered_on": date(2026, 3, 2)}


def test_somebody_who_never_answered_has_nothing_to_write():
    assert wanted_values(None, zone=UTC) == {}
