"""What becomes of occurrences when the accounts that had them turn out to be one: pure rules."""

from dataclasses import replace
from datetime import date

import pytest

from connector.domain.occurrences import HAS_ITS_OWN, OccurrenceState, advance, sighted, without_double
from tests.builders import ANCHOR, TODAY, before_renewal, make_mark, make_occurrence, make_sighting

OTHER = replace(ANCHOR, id=2, key="hub/51", account_id=2)
RENEWAL = date(2026, 6, 30)
MILESTONE = before_renewal()
ASKED, OPEN, EXPIRED, CANCELLED = (
    OccurrenceState.ASKED,
    OccurrenceState.OPEN,
    OccurrenceState.EXPIRED,
    OccurrenceState.CANCELLED,
)


def had(state, *, due_on=TODAY, anchor=ANCHOR, ordinal=1):
    return make_occurrence(id=anchor.id * 10 + ordinal, state=state, due_on=due_on, anchor=anchor, ordinal=ordinal)


def test_what_one_record_alone_had_is_its_newest_ordinal():
    earlier, later = had(ASKED, due_on=date(2025, 3, 2)), had(OPEN, ordinal=2)
    assert sighted(make_sighting(RENEWAL), [earlier, later], MILESTONE) == (make_sighting(RENEWAL), later)
    assert sighted(make_sighting(RENEWAL), [], MILESTONE) == (make_sighting(RENEWAL), None)


@pytest.mark.parametrize("ended", [ASKED, EXPIRED])
def test_an_open_one_near_to_what_was_asked_or_expired_is_doubled(ended):
    settled, doubled = had(ended, due_on=date(2026, 2, 20)), had(OPEN, anchor=OTHER)
    sighting, last = sighted(make_sighting(RENEWAL), [settled, doubled], MILESTONE)
    assert (last, sighting.doubled) == (settled, (doubled,))
    assert without_double(sighting) == [replace(doubled, state=CANCELLED, reason=HAS_ITS_OWN)]


def test_an_open_one_that_could_have_followed_goes_on():
    settled, follows = had(ASKED, due_on=date(2025, 3, 2)), had(OPEN, anchor=OTHER)
    sighting, last = sighted(make_sighting(RENEWAL), [settled, follows], MILESTONE)
    assert (last, sighting.doubled) == (follows, ())


def test_of_two_open_ones_the_earlier_goes_on():
    early, late = had(OPEN, due_on=date(2026, 2, 25), anchor=OTHER), had(OPEN)
    sighting, last = sighted(make_sighting(RENEWAL), [late, early], MILESTONE)
    assert (last, sighting.doubled) == (early, (late,))


def test_a_cancelled_one_counts_only_where_nothing_else_was():
    cancelled, asked = had(CANCELLED, anchor=OTHER), had(ASKED, due_on=date(2026, 2, 20))
    assert sighted(make_sighting(RENEWAL), [cancelled, asked], MILESTONE)[1] == asked
    other = had(CANCELLED, due_on=date(2026, 2, 20))
    assert sighted(make_sighting(RENEWAL), [cancelled, other], MILESTONE)[1] == cancelled


def test_the_next_one_has_an_ordinal_that_no_record_has_used():
    had_long_ago = [had(ASKED, due_on=date(2025, 3, 2)), had(EXPIRED, due_on=date(2024, 3, 2), anchor=OTHER, ordinal=3)]
    sighting, last = sighted(make_sighting(RENEWAL), had_long_ago, MILESTONE)
    mark, starts_on = make_mark(date(2026, 3, 1)), date(2026, 1, 1)
    opened = advance(
        MILESTONE, program="ongoing", sighting=sighting, last=last, mark=mark, starts_on=starts_on, today=TODAY
    )
    assert opened is not None
    assert (opened.anchor, opened.ordinal, opened.due_on) == (ANCHOR, 4, TODAY)


def test_a_reopened_one_keeps_the_record_that_had_it():
    cancelled = had(CANCELLED, due_on=date(2026, 2, 1), anchor=OTHER)
    mark, starts_on = make_mark(date(2026, 3, 1)), date(2026, 1, 1)
    opened = advance(
        MILESTONE,
        program="ongoing",
        sighting=make_sighting(RENEWAL),
        last=cancelled,
        mark=mark,
        starts_on=starts_on,
        today=TODAY,
    )
    assert opened is not None
    assert (opened.id, opened.anchor, opened.ordinal, opened.state) == (cancelled.id, OTHER, 1, OPEN)
