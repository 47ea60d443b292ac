"""One number of many answers needs one scale: what an account's score demands of the relationship surveys."""

from collections.abc import Mapping, Sequence

from connector.domain.surveys import AskKind, Question, Survey
from connector.settings.checking import Checker
from connector.settings.documents import Document, Path


def check_score_scales(checkers: Sequence[Checker], *, surveys: Mapping[str, Survey], house: Document | None) -> None:
    """Where `write_back:` names the account's score, every relationship survey needs the scale of the first one.

    That is the first file in order of names; a mistake stands at the score question of the other survey.
    """
    words = house.at(("write_back", "account")) if house is not None else None
    if not isinstance(words, list) or "score" not in words:
        return
    read = [(checker, surveys.get(str(checker.document.at(("id",))))) for checker in checkers]
    scored = [(each, survey) for each, survey in read if survey is not None and survey.kind is AskKind.RELATIONSHIP]
    for checker, survey in scored[1:]:
        (first, model), question = scored[0], survey.score_question
        if _scale(question) != _scale(model.score_question):
            checker.add(
                _place(survey),
                found=f"found the scale {_scale(question)}",
                expected=f"expected {_scale(model.score_question)}, as {first.document.file} has: the account's score"
                " under `write_back:` is one number of all relationship surveys",
            )


def _scale(question: Question) -> str:
    return f"{question.low}-{question.high}"


def _place(survey: Survey) -> Path:
    return ("questions", survey.questions.index(survey.score_question), "scale")
