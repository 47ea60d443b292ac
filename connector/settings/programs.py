"""The files under programs/ to programs."""

from collections.abc import Mapping, Sequence

from connector.conditions.literals import LEVEL_WORDS, expected_level
from connector.domain.programs import Milestone, Mode, Program, When, WhenKind
from connector.domain.records import Fact, FactType, RecordKind
from connector.domain.surveys import AskKind, Survey
from connector.settings.acting import read_rules
from connector.settings.checking import Checker
from connector.settings.documents import Path
from connector.settings.duplicates import report_duplicates
from connector.settings.periods import check_periods, read_every
from connector.settings.program_keys import MilestoneKeys, ProgramKeys, Vocabulary, WhenKeys
from connector.settings.scopes import check_scope

EXPIRES = {AskKind.RELATIONSHIP: 14, AskKind.TRANSACTION: 5}
"""Days an ask stays worth sending after its milestone (design 5.3): memory of a transaction fades soon."""


def read_programs(
    checkers: Sequence[Checker], *, words: Vocabulary, surveys: Mapping[str, Survey]
) -> tuple[Program, ...]:
    """The valid programs in the order of their files; an id that two files claim is a mistake."""
    report_duplicates([(checker, ("id",)) for checker in checkers])
    read = [_read_program(checker, words=words, surveys=surveys) for checker in checkers]
    return tuple(program for program in read if program is not None)


def _read_program(checker: Checker, *, words: Vocabulary, surveys: Mapping[str, Survey]) -> Program | None:
    _report_duplicate_milestones(checker)
    keys = checker.check(ProgramKeys, checker.document.data, context=words)
    if keys is None:
        read_rules(checker, words=words, survey=surveys.get(str(checker.document.at(("survey",)))))
        return None  # the rules are read all the same, for their own mistakes
    whens = [
        _read_when(milestone.when, checker=checker, path=("milestones", index, "when"))
        for index, milestone in enumerate(keys.milestones)
    ]
    anchors = [when.anchor for when in whens if when is not None]
    if len(anchors) == len(whens):
        _check_scopes(keys, checker=checker, anchors=anchors)
    survey = surveys.get(keys.survey)
    _check_periods(keys, checker=checker, survey=survey)
    rules = read_rules(checker, words=words, survey=survey)
    if survey is None or rules is None or keys.who is None or len(anchors) < len(whens):
        return None  # each of these has been reported where it stands
    return Program(
        id=keys.id,
        name=keys.name,
        relationship=keys.relationship,
        who=keys.who,
        survey=survey,
        milestones=tuple(
            _milestone(milestone, when=when, kind=survey.kind)
            for milestone, when in zip(keys.milestones, whens, strict=True)
            if when is not None
        ),
        starts_on=keys.starts_on,
        mode=Mode(keys.mode),
        closes_days=keys.closes,
        act=rules,
    )


def _report_duplicate_milestones(checker: Checker) -> None:
    items = checker.document.at(("milestones",))
    count = len(items) if isinstance(items, list) else 0
    report_duplicates([(checker, ("milestones", index, "id")) for index in range(count)])


def _milestone(keys: MilestoneKeys, *, when: When, kind: AskKind) -> Milestone:
    return Milestone(
        id=keys.id,
        when=when,
        where=keys.where,
        expires_days=keys.expires or EXPIRES[kind],
        new_after_days=keys.new_after,
    )


def _check_periods(keys: ProgramKeys, *, checker: Checker, survey: Survey | None) -> None:
    for index, milestone in enumerate(keys.milestones):
        expires = milestone.expires or (EXPIRES[survey.kind] if survey is not None else 0)
        check_periods(milestone, expires=expires, checker=checker, path=("milestones", index))


def _check_scopes(keys: ProgramKeys, *, checker: Checker, anchors: Sequence[RecordKind]) -> None:
    for index, (milestone, anchor) in enumerate(zip(keys.milestones, anchors, strict=True)):
        check_scope(
            milestone.where,
            checker=checker,
            path=("milestones", index, "where"),
            kinds={RecordKind.ACCOUNT, anchor},
            why=f"`where` reads the account and the milestone's {anchor} only",
        )
    # Who is asked is decided at every milestone, so only an anchor that all of them share can be read.
    shared = set(anchors) if len(set(anchors)) == 1 else set()
    check_scope(
        keys.who,
        checker=checker,
        path=("who",),
        kinds={RecordKind.ACCOUNT, RecordKind.CONTACT} | shared,
        why="`who` reads the account, the contact and the record that all milestones share only",
    )


def _read_when(keys: WhenKeys, *, checker: Checker, path: Path) -> When | None:
    said = [kind for kind in WhenKind if checker.document.has((*path, kind.value))]
    if len(said) != 1:
        found = f"found {' and '.join(said)}" if said else "found no moment"
        checker.add(path, found=found, expected="expected exactly one of before, after, changed, every")
        return None
    kind = said[0]
    if kind is WhenKind.EVERY:
        return read_every(keys, checker=checker, path=path)
    if checker.document.has((*path, "from")):
        checker.add_key((*path, "from"), found="found `from`", expected="expected it beside `every` only")
        return None
    fact: Fact | None = getattr(keys, kind.value)
    if fact is None or not _fits(kind, fact=fact, keys=keys, checker=checker, path=path):
        return None
    return When(kind=kind, fact=fact, days=keys.by, value=keys.to)


def _fits(kind: WhenKind, *, fact: Fact, keys: WhenKeys, checker: Checker, path: Path) -> bool:
    """Whether the fact's type and the keys beside it suit the kind of moment."""
    is_change = kind is WhenKind.CHANGED
    if fact.type is not (FactType.TEXT if is_change else FactType.DATE):
        wanted = "text" if is_change else "a date"
        found = f"found {fact.name}, which is {fact.type}"
        checker.add((*path, kind.value), found=found, expected=f"expected a fact that is {wanted}")
        return False
    if is_change and keys.to is None:
        checker.add(path, found="found no key `to`", expected="expected the value that the fact changes to")
        return False
    if not is_change and keys.to is not None:
        checker.add_key((*path, "to"), found="found `to`", expected="expected it beside `changed` only")
        return False
    is_level = fact.kind is RecordKind.CONTACT and fact.word in LEVEL_WORDS
    expected = expected_level(keys.to) if keys.to is not None and is_level else None
    if expected is not None:
        checker.add((*path, "to"), found=f"found '{keys.to}'", expected=expected)
    return expected is None
