"""Rules that can never match: what is told of them, and where."""

from typing import Any

from connector.conditions.parsing import parse
from connector.domain.actions import ActionRule, OwnedBy
from connector.domain.due import Due
from connector.domain.findings import Finding, Severity, Spot
from connector.domain.heard import heard_words
from connector.domain.matching import never_matching
from connector.domain.programs import Policy, RelationshipRule
from tests.builders import FACTS, before_renewal, condition, make_policy, make_program, make_survey

WORDS = FACTS | heard_words(make_survey())


def rules(*texts: str) -> tuple[RelationshipRule, ...]:
    """Rules of these conditions, called after their places, and the leftover `ongoing`."""
    named = [RelationshipRule(type=f"type-{number}", when=condition(text)) for number, text in enumerate(texts)]
    return (*named, RelationshipRule(type="ongoing", when=None))


def acting(*texts: str) -> Policy:
    acts = tuple(
        ActionRule(id=f"act-{number}", when=parse(text, facts=WORDS), do="Call", owner=OwnedBy.CONTACT, due=Due(2))
        for number, text in enumerate(texts)
    )
    return make_policy(programs=[make_program(act=acts)])


def found(policy: Policy) -> list[Finding]:
    return list(never_matching(policy))


def warning(message: str, *path: Any, program: str | None = None) -> Finding:
    return Finding(severity=Severity.WARNING, message=message, spot=Spot(path=path, program=program, offset=0))


def test_rules_that_can_all_match_are_passed_over() -> None:
    policy = make_policy(relationships=rules("account.kind = 'a'", "account.kind = 'a' or account.tier = 'A'"))
    assert found(policy) == []


def test_a_rule_that_contradicts_itself_names_what_excludes_what() -> None:
    policy = make_policy(relationships=rules("account.kind = 'a' and account.kind = 'b'"))
    told = (
        "this can never be true, as `account.kind = 'a'` and `account.kind = 'b'` exclude each other: "
        "no account ever matches"
    )
    assert found(policy) == [warning(told, "relationships", 0, "when")]


def test_a_rule_behind_one_that_takes_everything_names_that_one() -> None:
    policy = make_policy(relationships=rules("account.revenue > 5", "account.revenue >= 10 and account.kind = 'a'"))
    told = "this never decides: every account that matches is taken by the rule `type-0` above it"
    assert found(policy) == [warning(told, "relationships", 1, "when")]


def test_a_rule_behind_several_that_take_everything_together_is_told_so() -> None:
    policy = make_policy(
        relationships=rules("account.is_key", "not account.is_key", "account.is_key is known and account.kind = 'a'")
    )
    told = "this never decides: every account that matches is taken by the rules above it"
    assert found(policy) == [warning(told, "relationships", 2, "when")]


def test_a_program_for_people_that_its_type_excludes_asks_nobody() -> None:
    relationships = rules("account.kind = 'a'")
    program = make_program(relationship="type-0", who=condition("account.kind = 'b' and contact.level is known"))
    told = "this is never true at type-0 accounts: nobody is ever asked"
    policy = make_policy(relationships=relationships, programs=[program])
    assert found(policy) == [warning(told, "who", program="ongoing")]


def test_a_program_of_the_leftover_type_is_judged_by_what_the_rules_before_it_leave() -> None:
    program = make_program(who=condition("account.kind = 'a'"))
    policy = make_policy(relationships=rules("account.kind = 'a'"), programs=[program])
    told = "this is never true at ongoing accounts: nobody is ever asked"
    assert found(policy) == [warning(told, "who", program="ongoing")]


def test_a_milestone_whose_where_excludes_who_is_asked_says_so() -> None:
    milestones = (
        before_renewal(id="one", where=condition("account.tier = 'B'")),
        before_renewal(id="two", where=condition("account.tier = 'A'")),
        before_renewal(id="three", where=condition("account.tier = 'A' and account.tier = 'B'")),
    )
    program = make_program(who=condition("account.tier = 'A'"), milestones=milestones)
    never = "this is never true where somebody is asked at ongoing accounts: nobody is ever asked at this milestone"
    excluded = "this can never be true, as `account.tier = 'A'` and `account.tier = 'B'` exclude each other"
    assert found(make_policy(programs=[program])) == [
        warning(never, "milestones", 0, "where", program="ongoing"),
        warning(f"{excluded}: the milestone never falls due", "milestones", 2, "where", program="ongoing"),
    ]


def test_an_action_rule_behind_one_that_covers_it_is_found() -> None:
    told = "this never opens an action: every answer that matches is taken by the rule `act-0` above it"
    policy = acting("answer.works <= 6 or response.change <= -3", "answer.works <= 5 and answer.change is known")
    assert found(policy) == [warning(told, "act", 1, "when", program="ongoing")]


def test_an_action_rule_beyond_the_scale_is_found_and_the_last_points_of_it_are_not_missed() -> None:
    told = "this can never be true: it never opens an action"
    covered = "this never opens an action: every answer that matches is taken by the rules above it"
    policy = acting(
        "answer.works > 10", "answer.works <= 8", "answer.works = 9", "answer.works = 10", "answer.works > 8"
    )
    assert found(policy) == [
        warning(told, "act", 0, "when", program="ongoing"),
        warning(covered, "act", 4, "when", program="ongoing"),
    ]
