"""What an action rule can name of a response: the answers to its survey's questions, its score, and the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from connector.domain.records import FactType, FactValue, Word
from connector.domain.surveys import Answer, AskKind, Question, QuestionKind, Survey


class HeardKind(StrEnum):
    """What stands before the dot."""

    ANSWER = "answer"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard(Word):
    """A word for a part of a response; `values` are the only texts it can be, where it is the answer to a choice."""

    kind: HeardKind
    question: QuestionKind | None = None
    values: tuple[str, ...] = ()


SCORE = Heard(kind=HeardKind.RESPONSE, word="score", type=FactType.NUMBER)
CHANGE = Heard(kind=HeardKind.RESPONSE, word="change", type=FactType.NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierScore:
    """The score that a person gave the last time, and the ends of the scale that it was given on."""

    score: float
    low: int
    high: int


def heard_words(survey: Survey) -> dict[str, Heard]:
    """The words for responses to a survey by name; a hyphen of a question's id is written as an underscore."""
    words = [*(_word(question) for question in survey.questions), SCORE, CHANGE]
    return {word.name: word for word in words}


def heard_values(
    survey: Survey, *, answers: Sequence[Answer], score: float | None, earlier: EarlierScore | None
) -> dict[str, FactValue]:
    """The values of these words for one response; what was not answered is missing.

    The change is this relationship score minus the earlier one, and unknown where the two have different scales.
    """
    values: dict[str, FactValue] = {SCORE.name: score, CHANGE.name: _change(survey, score=score, earlier=earlier)}
    asked: Mapping[str, Question] = {question.id: question for question in survey.questions}
    for answer in answers:
        if answer.question in asked:
            values[_word(asked[answer.question]).name] = _value(answer)
    return values


def _word(question: Question) -> Heard:
    is_scale = question.kind is QuestionKind.SCALE
    return Heard(
        kind=HeardKind.ANSWER,
        word=question.id.replace("-", "_"),
        type=FactType.NUMBER if is_scale else FactType.TEXT,
        question=question.kind,
        values=question.options if question.kind is QuestionKind.CHOICE else (),
    )


def _value(answer: Answer) -> FactValue:
    if answer.number is not None:
        return answer.number
    return answer.text if answer.text is not None else next(iter(answer.choices), None)


def _change(survey: Survey, *, score: float | None, earlier: EarlierScore | None) -> float | None:
    if survey.kind is not AskKind.RELATIONSHIP or score is None or earlier is None:
        return None
    scale = survey.score_question
    return score - earlier.score if (scale.low, scale.high) == (earlier.low, earlier.high) else None
