"""The files under surveys/ to surveys; the version is a digest of what people are shown and may answer."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence

from connector.domain.surveys import AskKind, Question, QuestionKind, Survey
from connector.settings.checking import Checker
from connector.settings.documents import Path
from connector.settings.duplicates import report_duplicates
from connector.settings.survey_keys import QuestionKeys, SurveyKeys, scale_ends

VERSION_LENGTH = 12  # hexadecimal characters; 48 bits tell the versions of one survey apart


def read_surveys(checkers: Sequence[Checker], *, language: str) -> dict[str, Survey]:
    """The valid surveys by id; an id that two files claim is a mistake."""
    report_duplicates([(checker, ("id",)) for checker in checkers])
    read = [_read_survey(checker, language=language) for checker in checkers]
    return {survey.id: survey for survey in read if survey is not None}


def _read_survey(checker: Checker, *, language: str) -> Survey | None:
    keys = checker.check(SurveyKeys, checker.document.data)
    questions = _read_questions(checker)
    if keys is None or questions is None:
        return None
    score = next((question for question in questions if question.id == keys.score), None)
    if score is None or score.kind is not QuestionKind.SCALE or score.optional:
        scales = [q.id for q in questions if q.kind is QuestionKind.SCALE and not q.optional]
        expected = f"expected the id of a scale question that is not optional ({', '.join(scales) or 'there is none'})"
        checker.add(("score",), found=f"found '{keys.score}'", expected=expected)
        return None
    survey = Survey(
        id=keys.id,
        version="",
        kind=AskKind(keys.kind),
        title=keys.title,
        thanks=keys.thanks,
        score=keys.score,
        questions=questions,
        language=language,
    )
    return dataclasses.replace(survey, version=_version(survey))


def _version(survey: Survey) -> str:
    canonical = json.dumps(dataclasses.asdict(survey), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:VERSION_LENGTH]


def _read_questions(checker: Checker) -> tuple[Question, ...] | None:
    items = checker.document.at(("questions",))
    if not isinstance(items, list):
        return None
    paths: list[Path] = [("questions", index) for index in range(len(items))]
    report_duplicates([(checker, (*path, "id")) for path in paths])
    read = [_read_question(checker, path=path) for path in paths]
    whole = tuple(question for question in read if question is not None)
    return whole if len(whole) == len(read) else None


def _read_question(checker: Checker, *, path: Path) -> Question | None:
    keys = checker.check(QuestionKeys, checker.document.at(path), at=path)
    if keys is None:
        return None
    kinds = [kind for kind in QuestionKind if getattr(keys, kind.value) is not None]
    if len(kinds) != 1:
        found = f"found {' and '.join(kinds) if kinds else 'no way to answer'}"
        checker.add(path, found=found, expected="expected exactly one of scale, choice, several, comment")
        return None
    if keys.ends is not None and kinds != [QuestionKind.SCALE]:
        checker.add_key((*path, "ends"), found="found `ends`", expected="expected it beside a scale only")
        return None
    low, high = scale_ends(keys.scale or "")
    return Question(
        id=keys.id,
        kind=kinds[0],
        text=keys.text,
        low=low,
        high=high,
        options=tuple(keys.choice or keys.several or ()),
        ends=None if keys.ends is None else (keys.ends[0], keys.ends[1]),
        optional=keys.optional,
    )
