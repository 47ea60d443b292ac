"""The tree of a checked condition: what `who`, `where` and relationship rules become after parsing.

Three-valued as SQL is: comparing an unknown fact is neither true nor false.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connector.domain.records import Fact, Word

Literal = str | int | float | bool | date


class Comparison(StrEnum):
    """How a fact is compared with a literal."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Span:
    """Where a leaf stands in the condition's text: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """`fact <op> literal`."""

    fact: Word
    op: Comparison
    literal: Literal
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class IsIn:
    """`fact in (...)`, or `not in` where negated."""

    fact: Word
    literals: tuple[Literal, ...]
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class IsKnown:
    """`fact is known`, or `is unknown` where negated."""

    fact: Word
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A boolean fact that stands alone, such as `opportunity.is_won`."""

    fact: Word
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class AllOf:
    """`and` over two or more parts."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`or` over two or more parts."""

    parts: tuple["Node", ...]


Leaf = Compare | IsIn | IsKnown | Truth
Node = Leaf | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked condition: its text as the admin wrote it and its tree."""

    text: str
    root: Node

    def leaves(self) -> Iterator[Leaf]:
        """Each comparison in the order of the text."""
        yield from _leaves(self.root)

    def facts(self) -> tuple[Fact, ...]:
        """Each fact that the condition reads, once, in order of first appearance; other words are left out."""
        return tuple(dict.fromkeys(leaf.fact for leaf in self.leaves() if isinstance(leaf.fact, Fact)))


def _leaves(node: Node) -> Iterator[Leaf]:
    match node:
        case Not(part):
            yield from _leaves(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _leaves(part)
        case _:
            yield node
