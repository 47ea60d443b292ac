"""A form's raw fields become answers, or sentences for the person who answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.surveys import (
    COMMENT_LIMIT,
    Answer,
    AnswerProblem,
    AskKind,
    Question,
    QuestionKind,
    Survey,
    read_answers,
)

SCALE = Question(id="ease", kind=QuestionKind.SCALE, text="How easy was it with {us}?", low=1, high=7)
CHOICE = Question(id="solved", kind=QuestionKind.CHOICE, text="Solved?", options=("yes", "partly", "no"))
SEVERAL = Question(id="consent", kind=QuestionKind.SEVERAL, text="May we?", options=("call me", "quote me"))
COMMENT = Question(id="why", kind=QuestionKind.COMMENT, text="Why?")
SURVEY = Survey(
    id="case",
    version="v1",
    kind=AskKind.TRANSACTION,
    title="{us} and your case",
    thanks="Thank you from {us}.",
    score="ease",
    questions=(SCALE, CHOICE, SEVERAL, COMMENT),
)
COMPLETE = {"ease": ["7"], "solved": ["yes"]}
ALIEN_FIELD = "This form has a field that we did not send. Please reload the page."


def test_every_kind_of_question_gives_its_kind_of_answer() -> None:
    form = {"ease": ["3"], "solved": ["no"], "consent": ["quote me", "call me"], "why": [" first\r\nsecond "]}
    answers, problems = read_answers(SURVEY, form=form)
    assert problems == ()
    assert answers == (
        Answer(question="ease", number=3),
        Answer(question="solved", choices=("no",)),
        Answer(question="consent", choices=("quote me", "call me")),
        Answer(question="why", text="first\nsecond"),
    )


def test_an_empty_form_asks_for_what_must_be_answered() -> None:
    assert read_answers(SURVEY, form={}) == (
        (),
        (
            AnswerProblem(question="ease", message="Please choose an answer here."),
            AnswerProblem(question="solved", message="Please choose an answer here."),
        ),
    )


@pytest.mark.parametrize("value", ["0", "8", "-1", "3.0", "+3", "03", "3 ", "three", "٣", "1e0", "\x003"])
def test_a_number_outside_the_scale_or_spelled_otherwise_is_refused(value: str) -> None:
    _, problems = read_answers(SURVEY, form=COMPLETE | {"ease": [value]})
    assert problems == (AnswerProblem(question="ease", message="Please choose one number from 1 to 7."),)


@pytest.mark.parametrize("form", [{"ease": ["3", "4"]}, {"ease": ["3", "3"]}])
def test_two_numbers_are_refused(form: dict[str, list[str]]) -> None:
    _, problems = read_answers(SURVEY, form=COMPLETE | form)
    assert problems == (AnswerProblem(question="ease", message="Please choose one number from 1 to 7."),)


@pytest.mark.parametrize("values", [["maybe"], ["yes", "no"], ["YES"]])
def test_a_choice_that_was_not_offered_is_refused(values: list[str]) -> None:
    _, problems = read_answers(SURVEY, form=COMPLETE | {"solved": values})
    assert problems == (AnswerProblem(question="solved", message="Please choose from the answers shown."),)


def test_a_text_that_is_too_long_is_refused_and_one_at_the_limit_taken() -> None:
    taken, none = read_answers(SURVEY, form=COMPLETE | {"why": ["x" * COMMENT_LIMIT]})
    assert (taken[-1], none) == (Answer(question="why", text="x" * COMMENT_LIMIT), ())
    _, problems = read_answers(SURVEY, form=COMPLETE | {"why": ["x" * (COMMENT_LIMIT + 1)]})
    assert problems == (
        AnswerProblem(question="why", message="This text has 5001 characters; please keep it to 5000."),
    )


def test_an_alien_field_is_a_problem() -> None:
    _, problems = read_answers(SURVEY, form=COMPLETE | {"is_admin": ["1"]})
    assert problems == (AnswerProblem(question="is_admin", message=ALIEN_FIELD),)


def test_the_organisations_name_stands_in_texts_but_never_in_options() -> None:
    worded = SURVEY.worded(us="Kea {us} %s")
    assert worded.title == "Kea {us} %s and your case"
    assert worded.thanks == "Thank you from Kea {us} %s."
    assert worded.score_question.text == "How easy was it with Kea {us} %s?"
    assert [question.options for question in worded.questions] == [question.options for question in SURVEY.questions]


FIELDS = st.dictionaries(
    st.sampled_from(["ease", "solved", "consent", "why", "alien"]),
    st.lists(
        st.one_of(st.text(max_size=30), st.sampled_from(["0", "1", "7", "8", "yes", "no", "call me", "quote me"])),
        max_size=4,
    ),
)


@given(form=FIELDS)
def test_whatever_is_posted_answers_are_valid_or_there_are_problems(form: dict[str, list[str]]) -> None:
    answers, problems = read_answers(SURVEY, form=form)
    by_question = {answer.question: answer for answer in answers}
    assert len(by_question) == len(answers)
    assert not set(by_question) & {problem.question for problem in problems}
    for answer in answers:
        match answer.question:
            case "ease":
                assert str(answer.number) in form["ease"]
                assert answer.number in range(1, 8)
            case "solved":
                assert len(answer.choices) == 1
                assert set(answer.choices) <= set(CHOICE.options) & set(form["solved"])
            case "consent":
                assert set(answer.choices) <= set(SEVERAL.options) & set(form["consent"])
            case "why":
                assert answer.text is not None
                assert 0 < len(answer.text) <= COMMENT_LIMIT
            case _:
                pytest.fail(f"an answer to no question: {answer}")
    if not problems:
        assert set(form) <= {"ease", "solved", "consent", "why"}
        assert {"ease", "solved"} <= set(by_question)


@given(text=st.text(min_size=1).filter(lambda text: text.replace("\x00", "").strip()))
def test_words_arrive_as_they_were_written(text: str) -> None:
    answers, _ = read_answers(SURVEY, form=COMPLETE | {"why": [text]})
    assert answers[-1] == Answer(question="why", text=text.replace("\r\n", "\n").replace("\x00", "").strip())
