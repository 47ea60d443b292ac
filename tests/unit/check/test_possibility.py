"""Whether conditions can be true at all, against trying every value that there is."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.conditions.parsing import parse
from connector.domain.condition import (
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    Condition,
    IsIn,
    IsKnown,
    Node,
    Not,
    Span,
    Truth,
)
from connector.domain.evaluation import holds
from connector.domain.heard import heard_words
from connector.domain.possibility import is_possible
from connector.domain.records import FactType
from connector.domain.surveys import Question, QuestionKind
from tests.builders import FACTS, condition, make_survey

HERE = Span(0, 0)
DAY = date(2026, 3, 2)
LITERALS = {
    "account.kind": ["a", "b"],
    "account.revenue": [1, 2],
    "account.visited_on": [DAY, DAY + timedelta(days=1)],
    "contact.level": ["executive", "user"],
}
EVERYTHING = {
    "account.kind": ["a", "b", "c", None],
    "account.revenue": [0, 1, 1.5, 2, 3, None],
    "account.visited_on": [*(DAY + timedelta(days=days) for days in (-1, 0, 1, 2)), None],
    "contact.level": ["executive", "manager", "user", None],
    "account.is_key": [True, False, None],
}
ORDERED = ("account.revenue", "account.visited_on")


@st.composite
def leaves(draw: st.DrawFn) -> Node:
    name = draw(st.sampled_from([*LITERALS, "account.is_key"]))
    fact, kind = FACTS[name], draw(st.integers(0, 2))
    if kind == 0:
        return IsKnown(fact=fact, negated=draw(st.booleans()), span=HERE)
    if name == "account.is_key":
        return Truth(fact=fact, span=HERE)
    if kind == 1:
        literals = tuple(draw(st.lists(st.sampled_from(LITERALS[name]), min_size=1, unique=True)))
        return IsIn(fact=fact, literals=literals, negated=draw(st.booleans()), span=HERE)
    ops = list(Comparison) if name in ORDERED else [Comparison.EQ, Comparison.NE]
    return Compare(fact=fact, op=draw(st.sampled_from(ops)), literal=draw(st.sampled_from(LITERALS[name])), span=HERE)


def joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(parts.map(Not), several.map(AllOf), several.map(AnyOf))


CONDITIONS = st.recursive(leaves(), joined, max_leaves=5).map(lambda root: Condition("", root))


def every(names: set[str], unknown: frozenset[str] = frozenset()):
    """Each combination of the values that there are."""
    choices = [[None] if name in unknown else EVERYTHING[name] for name in sorted(names)]
    return (dict(zip(sorted(names), values, strict=True)) for values in product(*choices))


def names_of(*conditions: Condition) -> set[str]:
    return {fact.name for each in conditions for fact in each.facts()}


@given(one=CONDITIONS)
def test_possible_is_what_some_values_make_true(one: Condition) -> None:
    truth = any(holds(one, values=values) is True for values in every(names_of(one)))
    assert is_possible([one]) is truth


@given(one=CONDITIONS, other=CONDITIONS)
def test_two_are_possible_together_where_some_values_make_both_true(one: Condition, other: Condition) -> None:
    tried = list(every(names_of(one, other)))
    assert is_possible([one, other]) is any(holds(one, values=v) is holds(other, values=v) is True for v in tried)


@given(one=CONDITIONS, other=CONDITIONS)
def test_one_is_possible_without_another_where_that_is_false_or_unknown(one: Condition, other: Condition) -> None:
    truth = any(
        holds(one, values=values) is True and holds(other, values=values) is not True
        for values in every(names_of(one, other))
    )
    assert is_possible([one], not_true=[other]) is truth


@given(one=CONDITIONS, unknown=st.frozensets(st.sampled_from(sorted(EVERYTHING))))
def test_of_an_unknown_fact_nothing_but_its_being_unknown_is_tried(one: Condition, unknown: frozenset[str]) -> None:
    truth = any(holds(one, values=values) is True for values in every(names_of(one), unknown))
    assert is_possible([one], unknown=unknown) is truth


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("account.kind = 'x' and account.kind = 'y'", False),
        ("account.kind in ('x', 'y') and account.kind not in ('y', 'x')", False),
        ("account.revenue > 5 and account.revenue < 6", True),
        ("account.revenue > 5 and account.revenue <= 5", False),
        ("account.visited_on > '2026-03-01' and account.visited_on < '2026-03-02'", False),
        ("account.visited_on > '2026-03-01' and account.visited_on < '2026-03-03'", True),
        ("account.tier != 'A' and account.tier is unknown", False),
        ("account.is_key and not account.is_key", False),
        ("contact.level not in ('executive', 'manager', 'user')", False),
        ("contact.level is unknown", True),
        ("contact.language not in ('en', 'de')", True),
    ],
)
def test_what_excludes_itself_is_not_possible(text: str, expected: bool) -> None:
    assert is_possible([condition(text)]) is expected


def test_an_answer_is_one_of_its_choices_or_of_its_scale() -> None:
    choice = Question(id="solved", kind=QuestionKind.CHOICE, text="Solved?", options=("yes", "no"))
    survey = make_survey(questions=(*make_survey().questions, choice))
    words = heard_words(survey)
    assert not is_possible([parse("answer.solved not in ('yes', 'no')", facts=words)])
    between = parse("answer.works > 3 and answer.works < 4", facts=words)
    assert is_possible([between])
    assert not is_possible([between], closed={"answer.works": range(11)})
    assert not is_possible([parse("answer.works > 10", facts=words)], closed={"answer.works": range(11)})


def test_what_would_take_too_long_counts_as_possible() -> None:
    words = [name for name, fact in FACTS.items() if fact.type is FactType.TEXT and "level" not in name][:10]
    many = " and ".join(f"{word} != 'x'" for word in words)
    assert not is_possible([condition("account.tier = 'x' and account.tier = 'y'")])
    assert is_possible([condition(f"account.tier = 'x' and account.tier = 'y' and {many}")])
