"""Properties: a printed tree parses back to itself, leaf spans slice the text, and no text breaks the parser."""

import dataclasses
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from sqlglot.tokens import Tokenizer

from connector.conditions.parsing import parse
from connector.conditions.problems import ConditionError, ConditionProblem
from connector.domain.condition import (
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    Condition,
    IsIn,
    IsKnown,
    Leaf,
    Literal,
    Node,
    Not,
    Span,
    Truth,
)
from connector.domain.records import Fact, FactType, RecordKind

KIND = Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT)
REVENUE = Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER)
RENEWAL_ON = Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE)
IS_WON = Fact(kind=RecordKind.OPPORTUNITY, word="is_won", type=FactType.BOOLEAN)
FACTS = {fact.name: fact for fact in (KIND, REVENUE, RENEWAL_ON, IS_WON)}
NOWHERE = Span(0, 0)

literals = {
    KIND: st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
    REVENUE: st.one_of(
        st.integers(-(2**53) + 1, 2**53 - 1), st.floats(-1e9, 1e9, allow_nan=False).filter(lambda number: number != 0)
    ),
    RENEWAL_ON: st.dates(min_value=date(1000, 1, 1)),
}
any_fact = st.sampled_from(list(FACTS.values()))


@st.composite
def compares(draw: st.DrawFn) -> Compare:
    fact = draw(any_fact)
    has_order = fact in (REVENUE, RENEWAL_ON)
    op = draw(st.sampled_from(list(Comparison) if has_order else [Comparison.EQ, Comparison.NE]))
    return Compare(fact=fact, op=op, literal=draw(literals.get(fact, st.booleans())), span=NOWHERE)


@st.composite
def is_ins(draw: st.DrawFn) -> IsIn:
    fact = draw(st.sampled_from(list(literals)))
    values = draw(st.lists(literals[fact], min_size=1, max_size=4))
    return IsIn(fact=fact, literals=tuple(values), negated=draw(st.booleans()), span=NOWHERE)


is_knowns = st.builds(lambda fact, negated: IsKnown(fact=fact, negated=negated, span=NOWHERE), any_fact, st.booleans())
leaves = st.one_of(compares(), is_ins(), is_knowns, st.just(Truth(fact=IS_WON, span=NOWHERE)))


def grown(smaller: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(smaller, min_size=2, max_size=3).map(tuple)
    return st.one_of(smaller.map(Not), parts.map(AllOf), parts.map(AnyOf))


trees: st.SearchStrategy[Node] = st.recursive(leaves, grown, max_leaves=8)


def print_literal(literal: Literal) -> str:
    match literal:
        case bool():
            return str(literal).lower()
        case int():
            return str(literal)
        case float():
            text = f"{Decimal(repr(literal)):f}"
            return text if "." in text else f"{text}.0"
        case date():
            return f"'{literal.isoformat()}'"
        case str():
            return "'" + literal.replace("'", "''") + "'"


def print_leaf(leaf: Leaf) -> str:
    match leaf:
        case Compare(fact=fact, op=op, literal=literal):
            return f"{fact.name} {op} {print_literal(literal)}"
        case IsIn(fact=fact, literals=values, negated=negated):
            return f"{fact.name} {'not in' if negated else 'in'} ({', '.join(map(print_literal, values))})"
        case IsKnown(fact=fact, negated=negated):
            return f"{fact.name} is {'unknown' if negated else 'known'}"
        case Truth(fact=fact):
            return fact.name


def print_tree(node: Node) -> str:
    match node:
        case Not(part):
            return f"not {print_part(part)}"
        case AllOf(parts):
            return " and ".join(print_part(part) for part in parts)
        case AnyOf(parts):
            return " or ".join(print_part(part) for part in parts)
        case _:
            return print_leaf(node)


def print_part(node: Node) -> str:
    return f"({print_tree(node)})" if isinstance(node, AllOf | AnyOf) else print_tree(node)


def without_spans(node: Node) -> Node:
    match node:
        case Not(part):
            return Not(without_spans(part))
        case AllOf(parts):
            return AllOf(tuple(without_spans(part) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(without_spans(part) for part in parts))
        case _:
            return dataclasses.replace(node, span=NOWHERE)


@given(trees)
def test_a_printed_tree_parses_back_to_itself_and_spans_slice_out_the_leaves(tree: Node) -> None:
    text = print_tree(tree)
    condition = parse(text, facts=FACTS)
    assert without_spans(condition.root) == tree
    sliced = [text[leaf.span.start : leaf.span.end] for leaf in condition.leaves()]
    assert sliced == [print_leaf(leaf) for leaf in condition.leaves()]


PIECES = (
    *FACTS,
    *"( ) , and or not in is known unknown = == <> >= - 5 2.5 'x' '2026-01-01' true null like + ; x.y x".split(),
)


def words_of(text: str) -> list[str]:
    """The text's tokens without brackets, with one spelling for each comparison."""
    spelled = {"==": "=", "<>": "!="}
    cut = [text[token.start : token.end + 1] for token in Tokenizer().tokenize(text)]
    return [spelled.get(word, word) for word in cut if word not in "()"]


def attempt(text: str) -> tuple[Condition | None, list[ConditionProblem]]:
    """The condition, or what is wrong with it; anything but ConditionError is a failure."""
    try:
        return parse(text, facts=FACTS), []
    except ConditionError as error:
        return None, error.problems


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
def test_a_soup_of_words_is_refused_or_means_exactly_its_own_words(text: str) -> None:
    condition, problems = attempt(text)
    if condition is None:
        assert [p for p in problems if 0 <= p.offset <= p.offset + p.length <= len(text)] == problems != []
        return
    assert words_of(print_tree(condition.root)) == words_of(text)


@given(st.text(max_size=60))
def test_any_text_is_refused_or_parsed_and_nothing_else(text: str) -> None:
    condition, problems = attempt(text)
    assert (condition is None) == bool(problems)
    assert [p for p in problems if p.found.startswith("found ") and p.expected] == problems
