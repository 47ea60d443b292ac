"""Whether conditions can be true at all: their facts are tried in every way that the conditions can tell apart."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise, product
from math import prod

from connector.domain.condition import Compare, Condition, IsIn, Literal
from connector.domain.evaluation import Values, holds
from connector.domain.heard import Heard
from connector.domain.records import FactType, FactValue, Level, RecordKind, Word

TRIES = 20_000
"""Combinations that are tried, about a tenth of a second; where there are more, everything counts as possible."""

_SOMETHING_ELSE = "\0something else"
_LEVELS = frozenset({"level", "rep_level"})

Closed = Mapping[str, Sequence[FactValue]]
"""All values that a word can have beside unknown, by its name, where they are known."""


def is_possible(
    true: Sequence[Condition],
    *,
    not_true: Sequence[Condition] = (),
    unknown: Collection[str] = (),
    closed: Closed | None = None,
) -> bool:
    """Whether values exist for which all of `true` hold and none of `not_true` does.

    False is certain. `unknown` are names of words that nothing is known of. Every word counts as independent.
    """
    asked = [*true, *not_true]
    choices = {
        name: (None,) if name in unknown else _choices(word, _literals(name, asked), closed or {})
        for name, word in _words(asked).items()
    }
    if prod(len(values) for values in choices.values()) > TRIES:
        return True
    tried = (dict(zip(choices, values, strict=True)) for values in product(*choices.values()))
    return any(_is_met(values, true, not_true) for values in tried)


def _is_met(values: Values, true: Sequence[Condition], not_true: Sequence[Condition]) -> bool:
    return all(holds(each, values=values) is True for each in true) and not any(
        holds(each, values=values) is True for each in not_true
    )


def _words(conditions: Iterable[Condition]) -> dict[str, Word]:
    return {leaf.fact.name: leaf.fact for condition in conditions for leaf in condition.leaves()}


def _literals(name: str, conditions: Iterable[Condition]) -> list[Literal]:
    """What a word is compared with anywhere, each once."""
    found: list[Literal] = []
    for leaf in (leaf for condition in conditions for leaf in condition.leaves() if leaf.fact.name == name):
        found += [leaf.literal] if isinstance(leaf, Compare) else leaf.literals if isinstance(leaf, IsIn) else ()
    return list(dict.fromkeys(found))


def _choices(word: Word, literals: list[Literal], closed: Closed) -> tuple[FactValue, ...]:
    """One value for each way in which a word can stand to its literals, and unknown."""
    known = _closed(word, closed)
    if known is not None:
        alike = {_stand(value, literals): value for value in known}
        return (*alike.values(), None)
    match word.type:
        case FactType.TEXT:
            return (*(str(each) for each in literals), _SOMETHING_ELSE, None)
        case FactType.BOOLEAN:
            return (True, False, None)
        case FactType.NUMBER:
            return (*_numbers(sorted(each for each in literals if isinstance(each, int | float))), None)
        case FactType.DATE:
            return (*_dates(sorted(each for each in literals if isinstance(each, date))), None)


def _closed(word: Word, closed: Closed) -> Sequence[FactValue] | None:
    if word.name in closed:
        return closed[word.name]
    if isinstance(word, Heard) and word.values:
        return word.values
    is_level = word.kind == RecordKind.CONTACT and word.word in _LEVELS
    return [level.value for level in Level] if is_level else None


def _stand(value: FactValue, literals: Sequence[Literal]) -> tuple[int, ...]:
    """How a value stands to each literal: equal, below or above; texts have no order."""
    return tuple(0 if value == each else -1 if _is_below(value, each) else 1 for each in literals)


def _is_below(value: FactValue, literal: Literal) -> bool:
    return isinstance(value, int | float) and isinstance(literal, int | float) and value < literal


def _numbers(literals: Sequence[float]) -> list[float]:
    if not literals:
        return [0]
    between = [(low + high) / 2 for low, high in pairwise(literals)]
    return [literals[0] - 1, *literals, *between, literals[-1] + 1]


def _dates(literals: Sequence[date]) -> list[date]:
    if not literals:
        return [date(2000, 1, 1)]
    day = timedelta(days=1)
    before = [each - day for each in literals if each > date.min]
    after = [each + day for each in literals if each < date.max]
    return list(dict.fromkeys([*before, *literals, *after]))
