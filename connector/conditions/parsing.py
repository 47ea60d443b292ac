"""Condition text to a checked `Condition`: SQLGlot parses, we keep what is ours and refuse the rest.

SQLGlot changes its tree classes in minor releases: the pin and the golden tests of trees belong together.
"""

from collections.abc import Mapping, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token

from connector.conditions.problems import ConditionError, ConditionProblem
from connector.conditions.tokens import tokenise
from connector.conditions.tree import TreeReader
from connector.conditions.words import check_words
from connector.domain.condition import Condition
from connector.domain.records import Word

OWN_WORDS = frozenset({"and", "false", "in", "is", "known", "not", "null", "or", "true", "unknown"})
"""Words with a meaning of their own in conditions."""


def parse(text: str, *, facts: Mapping[str, Word]) -> Condition:
    """The checked condition over the given facts, by name. Raises ConditionError with all problems found."""
    tokens = tokenise(text)
    unknown, alien = check_words(tokens, facts=facts)
    if alien:
        raise ConditionError([*unknown, *alien])
    reader = TreeReader(text, tokens=tokens, facts=facts)
    root = reader.read(_parse(text, tokens=tokens, unknown=unknown))
    problems = [*unknown, *reader.problems]
    if problems or root is None:
        raise ConditionError(problems)
    return Condition(text, root)


def is_usable_word(word: str) -> bool:
    """Whether a condition can name a fact by this word: not the language's own ones, nor what SQLGlot cannot take."""
    if word in OWN_WORDS:
        return False
    try:
        tree = sqlglot.parse_one(f"account.{word} = 1", into=exp.Condition)
    except ParseError:
        return False
    return isinstance(tree, exp.EQ) and isinstance(tree.this, exp.Column) and tree.this.name == word


def _parse(text: str, *, tokens: Sequence[Token], unknown: list[ConditionProblem]) -> exp.Expr:
    try:
        return sqlglot.parse_one(text, into=exp.Condition)
    except ParseError as error:
        raise ConditionError([*unknown, _incomplete(text, tokens=tokens, error=error)]) from None
    except RecursionError:
        problem = ConditionProblem(0, len(text), "found too many levels", "expected a flatter condition")
        raise ConditionError([*unknown, problem]) from None


def _incomplete(text: str, *, tokens: Sequence[Token], error: ParseError) -> ConditionProblem:
    place = error.errors[0] if error.errors else {}
    at = next((t for t in tokens if (t.line, t.col) == (place.get("line"), place.get("col"))), None)
    if at is None:
        return ConditionProblem(0, len(text), "found an incomplete condition", "expected a whole comparison")
    written = text[at.start : at.end + 1]
    return ConditionProblem(
        at.start, len(written), f"found `{written}` where it cannot stand", "expected a whole comparison around it"
    )
