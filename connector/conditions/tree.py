"""SQLGlot's tree to our own: a whitelist of nodes, types checked, each leaf with its place in the text."""

from collections.abc import Mapping, Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from connector.conditions.literals import LiteralError, read_literal
from connector.conditions.problems import ConditionProblem
from connector.conditions.tokens import COMPARATORS
from connector.domain.condition import (
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    IsIn,
    IsKnown,
    Literal,
    Node,
    Not,
    Span,
    Truth,
)
from connector.domain.records import FactType, Word

_COMPARISONS: Mapping[type[exp.Expr], Comparison] = {
    exp.EQ: Comparison.EQ,
    exp.NEQ: Comparison.NE,
    exp.LT: Comparison.LT,
    exp.LTE: Comparison.LE,
    exp.GT: Comparison.GT,
    exp.GTE: Comparison.GE,
}
_ORDERED = frozenset({FactType.NUMBER, FactType.DATE})


class TreeReader:
    """Reads one parsed condition; what it refuses is collected in `problems`, so that all come at once."""

    def __init__(self, text: str, *, tokens: Sequence[Token], facts: Mapping[str, Word]) -> None:
        self.problems: list[ConditionProblem] = []
        self._text, self._tokens, self._facts = text, tokens, facts
        self._index = {token.start: index for index, token in enumerate(tokens)}

    def read(self, node: exp.Expr) -> Node | None:
        """Our node, or None where it or a part of it was refused."""
        match node:
            case exp.Paren():
                return self.read(node.this)
            case exp.And() | exp.Or():
                return self._read_joined(node)
            case exp.Not(this=exp.In() as inner) if self._is_not_in(inner):
                return self._read_in(inner, negated=True)
            case exp.Not():
                part = self.read(node.this)
                return None if part is None else Not(part)
            case exp.In():
                return self._read_in(node, negated=False)
            case exp.Is():
                return self._read_known(node)
            case exp.Column():
                return self._read_truth(node)
        if type(node) in _COMPARISONS:
            return self._read_compare(node)
        return self._refuse(node, "expected a comparison such as account.kind = 'Customer'")

    def _read_joined(self, node: exp.Expr) -> Node | None:
        # A chain `a and b and c` leans to the left; brackets are nodes of their own, so they stay.
        kind = type(node)
        parts: list[exp.Expr] = []
        while type(node) is kind:
            parts.append(node.expression)
            node = node.this
        read = [self.read(part) for part in [node, *reversed(parts)]]
        whole = tuple(part for part in read if part is not None)
        if len(whole) < len(read):
            return None
        return AllOf(whole) if kind is exp.And else AnyOf(whole)

    def _read_compare(self, node: exp.Expr) -> Node | None:
        op = _COMPARISONS[type(node)]
        if not isinstance(node.this, exp.Column):
            return self._refuse(node, "expected the fact on the left, alone, and one literal on the right")
        if isinstance(node.expression, exp.Column):
            return self._refuse(node, "expected a literal on the right: facts are not compared with each other")
        fact = self._fact(node.this)
        if fact is None:
            return None
        if op not in (Comparison.EQ, Comparison.NE) and fact.type not in _ORDERED:
            return self._refuse(node, f"expected =, != or in: {fact.name} is {_named(fact.type)} and has no order")
        literal = self._literal(node.expression, fact=fact, leaf=node)
        return None if literal is None else Compare(fact=fact, op=op, literal=literal, span=self._span(node))

    def _read_in(self, node: exp.Expr, *, negated: bool) -> Node | None:
        if not isinstance(node.this, exp.Column) or not node.expressions:
            return self._refuse(node, "expected a fact, `in` and a list of literals in brackets")
        fact = self._fact(node.this)
        if fact is None:
            return None
        if fact.type is FactType.BOOLEAN:
            return self._refuse(node, f"expected {fact.name} alone: it is true or false")
        read = [self._literal(item, fact=fact, leaf=node) for item in node.expressions]
        literals = tuple(literal for literal in read if literal is not None)
        if len(literals) < len(read):
            return None
        return IsIn(fact=fact, literals=literals, negated=negated, span=self._span(node))

    def _read_known(self, node: exp.Expr) -> Node | None:
        is_column = isinstance(node.this, exp.Column)
        negated = isinstance(node.expression, exp.Null)
        # Not only `known` can stand there alone: SQLGlot takes `in` and others for a column too.
        ours = negated or (isinstance(node.expression, exp.Column) and node.expression.sql().lower() == "known")
        if not is_column or not ours:
            return self._refuse(node, "expected a fact before `is`, and `known` or `unknown` after it")
        fact = self._fact(node.this)
        return None if fact is None else IsKnown(fact=fact, negated=negated, span=self._span(node))

    def _read_truth(self, node: exp.Column) -> Node | None:
        fact = self._fact(node)
        if fact is None:
            return None
        if fact.type is not FactType.BOOLEAN:
            return self._refuse(node, f"expected a comparison: {fact.name} is {_named(fact.type)}")
        return Truth(fact=fact, span=self._span(node))

    def _fact(self, column: exp.Column) -> Word | None:
        """The column's fact; None where it is unknown, which is reported with the words."""
        if not column.table:
            self._refuse(column, "expected a fact of two words such as account.kind")
            return None
        return self._facts.get(f"{column.table}.{column.name}")

    def _literal(self, node: exp.Expr, *, fact: Word, leaf: exp.Expr) -> Literal | None:
        try:
            return read_literal(node, fact=fact)
        except LiteralError as error:
            place = node.unnest().meta
            span = Span(place["start"], place["end"] + 1) if "start" in place else self._span(leaf)
            self._add(span, expected=str(error))
            return None

    def _is_not_in(self, node: exp.Expr) -> bool:
        """Whether `not` stands after the fact; SQLGlot reads `not a in (1)` and `a not in (1)` alike."""
        index = self._first(node)
        return index is not None and self._type(index + 3) is TokenType.NOT

    def _refuse(self, node: exp.Expr, expected: str) -> Node | None:
        return self._add(self._span(node), expected=expected)

    def _add(self, span: Span, *, expected: str) -> Node | None:
        found = f"found {_shortened(self._text[span.start : span.end])}"
        self.problems.append(ConditionProblem(span.start, span.end - span.start, found, expected))
        return None

    def _span(self, node: exp.Expr) -> Span:
        """From the node's first word to the end of its leaf: SQLGlot keeps places of names and literals only."""
        first = self._first(node)
        if first is None:
            return Span(0, len(self._text))
        marked = max(self._index[part.meta["start"]] for part in node.walk() if "start" in part.meta)
        last = max(marked, self._leaf_end(first))
        return Span(self._tokens[first].start, self._tokens[last].end + 1)

    def _first(self, node: exp.Expr) -> int | None:
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        return self._index[min(starts)] if starts else None

    def _leaf_end(self, first: int) -> int:
        after = first + 3
        if self._type(after) in COMPARATORS:
            return min(after + 1, len(self._tokens) - 1)
        if self._type(after) is TokenType.IS:
            return min(after + 1, len(self._tokens) - 1)
        after += self._type(after) is TokenType.NOT
        if self._type(after) is TokenType.IN:
            ends = (i for i in range(after, len(self._tokens)) if self._type(i) is TokenType.R_PAREN)
            return next(ends, after)
        return first

    def _type(self, index: int) -> TokenType | None:
        return self._tokens[index].token_type if index < len(self._tokens) else None


def _named(kind: FactType) -> str:
    return {FactType.TEXT: "text", FactType.NUMBER: "a number", FactType.DATE: "a date"}.get(kind, "true or false")


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
