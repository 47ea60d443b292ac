"""A condition's text as SQLGlot's tokens, cut at our limits before anything recursive sees it."""

from collections.abc import Sequence

from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from connector.conditions.problems import ConditionError, ConditionProblem

LENGTH_LIMIT = 2000
"""Characters of one condition (our choice: a screenful; a longer one belongs in several programs)."""

DEPTH_LIMIT = 20
"""Brackets and `not` inside each other. SQLGlot's parser takes about 20 frames a level of Python's 1,000."""

COMPARATORS = frozenset(
    {TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.LTE, TokenType.GT, TokenType.GTE},
)


def tokenise(text: str) -> list[Token]:
    """The tokens of a condition. Raises ConditionError where it is empty, too long, too deep, or cannot be cut."""
    if not text.strip():
        raise ConditionError([ConditionProblem(0, len(text), "found an empty condition", "expected a comparison")])
    if len(text) > LENGTH_LIMIT:
        found = f"found a condition of {len(text)} characters"
        raise ConditionError([ConditionProblem(0, len(text), found, f"expected at most {LENGTH_LIMIT:,}")])
    try:
        tokens = list(Tokenizer().tokenize(text))
    except TokenError:
        start = _open_quote(text)
        problem = ConditionProblem(start, len(text) - start, "found text without an end", "expected a closing quote")
        raise ConditionError([problem]) from None
    problems = [*_comments(text, tokens), *_brackets(tokens)]
    if problems:
        raise ConditionError(problems)
    return tokens


def is_fact_start(tokens: Sequence[Token], index: int) -> bool:
    """Whether a fact such as `account.kind` starts at this token."""
    return (
        index + 2 < len(tokens)
        and is_word(tokens[index])
        and tokens[index + 1].token_type is TokenType.DOT
        and is_word(tokens[index + 2])
    )


def is_word(token: Token) -> bool:
    """Whether the token is written as a word, whatever SQL makes of it."""
    return token.text.isidentifier() and token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER)


def _open_quote(text: str) -> int:
    """Where the quote that never closes stands: the last one that opens, counting from the left."""
    opened: int | None = None
    quote = ""
    for index, char in enumerate(text):
        if opened is None and char in "'\"":
            opened, quote = index, char
        elif opened is not None and char == quote:
            opened = None
    return opened or 0


def _comments(text: str, tokens: Sequence[Token]) -> list[ConditionProblem]:
    # SQLGlot drops comments silently, so a gap between tokens that is not blank is one.
    starts = [token.start for token in tokens] + [len(text)]
    ends = [0] + [token.end + 1 for token in tokens]
    gaps = [(end, text[end:start]) for end, start in zip(ends, starts, strict=True)]
    return [
        ConditionProblem(
            offset + len(gap) - len(gap.lstrip()),
            len(gap.strip()),
            "found a comment",
            "expected none here: YAML has comments of its own, `# ...`",
        )
        for offset, gap in gaps
        if gap.strip()
    ]


def _brackets(tokens: Sequence[Token]) -> list[ConditionProblem]:
    problems: list[ConditionProblem] = []
    opened: list[tuple[Token, int]] = []
    depth = deepest = 0
    for token in tokens:
        match token.token_type:
            case TokenType.NOT:
                depth += 1
            case TokenType.L_PAREN:
                depth += 1
                opened.append((token, depth))
            case TokenType.R_PAREN if not opened:
                problems.append(ConditionProblem(token.start, 1, "found `)` without its `(`", "expected both or none"))
            case TokenType.R_PAREN:
                opened.pop()
                depth = opened[-1][1] if opened else 0
            case TokenType.AND | TokenType.OR:
                depth = opened[-1][1] if opened else 0
        deepest = max(deepest, depth)
    problems += [ConditionProblem(t.start, 1, "found `(` without its `)`", "expected both or none") for t, _ in opened]
    if deepest > DEPTH_LIMIT:
        found = f"found {deepest} levels of brackets and `not` inside each other"
        problems.append(ConditionProblem(0, tokens[-1].end + 1, found, f"expected at most {DEPTH_LIMIT}"))
    return problems
