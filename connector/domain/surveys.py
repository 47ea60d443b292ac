"""Surveys and what is a valid answer to them; a form's raw fields become answers or say what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

COMMENT_LIMIT = 5000
"""Characters taken of one comment (our choice: a page of text is about 3,000)."""


class AskKind(StrEnum):
    """Kind of ask: relationship and transaction answers never share a number."""

    RELATIONSHIP = "relationship"
    TRANSACTION = "transaction"


class QuestionKind(StrEnum):
    """How a question is answered."""

    SCALE = "scale"
    CHOICE = "choice"
    SEVERAL = "several"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: `low`..`high` for a scale (whole numbers, `ends` label both ends), `options` for the choices."""

    id: str
    kind: QuestionKind
    text: str
    low: int = 0
    high: int = 0
    options: tuple[str, ...] = ()
    ends: tuple[str, str] | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A form. `version` is a digest of its content; `score` names the scale question whose value is the score."""

    id: str
    version: str
    kind: AskKind
    title: str
    thanks: str
    score: str
    questions: tuple[Question, ...]
    language: str = "en"

    @property
    def score_question(self) -> Question:
        """The scale question whose value is the score; it is also the one shown in the mail."""
        return next(question for question in self.questions if question.id == self.score)

    def worded(self, *, us: str) -> "Survey":
        """The survey as people read it: `{us}` in its texts is the organisation's name; options stay as they are."""
        return replace(
            self,
            title=self.title.replace("{us}", us),
            thanks=self.thanks.replace("{us}", us),
            questions=tuple(replace(question, text=question.text.replace("{us}", us)) for question in self.questions),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one question: `number` for a scale, `choices` for choice and several, `text` for a comment."""

    question: str
    number: int | None = None
    choices: tuple[str, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerProblem:
    """Why one field of a form cannot be taken, in a sentence for the person who answers."""

    question: str
    message: str


def read_answers(
    survey: Survey, *, form: Mapping[str, Sequence[str]]
) -> tuple[tuple[Answer, ...], tuple[AnswerProblem, ...]]:
    """Turn a form's raw fields into answers; fields that are no question of the survey are problems too.

    A scale and a choice must be answered unless optional; comments and `several` may be left empty.
    """
    answers: list[Answer] = []
    problems: list[AnswerProblem] = []
    for question in survey.questions:
        read = _read(question, [value for value in form.get(question.id, ()) if value.strip()])
        if isinstance(read, Answer):
            answers.append(read)
        elif read is not None:
            problems.append(read)
    known = {question.id for question in survey.questions}
    problems.extend(
        AnswerProblem(question=name, message="This form has a field that we did not send. Please reload the page.")
        for name in form
        if name not in known
    )
    return tuple(answers), tuple(problems)


def _read(question: Question, values: list[str]) -> Answer | AnswerProblem | None:
    match question.kind:
        case QuestionKind.COMMENT:
            return _read_comment(question, values)
        case QuestionKind.SEVERAL:
            return _read_options(question, values, at_most=len(question.options))
        case QuestionKind.CHOICE:
            return _read_options(question, values, at_most=1) or _missing(question)
        case QuestionKind.SCALE:
            return _read_scale(question, values) or _missing(question)


def _missing(question: Question) -> AnswerProblem | None:
    if question.optional:
        return None
    return AnswerProblem(question=question.id, message="Please choose an answer here.")


def _read_comment(question: Question, values: list[str]) -> Answer | AnswerProblem | None:
    text = "\n".join(values).replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        return None
    if len(text) > COMMENT_LIMIT:
        return AnswerProblem(
            question=question.id,
            message=f"This text has {len(text)} characters; please keep it to {COMMENT_LIMIT}.",
        )
    return Answer(question=question.id, text=text)


def _read_options(question: Question, values: list[str], *, at_most: int) -> Answer | AnswerProblem | None:
    if not values:
        return None
    if any(value not in question.options for value in values) or len(set(values)) > at_most:
        return AnswerProblem(question=question.id, message="Please choose from the answers shown.")
    return Answer(question=question.id, choices=tuple(dict.fromkeys(values)))


def _read_scale(question: Question, values: list[str]) -> Answer | AnswerProblem | None:
    if not values:
        return None
    numbers = {str(number): number for number in range(question.low, question.high + 1)}
    if len(values) > 1 or values[0] not in numbers:
        return AnswerProblem(
            question=question.id, message=f"Please choose one number from {question.low} to {question.high}."
        )
    return Answer(question=question.id, number=numbers[values[0]])
