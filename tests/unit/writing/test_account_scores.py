"""What an account shows of its people: one mean over persons, and each of them once."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.write_back import WRITE_FIELDS, AccountStanding, RecordKind, Voice, changed_values, wanted_values

FIRST = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
ANSWERS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 10), st.integers(0, 90)), unique_by=lambda each: each[2])


def voice(person: int, score: float, *, days: int = 0) -> Voice:
    return Voice(person_id=person, score=score, answered_at=FIRST + timedelta(days=days))


def wanted(*voices: Voice, zone=UTC):
    return wanted_values(AccountStanding(voices=voices), zone=zone)


@given(ANSWERS)
def test_an_account_shows_the_mean_over_persons_of_the_newest_score_of_each(answers):
    newest = {person: score for person, score, day in sorted(answers, key=lambda each: each[2])}
    if not newest:
        assert changed_values(wanted(), written={"score": 7.0, "voices": 2, "open_actions": 0}) == {}
        return
    shown = wanted(*(voice(person, score, days=day) for person, score, day in answers))
    mean = Fraction(sum(newest.values()), len(newest))
    assert abs(Fraction(str(shown["score"])) - mean) <= Fraction(1, 20)
    assert round(shown["score"], 1) == shown["score"]
    assert shown["voices"] == len(newest)
    assert shown["score_on"] == (FIRST + timedelta(days=max(day for _, _, day in answers))).date()


@given(ANSWERS, st.randoms())
def test_the_order_of_answers_of_different_moments_is_nothing_to_the_score(answers, random):
    voices = [voice(person, score, days=day) for person, score, day in answers]
    shuffled = random.sample(voices, len(voices))
    assert wanted(*shuffled) == wanted(*voices)


@pytest.mark.parametrize(
    ("scores", "mean"), [((7, 7, 7, 8), 7.3), ((7, 8, 8, 8), 7.8), ((7, 7, 8), 7.3), ((0, 0), 0.0)]
)
def test_halves_of_a_tenth_go_up(scores, mean):
    assert wanted(*(voice(person, score) for person, score in enumerate(scores)))["score"] == mean


def test_the_day_is_the_organisation_s():
    shown = wanted(voice(1, 8), zone=ZoneInfo("Pacific/Auckland"))
    assert shown == {"score": 8.0, "score_on": date(2026, 3, 2), "voices": 1, "open_actions": 0}


def test_where_nobody_is_left_the_blanks_are_wanted_and_none_is_written():
    assert wanted() == {"score": None, "score_on": None, "voices": None, "open_actions": 0}
    assert changed_values(wanted(), written={"score": 7.0, "open_actions": 0}) == {}


def test_no_open_action_is_a_number_and_is_written_after_there_was_one():
    standing = AccountStanding(open_actions=0)
    assert changed_values(wanted_values(standing, zone=UTC), written={"open_actions": 1}) == {"open_actions": 0}


def test_every_word_of_an_account_is_a_field_and_the_other_way_round():
    assert list(wanted(voice(1, 8))) == [own.word for own in WRITE_FIELDS if own.kind is RecordKind.ACCOUNT]
