"""The `act:` part of a program to action rules; a program without one does not start (principle 7)."""

from dataclasses import replace

from connector.domain.actions import ActionRule, OwnedBy
from connector.domain.condition import Condition, IsKnown
from connector.domain.heard import Heard, heard_words
from connector.domain.records import RecordKind
from connector.domain.surveys import QuestionKind, Survey
from connector.domain.task_texts import PLACEHOLDER, PLACEHOLDERS
from connector.settings.checking import Checker
from connector.settings.documents import Path
from connector.settings.duplicates import report_duplicates
from connector.settings.program_keys import ActKeys, Vocabulary
from connector.settings.scopes import check_scope

_AT_LEAST_ONE = "expected at least one rule: closedloop does not ask where nobody acts"
_WHY = "`when` reads the answers, the response, the contact and the account only"


def demand_stand_in(checker: Checker, *, programs: list[Checker]) -> None:
    """A mistake in closedloop.yaml where programs act and nobody stands in for owners who have left."""
    acts = any(program.document.has(("act",)) for program in programs)
    if acts and not checker.document.has(("actions",)):
        expected = "expected it here, such as {stand_in: anna@kea.example}: who acts where no owner is active"
        checker.add((), found="found no key `actions`", expected=expected)


def read_rules(checker: Checker, *, words: Vocabulary, survey: Survey | None) -> tuple[ActionRule, ...] | None:
    """The program's rules in their order; None with mistakes, or where the survey is not known."""
    items = checker.document.at(("act",))
    if not checker.document.has(("act",)):
        checker.add((), found="found no key `act`", expected=_AT_LEAST_ONE)
        return None
    if not isinstance(items, list) or not items:
        found = "found an empty list" if items == [] else "found no list"
        checker.add(("act",), found=found, expected=_AT_LEAST_ONE)
        return None
    paths: list[Path] = [("act", index) for index in range(len(items))]
    report_duplicates([(checker, (*path, "id")) for path in paths])
    known = _with_answers(words, survey=survey)
    read = [_read_rule(checker, path=path, words=known) for path in paths]
    rules = tuple(rule for rule in read if rule is not None)
    return rules if len(rules) == len(read) else None


def _with_answers(words: Vocabulary, *, survey: Survey | None) -> Vocabulary:
    if survey is None or words.facts is None:
        return replace(words, facts=None)
    return replace(words, facts={**words.facts, **heard_words(survey)})


def _read_rule(checker: Checker, *, path: Path, words: Vocabulary) -> ActionRule | None:
    keys = checker.check(ActKeys, checker.document.at(path), at=path, context=words)
    if keys is None:
        return None
    _check_placeholders(keys.do, checker=checker, path=(*path, "do"))
    if keys.when is None:
        return None
    _check_answers(keys.when, checker=checker, path=(*path, "when"))
    allowed = {RecordKind.CONTACT, RecordKind.ACCOUNT}
    check_scope(keys.when, checker=checker, path=(*path, "when"), kinds=allowed, why=_WHY)
    return ActionRule(id=keys.id, when=keys.when, do=keys.do, owner=OwnedBy(keys.owner), due=keys.due)


def _check_answers(condition: Condition, *, checker: Checker, path: Path) -> None:
    """What is not possible with a question's kind of answer: a comparison of comments, and several choices at all."""
    for leaf in condition.leaves():
        question = leaf.fact.question if isinstance(leaf.fact, Heard) else None
        expected = None
        if question is QuestionKind.SEVERAL:
            expected = "expected a scale, choice or comment: a question with several answers cannot be read yet"
        elif question is QuestionKind.COMMENT and not isinstance(leaf, IsKnown):
            expected = "expected `is known` or `is unknown`: comments are not compared"
        if expected is not None:
            checker.add_in_text(path, offset=leaf.span.start, found=f"found {leaf.fact.name}", expected=expected)


def _check_placeholders(text: str, *, checker: Checker, path: Path) -> None:
    for found in PLACEHOLDER.finditer(text):
        if found[1] not in PLACEHOLDERS:
            expected = f"expected one of {', '.join(f'{{{word}}}' for word in PLACEHOLDERS)}"
            checker.add_in_text(path, offset=found.start(), found=f"found {found[0]}", expected=expected)
