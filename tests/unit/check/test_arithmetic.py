"""Milestones and periods that lie closer than spacing."""

from dataclasses import replace
from datetime import date

import pytest

from connector.domain.arithmetic import too_close
from connector.domain.findings import Finding, Severity, Spot
from connector.domain.programs import Milestone, When, WhenKind
from tests.builders import FACTS, before_renewal, condition, make_policy, make_program

RENEWAL = FACTS["account.renewal_on"]


def at(days: int, **changes) -> Milestone:
    """A milestone so many days before the renewal, after it where the number is negative."""
    kind = WhenKind.BEFORE if days > 0 else WhenKind.AFTER
    when = When(kind=kind, fact=RENEWAL, days=abs(days))
    return replace(before_renewal(id=f"m{abs(days)}", when=when), **changes)


def found(*milestones: Milestone) -> list[tuple[int, str, str]]:
    """Index, key and message of each finding; all are warnings of the program."""
    findings = list(too_close(make_policy(programs=[make_program(milestones=milestones)])))
    assert {(each.severity, each.spot.program) for each in findings} <= {(Severity.WARNING, "ongoing")}
    return [(each.spot.path[1], each.spot.path[3], each.message) for each in findings]


def test_a_milestone_that_spacing_always_blocks_says_after_which_one() -> None:
    told = (
        "75 days before account.renewal_on is 45 days after 120 days before it: "
        "spacing (90 days) will always block it for whoever was asked then"
    )
    spot = Spot(path=("milestones", 1, "when", "by"), program="ongoing")
    policy = make_policy(programs=[make_program(milestones=(at(120), at(75)))])
    assert list(too_close(policy)) == [Finding(severity=Severity.WARNING, message=told, spot=spot)]


def test_days_before_and_after_a_date_are_on_one_line() -> None:
    told = (
        "20 days after account.renewal_on is 50 days after 30 days before it: "
        "spacing (90 days) will always block it for whoever was asked then"
    )
    assert found(at(-20), at(30)) == [(0, "by", told)]


@pytest.mark.parametrize(
    ("gap", "expires", "effect"),
    [
        (75, 14, "will always block it"),
        (76, 14, "makes it wait 14 days at least"),
        (89, 14, "makes it wait 1 day at least"),
        (90, 14, None),
    ],
)
def test_an_ask_that_can_wait_until_spacing_is_over_is_only_late(gap: int, expires: int, effect: str | None) -> None:
    messages = [message for _, _, message in found(at(200), at(200 - gap, expires_days=expires))]
    assert [effect in message for message in messages] == [True] * (effect is not None)


def test_the_nearest_milestone_before_is_the_one_that_is_told() -> None:
    messages = [message.partition(":")[0] for _, _, message in found(at(160), at(120), at(100))]
    assert messages == [
        "120 days before account.renewal_on is 40 days after 160 days before it",
        "100 days before account.renewal_on is 20 days after 120 days before it",
    ]


def test_milestones_that_no_record_passes_both_do_not_meet() -> None:
    small, large = condition("account.revenue < 5"), condition("account.revenue >= 5")
    assert found(at(120, where=small), at(75, where=large)) == []
    assert len(found(at(120, where=small), at(75, where=small))) == 1


def test_milestones_of_other_dates_are_not_compared() -> None:
    other = replace(at(75), when=When(kind=WhenKind.BEFORE, fact=FACTS["account.visited_on"], days=75))
    assert found(at(120), other) == []


def test_a_period_shorter_than_spacing_meets_itself() -> None:
    every = When(kind=WhenKind.EVERY, fact=None, days=56, from_on=date(2025, 9, 1))
    told = (
        "every 56 days is sooner than people may be asked again: "
        "spacing (90 days) will always block it for whoever was asked then"
    )
    assert found(at(120, id="wave", when=every)) == [(0, "every", told)]
    assert found(at(120, id="wave", when=replace(every, days=90))) == []


def across(*milestones: Milestone, **changes) -> list[Finding]:
    """What is found where each milestone is in a program of its own, the second with these changes."""
    first, second = (make_program(id=f"p{each.id}", milestones=(each,)) for each in milestones)
    return list(too_close(make_policy(programs=[first, replace(second, **changes)])))


def test_programs_of_one_type_are_told_of_each_other_at_both_places() -> None:
    later = (
        "75 days before account.renewal_on is 45 days after `m120` of program `pm120`: "
        "spacing (90 days) will always block it for whoever was asked then"
    )
    earlier = (
        "120 days before account.renewal_on comes 45 days before `m75` of program `pm75`: "
        "spacing (90 days) will always block that one for whoever was asked here"
    )
    path = ("milestones", 0, "when", "by")
    assert across(at(120), at(75)) == [
        Finding(severity=Severity.WARNING, message=later, spot=Spot(path=path, program="pm75")),
        Finding(severity=Severity.WARNING, message=earlier, spot=Spot(path=path, program="pm120")),
    ]


def test_two_programs_that_ask_on_one_day_are_told_once_at_each() -> None:
    found = across(at(120), at(120, id="other"))
    assert sorted(each.spot.program for each in found) == ["pm120", "pother"]


def test_programs_that_no_account_or_person_is_in_both_of_do_not_meet() -> None:
    users, managers = condition("contact.level = 'user'"), condition("contact.level = 'manager'")
    other = make_program(milestones=(at(75),), who=users), make_program(id="b", milestones=(at(120),), who=managers)
    assert list(too_close(make_policy(programs=other))) == []
    assert across(at(120), at(75), relationship="partner") == []
    assert across(at(120), at(30)) == []
