"""Which words a condition may hold: the declared facts and our few keywords; anything else gets a sentence."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from sqlglot.tokenizer_core import Token, TokenType

from connector.conditions.problems import ConditionProblem
from connector.conditions.tokens import COMPARATORS, is_fact_start, is_word
from connector.domain.heard import HeardKind
from connector.domain.records import FactType, Word

_NUMBER = re.compile(r"\d+(\.\d+)?")
_FREE = COMPARATORS | {
    TokenType.AND,
    TokenType.OR,
    TokenType.NOT,
    TokenType.IN,
    TokenType.IS,
    TokenType.L_PAREN,
    TokenType.R_PAREN,
    TokenType.COMMA,
    TokenType.STRING,
    TokenType.TRUE,
    TokenType.FALSE,
}
_BEFORE_A_NEGATIVE_NUMBER = COMPARATORS | {TokenType.L_PAREN, TokenType.COMMA}
_BEFORE_A_LITERAL = COMPARATORS | {TokenType.COMMA}
_PATTERNS = frozenset({"LIKE", "ILIKE", "GLOB", "RLIKE", "REGEXP", "SIMILAR TO", "CONTAINS", "STARTS WITH"})
_TODAY = frozenset(
    """current_date current_time current_timestamp curdate getdate localtimestamp now sysdate today tomorrow utcnow
    yesterday""".split()
)
_ASKED_BY_THE_CALENDAR = (
    "expected a day such as '2026-03-31': no condition knows today. Milestones do (`before` or `after` a date), and a "
    "fact that is told by `next` is known only until its date has passed: {next: contract.ends_on}, then `is known`"
)
_ANYTHING_ELSE = "expected only facts, literals, `and`, `or`, `not`, comparisons, `in`, `is known` and `is unknown`"


def check_words(
    tokens: Sequence[Token], *, facts: Mapping[str, Word]
) -> tuple[list[ConditionProblem], list[ConditionProblem]]:
    """What is wrong with single words: unknown facts, which still can be parsed, and words outside the language."""
    unknown: list[ConditionProblem] = []
    alien: list[ConditionProblem] = []
    index = 0
    while index < len(tokens):
        if is_fact_start(tokens, index):
            end = _dotted_end(tokens, index)
            unknown += _check_fact(tokens[index:end], facts=facts)
            index = end
            continue
        alien += _check_token(tokens, index, facts=facts)
        index += 1
    return unknown, alien


def suggest_fact(name: str, *, facts: Mapping[str, Word]) -> str:
    """What to write instead of an unknown fact: a near word of the same kind, or a near name where the kind is odd."""
    kind, _, word = name.partition(".")
    words = [fact.word for fact in facts.values() if fact.kind == kind]
    near = [f"{kind}.{match}" for match in get_close_matches(word, words, n=1)]
    if not words:
        near = get_close_matches(name, list(facts), n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    if kind in list(HeardKind) and words:
        return f"expected one of {', '.join(f'{kind}.{each}' for each in words)}"
    return "expected a fact that is mapped under `facts:`"


def _dotted_end(tokens: Sequence[Token], index: int) -> int:
    """The index after the words that dots join, of which a fact has two."""
    end = index + 3
    while end + 1 < len(tokens) and tokens[end].token_type is TokenType.DOT and is_word(tokens[end + 1]):
        end += 2
    return end


def _check_fact(tokens: Sequence[Token], *, facts: Mapping[str, Word]) -> list[ConditionProblem]:
    start, length = tokens[0].start, tokens[-1].end + 1 - tokens[0].start
    name = "".join(token.text for token in tokens)
    if name in facts and length == len(name):
        return []
    expected = suggest_fact(name, facts=facts)
    if len(tokens) > 3:
        expected = "expected a fact of two words such as `account.kind`"
    return [ConditionProblem(start, length, f"found the unknown fact `{name}`", expected)]


def _check_token(tokens: Sequence[Token], index: int, *, facts: Mapping[str, Word]) -> list[ConditionProblem]:
    expected = _refusal(tokens, index, facts=facts)
    if expected is None:
        return []
    token = tokens[index]
    length = token.end + 1 - token.start
    if token.text.lower() in _TODAY and _is_of_a_date(tokens, index, facts=facts):
        return [ConditionProblem(token.start, length, f"found `{token.text}`", _ASKED_BY_THE_CALENDAR)]
    if token.text.isidentifier() and _is_called(tokens, index):
        found, expected = f"found the function `{token.text}`", "expected a fact alone: conditions have no functions"
        return [ConditionProblem(token.start, length, found, expected)]
    return [ConditionProblem(token.start, length, f"found `{token.text}`", expected)]


def _is_of_a_date(tokens: Sequence[Token], index: int, *, facts: Mapping[str, Word]) -> bool:
    """Whether the comparison around a token is with a date, or with no fact at all: a text may well say `today`."""
    joints = [at for at, token in enumerate(tokens) if token.token_type in (TokenType.AND, TokenType.OR)]
    start = max((at for at in joints if at < index), default=0)
    end = min((at for at in joints if at > index), default=len(tokens))
    starts = [at for at in range(start, end) if is_fact_start(tokens, at)]
    names = ["".join(token.text for token in tokens[at : _dotted_end(tokens, at)]) for at in starts]
    return not names or any(name in facts and facts[name].type is FactType.DATE for name in names)


def _is_called(tokens: Sequence[Token], index: int) -> bool:
    following = tokens[index + 1].token_type if index + 1 < len(tokens) else None
    return tokens[index].token_type is TokenType.VAR and following is TokenType.L_PAREN


def _refusal(tokens: Sequence[Token], index: int, *, facts: Mapping[str, Word]) -> str | None:
    """What was expected instead of the token, or None where it may stand here."""
    token = tokens[index]
    before = tokens[index - 1].token_type if index else None
    if before is TokenType.IS and token.token_type is TokenType.NOT:
        return "expected `is known` or `is unknown`"
    if token.token_type in _FREE:
        return None
    special = _SPECIAL.get(token.token_type)
    if special is not None:
        return special(tokens, index)
    if token.text.upper() in _PATTERNS:
        return "expected a comparison or `in`: conditions match no patterns"
    if token.token_type is not TokenType.VAR or not token.text.isidentifier():
        return _ANYTHING_ELSE
    if token.text.lower() == "known" and _follows_is(tokens, index):
        return None
    if before in _BEFORE_A_LITERAL or _is_in_list(tokens, index):
        return f"expected text in single quotes: '{token.text}'"
    same_word = tuple(name for name, fact in facts.items() if fact.word == token.text)
    return f"did you mean `{same_word[0]}`?" if same_word else "expected a fact such as `account.kind`"


def _follows_is(tokens: Sequence[Token], index: int) -> bool:
    """Whether `is` stands before the token; also `is not`, which is refused at its `not` alone."""
    before = [token.token_type for token in tokens[max(index - 2, 0) : index]]
    return before[-1:] == [TokenType.IS] or before == [TokenType.IS, TokenType.NOT]


def _is_in_list(tokens: Sequence[Token], index: int) -> bool:
    return index > 1 and [token.token_type for token in tokens[index - 2 : index]] == [TokenType.IN, TokenType.L_PAREN]


def _refuse_number(tokens: Sequence[Token], index: int) -> str | None:
    return None if _NUMBER.fullmatch(tokens[index].text) else "expected a number such as 250000 or 2.5"


def _refuse_dash(tokens: Sequence[Token], index: int) -> str | None:
    before = tokens[index - 1].token_type if index else None
    after = tokens[index + 1].token_type if index + 1 < len(tokens) else None
    if before in _BEFORE_A_NEGATIVE_NUMBER and after is TokenType.NUMBER:
        return None
    return "expected a literal: conditions do not calculate, and dates are text such as '2026-03-31'"


def _refuse_unknown(tokens: Sequence[Token], index: int) -> str | None:
    # SQLGlot gives this type to the word `unknown` and to each character it does not know.
    is_ours = tokens[index].text.lower() == "unknown" and _follows_is(tokens, index)
    return None if is_ours else _ANYTHING_ELSE


def _refuse_always(expected: str) -> Callable[[Sequence[Token], int], str | None]:
    return lambda _tokens, _index: expected


_CALCULATION = _refuse_always("expected a literal: conditions do not calculate")
_SPECIAL: Mapping[TokenType, Callable[[Sequence[Token], int], str | None]] = {
    TokenType.NUMBER: _refuse_number,
    TokenType.DASH: _refuse_dash,
    TokenType.UNKNOWN: _refuse_unknown,
    TokenType.NULL: _refuse_always("expected `is unknown` or `is known`: write `is unknown`"),
    TokenType.IDENTIFIER: _refuse_always("expected text in single quotes"),
    TokenType.PLUS: _CALCULATION,
    TokenType.STAR: _CALCULATION,
    TokenType.SLASH: _CALCULATION,
    TokenType.MOD: _CALCULATION,
    TokenType.SELECT: _refuse_always("expected a list of literals: conditions have no subselects"),
    TokenType.BETWEEN: _refuse_always("expected two comparisons joined by `and`"),
}
