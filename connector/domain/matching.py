"""Rules that can never match: contradictions, and rules behind others that take everything first."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from connector.domain.condition import AllOf, Compare, Condition, IsIn, IsKnown, Leaf, Truth
from connector.domain.findings import Finding, Severity, Spot
from connector.domain.possibility import Closed, is_possible
from connector.domain.programs import Policy, Program
from connector.domain.surveys import QuestionKind, Survey


def never_matching(policy: Policy) -> Iterator[Finding]:
    """A warning at each rule, `who` and `where` that nothing can ever match; only what is certain."""
    yield from _relationships(policy)
    for program in policy.programs:
        yield from _of_program(program, policy)
        yield from _actions(program)


def _relationships(policy: Policy) -> Iterator[Finding]:
    rules = [(rule.type, rule.when) for rule in policy.relationships if rule.when is not None]
    for index, (_, when) in enumerate(rules):
        spot = Spot(path=("relationships", index, "when"), offset=0)
        if not is_possible([when]):
            yield _never(spot, f"this can never be true{_why(when)}: no account ever matches")
        elif (taker := _taker(when, rules[:index])) is not None:
            yield _never(spot, f"this never decides: every account that matches is taken by {taker} above it")


def _actions(program: Program) -> Iterator[Finding]:
    closed, rules = _scales(program.survey), [(rule.id, rule.when) for rule in program.act]
    for index, (_, when) in enumerate(rules):
        spot = Spot(path=("act", index, "when"), program=program.id, offset=0)
        if not is_possible([when], closed=closed):
            yield _never(spot, f"this can never be true{_why(when, closed)}: it never opens an action")
        elif (taker := _taker(when, rules[:index], closed=closed)) is not None:
            yield _never(spot, f"this never opens an action: every answer that matches is taken by {taker} above it")


def _of_program(program: Program, policy: Policy) -> Iterator[Finding]:
    """`who` and each `where`, alone and among accounts of the program's relationship type."""
    own, taken = _type_of(program, policy)
    is_given = is_possible(own, not_true=taken)
    who = Spot(path=("who",), program=program.id, offset=0)
    if not is_possible([program.who]):
        yield _never(who, f"this can never be true{_why(program.who)}: nobody is ever asked")
        return
    if is_given and not is_possible([program.who, *own], not_true=taken):
        yield _never(who, f"this is never true at {program.relationship} accounts: nobody is ever asked")
        return
    for index, milestone in enumerate(program.milestones):
        spot = Spot(path=("milestones", index, "where"), program=program.id, offset=0)
        if milestone.where is None:
            continue
        if not is_possible([milestone.where]):
            yield _never(spot, f"this can never be true{_why(milestone.where)}: the milestone never falls due")
        elif is_given and not is_possible([milestone.where, program.who, *own], not_true=taken):
            told = f"this is never true where somebody is asked at {program.relationship} accounts"
            yield _never(spot, f"{told}: nobody is ever asked at this milestone")


def _type_of(program: Program, policy: Policy) -> tuple[list[Condition], list[Condition]]:
    """What must be true and what must not for an account to have the program's relationship type."""
    taken: list[Condition] = []
    for rule in policy.relationships:
        if rule.type == program.relationship:
            return [] if rule.when is None else [rule.when], taken
        taken += [] if rule.when is None else [rule.when]
    return [], []


def _taker(when: Condition, earlier: Sequence[tuple[str, Condition]], *, closed: Closed | None = None) -> str | None:
    """Who takes all that a condition matches: one earlier rule, or all of them together; None where something is left.

    A condition that can be true at all is asked about.
    """
    if is_possible([when], not_true=[each for _, each in earlier], closed=closed):
        return None
    alone = (name for name, each in earlier if not is_possible([when], not_true=[each], closed=closed))
    name = next(alone, None)
    return "the rules" if name is None else f"the rule `{name}`"


def _scales(survey: Survey) -> Closed:
    """The numbers that a survey's scales and its score can be."""
    scales = {
        f"answer.{question.id.replace('-', '_')}": range(question.low, question.high + 1)
        for question in survey.questions
        if question.kind is QuestionKind.SCALE
    }
    return scales | {"response.score": range(survey.score_question.low, survey.score_question.high + 1)}


def _why(condition: Condition, closed: Closed | None = None) -> str:
    """Which comparisons exclude each other, where two of a chain do."""
    parts = condition.root.parts if isinstance(condition.root, AllOf) else ()
    leaves = [part for part in parts if isinstance(part, Compare | IsIn | IsKnown | Truth)]
    for first, second in combinations(leaves, 2):
        if not is_possible([Condition(condition.text, AllOf((first, second)))], closed=closed):
            return f", as `{_text(first, condition)}` and `{_text(second, condition)}` exclude each other"
    return ""


def _text(leaf: Leaf, condition: Condition) -> str:
    return condition.text[leaf.span.start : leaf.span.end]


def _never(spot: Spot, message: str) -> Finding:
    return Finding(severity=Severity.WARNING, message=message, spot=spot)
