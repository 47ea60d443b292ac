"""The first condition on the way to a decision that fails, for a person whom a milestone never decided about."""

from datetime import date
from typing import Any

import pytest

from connector.domain.occurrences import OccurrenceState
from connector.domain.programs import When, WhenKind
from connector.domain.selection import Reason
from connector.domain.unasked import Prospect, nearest
from tests.builders import FACTS, NOW, TODAY, before_renewal, condition, make_occurrence, make_program, won

SINCE = date(2026, 1, 1)


def prospect(**changes: Any) -> Prospect:
    """A user at an ongoing account that renews in 121 days, planned through yesterday."""
    values: dict[str, Any] = {
        "program": make_program(),
        "milestone": before_renewal(),
        "account": "sf/001A",
        "relationship": "ongoing",
        "contact": "sf/003A",
        "contact_since": SINCE,
        "anchor": "sf/001A",
        "values": {},
        "moment": date(2026, 7, 1),
        "planned_through": date(2026, 3, 1),
    }
    return Prospect(**values | changes)


def why(*prospects: Prospect) -> Reason:
    return nearest(prospects, today=TODAY)[1]


def reason(rule: str, value: str, threshold: str, *, source: str = "sf/001A", on: str = "2026-03-02") -> Reason:
    return Reason(rule=rule, value=value, threshold=threshold, source=source, on=on)


def test_an_account_of_another_type_comes_first() -> None:
    assert why(prospect(relationship="partner", anchor=None)) == reason("other relationship", "partner", "ongoing")


def test_without_a_record_of_the_kind_nothing_can_fall_due() -> None:
    assert why(prospect(milestone=won(), anchor=None)) == reason("no record", "none", "opportunity")


@pytest.mark.parametrize(("who", "told"), [("sf/003B", "sf/003B"), (None, "nobody who is known")])
def test_a_case_is_about_nobody_but_who_brought_it(who: str | None, told: str) -> None:
    theirs = prospect(anchor="sf/500B", moment=None)
    anothers = prospect(anchor="sf/500A", is_theirs=False, brought_by=who)
    assert why(anothers) == reason("another's case", told, "who brought it", source="sf/500A")
    assert why(anothers, theirs).rule == "no date"


@pytest.mark.parametrize("where", [False, None])
def test_a_filter_that_is_false_or_unknown_tells_what_it_saw(where: bool | None) -> None:
    milestone = before_renewal(where=condition("account.tier = 'A'"))
    seen = prospect(milestone=milestone, where=where, values={"account.tier": None if where is None else "B"})
    value = "account.tier = unknown" if where is None else "account.tier = B"
    assert why(seen) == reason("filter", value, "account.tier = 'A'")


def test_an_unknown_date_is_named() -> None:
    assert why(prospect(moment=None)) == reason("no date", "unknown", "account.renewal_on")


def test_a_fact_that_has_not_changed_yet() -> None:
    seen = prospect(milestone=won(), anchor="sf/006A", moment="Proposal")
    wanted = "a change to Closed Won"
    assert why(seen) == reason("not changed", "opportunity.stage = Proposal", wanted, source="sf/006A")


def test_a_fact_that_was_so_when_it_was_first_seen() -> None:
    seen = prospect(milestone=won(), anchor="sf/006A", moment="Closed Won")
    wanted = "a change to Closed Won"
    assert why(seen) == reason("was so before", "opportunity.stage = Closed Won", wanted, source="sf/006A")


def test_a_day_to_come_is_told_with_how_it_is_counted() -> None:
    wanted = "120 days before account.renewal_on 2026-07-01"
    assert why(prospect()) == reason("not due yet", "2026-03-03", wanted, on="2026-03-03")


def test_days_after_a_change_are_counted_from_the_day_on_which_it_was_seen() -> None:
    when = When(kind=WhenKind.CHANGED, fact=FACTS["opportunity.stage"], value="Closed Won", days=45)
    seen = prospect(milestone=won(when=when), moment="Closed Won", changed_on=TODAY)
    wanted = "45 days after opportunity.stage became Closed Won"
    assert why(seen) == reason("not due yet", "2026-04-16", wanted, on="2026-04-16")


def test_of_periods_the_next_one_counts() -> None:
    when = When(kind=WhenKind.EVERY, fact=None, days=7, from_on=date(2026, 2, 26))
    seen = prospect(milestone=before_renewal(when=when), moment=date(2026, 2, 26))
    wanted = "7 days after each time since the day from which it counts 2026-02-26"
    assert why(seen) == reason("not due yet", "2026-03-05", wanted, on="2026-03-05")


def test_what_fell_due_before_the_program_starts() -> None:
    seen = prospect(program=make_program(starts_on=TODAY), moment=date(2026, 6, 1))
    assert why(seen) == reason("before the start", "2026-02-01", "2026-03-02", on="2026-02-01")


@pytest.mark.parametrize("planned", [None, date(2026, 3, 1)])
def test_what_is_due_today_waits_for_a_plan(planned: date | None) -> None:
    seen = prospect(moment=date(2026, 6, 30), planned_through=planned)
    assert why(seen) == reason("not planned yet", "2026-03-02", "a plan that was run")


@pytest.mark.parametrize("planned", [None, date(2026, 3, 1)])
def test_what_was_past_when_it_was_first_planned_is_not_caught_up_with(planned: date | None) -> None:
    wanted = "a day that was still to come when it was first planned"
    expected = reason("past before it was planned", "2026-02-01", wanted, on="2026-02-01")
    assert why(prospect(moment=date(2026, 6, 1), planned_through=planned)) == expected


EXPIRED = reason("expired unplanned", "2026-02-01", "a plan that was run by 2026-02-15", on="2026-02-15")


@pytest.mark.parametrize("is_looked_at", [True, False])
def test_what_expired_while_no_plan_was_run_says_so(is_looked_at: bool) -> None:
    planned = date(2026, 1, 2)
    assert why(prospect(moment=date(2026, 6, 1), planned_through=planned, is_looked_at=is_looked_at)) == EXPIRED
    last = prospect(moment=date(2026, 6, 16), planned_through=planned)
    assert why(last) == reason("not planned yet", "2026-02-16", "a plan that was run", on="2026-02-16")


@pytest.mark.parametrize("state", [OccurrenceState.OPEN, OccurrenceState.EXPIRED])
def test_what_was_opened_and_never_drawn_says_that_it_expired(state: OccurrenceState) -> None:
    never = make_occurrence(due_on=date(2026, 2, 1), expires_on=date(2026, 2, 15), state=state)
    assert why(prospect(moment=date(2026, 6, 1), occurrence=never)) == EXPIRED
    today = make_occurrence(due_on=date(2026, 2, 16), expires_on=TODAY)
    assert why(prospect(moment=date(2026, 6, 16), occurrence=today)).rule == "not planned yet"


def test_who_came_after_the_candidates_were_drawn() -> None:
    drawn = make_occurrence(drawn_at=NOW, state=OccurrenceState.ASKED)
    seen = prospect(moment=date(2026, 6, 30), occurrence=drawn, drawn_on=TODAY, contact_since=date(2026, 3, 4))
    wanted = "at the account on 2026-03-02"
    assert why(seen) == reason("came later", "2026-03-04", wanted, source="sf/003A", on="2026-03-04")


def test_a_cancelled_one_says_why() -> None:
    gone = make_occurrence(state=OccurrenceState.CANCELLED, reason="its reason is gone")
    seen = prospect(moment=date(2026, 6, 30), occurrence=gone)
    assert why(seen) == reason("cancelled", "its reason is gone", "an open milestone")


def test_of_several_records_the_one_that_gets_furthest_tells_and_of_equal_ones_the_next_to_come() -> None:
    far, near = prospect(anchor="sf/001X", moment=date(2026, 9, 1)), prospect(anchor="sf/001Y")
    assert why(prospect(moment=None), far, near).source == "sf/001Y"


def test_what_waits_for_a_plan_tells_before_what_is_to_come_and_that_before_the_newest_that_is_past() -> None:
    waiting = prospect(anchor="sf/001W", moment=date(2026, 6, 30))
    coming = prospect(anchor="sf/001X")
    past, older = (prospect(anchor=f"sf/001{n}", moment=date(2026, n, 1)) for n in (6, 5))
    told = [why(older, past, coming, waiting), why(older, past, coming), why(older, past)]
    assert [each.source for each in told] == ["sf/001W", "sf/001X", "sf/0016"]


def test_what_a_plan_of_now_passes_over_waits_for_none() -> None:
    assert why(prospect(moment=date(2026, 6, 30), is_looked_at=True)).rule == "past before it was planned"
