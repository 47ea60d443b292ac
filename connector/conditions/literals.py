"""Literals of a condition, checked against the type of the fact they are compared with."""

import re
from datetime import date
from difflib import get_close_matches

from sqlglot import exp

from connector.domain.condition import Literal
from connector.domain.heard import Heard
from connector.domain.records import FactType, Level, RecordKind, Word

NUMBER_LIMIT = 2**53
"""Beyond it JSON and float columns lose whole numbers."""

LEVEL_WORDS = frozenset({"level", "rep_level"})
"""A contact's facts whose values are levels."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class LiteralError(ValueError):
    """The literal does not fit the fact; the message is what was expected."""


def read_literal(node: exp.Expr, *, fact: Word) -> Literal:
    """The literal as a value of the fact's type. Raises LiteralError with what was expected instead."""
    if isinstance(node, exp.Paren):
        raise LiteralError("expected the literal without brackets")
    match fact.type:
        case FactType.TEXT:
            return _read_text(node, fact=fact)
        case FactType.NUMBER:
            return _read_number(node, fact=fact)
        case FactType.DATE:
            return _read_date(node, fact=fact)
        case FactType.BOOLEAN:
            if isinstance(node, exp.Boolean):
                return bool(node.this)
            raise LiteralError(f"expected true or false: {fact.name} is yes or no")


def expected_level(word: str) -> str | None:
    """What was expected instead of a word that is no level; None where it is one."""
    levels = [level.value for level in Level]
    if word in levels:
        return None
    near = get_close_matches(word.lower(), levels, n=1)
    return f"did you mean '{near[0]}'?" if near else f"expected one of {', '.join(levels)}"


def _read_text(node: exp.Expr, *, fact: Word) -> str:
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise LiteralError(f"expected text in single quotes: {fact.name} is text")
    text = str(node.this)
    if fact.kind is RecordKind.CONTACT and fact.word in LEVEL_WORDS and (expected := expected_level(text)):
        raise LiteralError(expected)
    if isinstance(fact, Heard) and fact.values and text not in fact.values:
        near = get_close_matches(text, fact.values, n=1)
        raise LiteralError(f"did you mean '{near[0]}'?" if near else f"expected one of {', '.join(fact.values)}")
    return text


def _read_number(node: exp.Expr, *, fact: Word) -> int | float:
    digits = node.this if isinstance(node, exp.Neg) else node
    if not isinstance(digits, exp.Literal) or digits.is_string:
        raise LiteralError(f"expected a number without quotes: {fact.name} is a number")
    text = str(digits.this)
    number = float(text) if "." in text else int(text)
    if number >= NUMBER_LIMIT:
        raise LiteralError(f"expected a number below {NUMBER_LIMIT:,}")
    return -number if isinstance(node, exp.Neg) else number


def _read_date(node: exp.Expr, *, fact: Word) -> date:
    expected = f"expected a date such as '2026-03-31': {fact.name} is a date"
    if not (isinstance(node, exp.Literal) and node.is_string and _DATE.fullmatch(str(node.this))):
        raise LiteralError(expected)
    try:
        return date.fromisoformat(str(node.this))
    except ValueError:
        raise LiteralError(expected) from None
