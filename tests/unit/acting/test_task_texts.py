"""What stands on a task, and which of the words that come back are the rep's."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.heard import EarlierScore, heard_values, heard_words
from connector.domain.surveys import Answer, AskKind, Question, QuestionKind
from connector.domain.task_texts import (
    COMMENT_SHOWN,
    INSTRUCTION,
    SUBJECT_LIMIT,
    Told,
    body,
    cause,
    reps_words,
    subject,
    task_marker,
    with_marker,
)
from tests.acting import make_rule
from tests.builders import make_survey

SURVEY = make_survey(
    questions=(
        Question(id="works", kind=QuestionKind.SCALE, text="How well?", low=0, high=10, ends=("badly", "well")),
        Question(id="so-far", kind=QuestionKind.CHOICE, text="Since then:", options=("better", "worse")),
        Question(id="may", kind=QuestionKind.SEVERAL, text="May we?", options=("call", "quote"), optional=True),
        Question(id="change", kind=QuestionKind.COMMENT, text="What should change?"),
    )
)
ANSWERS = (
    Answer(question="works", number=4),
    Answer(question="so-far", choices=("worse",)),
    Answer(question="may", choices=("call", "quote")),
    Answer(question="change", text="Answer faster.\nPlease <b>do</b> & soon."),
)
TOLD = Told(
    contact="Ann Größe",
    account="Harbour <GmbH>",
    program="Ongoing",
    survey=SURVEY,
    answers=ANSWERS,
    score=4.0,
    answered_on=date(2026, 3, 2),
)
MARKER = task_marker("0123abcd", action_id=7, n=1)


def test_the_body_says_who_said_what_when_and_why_there_is_a_task():
    assert with_marker(body(TOLD, cause="Rule low: x", due_on=date(2026, 3, 4)), marker=MARKER).splitlines() == [
        "Ann Größe (Harbour <GmbH>) answered on 2026-03-02: Ongoing",
        "",
        "How well? 4 of 0-10 (badly / well)",
        "Since then: worse",
        "May we? call, quote",
        "What should change?",
        "  Answer faster.",
        "  Please <b>do</b> & soon.",
        "",
        "Rule low: x",
        "Due on 2026-03-04",
        "",
        INSTRUCTION,
        "closedloop:0123abcd-7-1",
    ]


def test_a_long_comment_is_cut_so_that_our_last_lines_stay():
    told = replace(TOLD, answers=(Answer(question="change", text="x" * 5_000),))
    lines = body(told, cause="Rule low: x", due_on=date(2026, 3, 4)).splitlines()
    assert (len(lines[3]), lines[3][-5:], lines[-1]) == (COMMENT_SHOWN + 2, "xx...", INSTRUCTION)


def test_the_subject_has_the_names_filled_in_once_and_fits():
    told = make_rule(do="Call {contact}\nat {account}:  {score}")
    assert subject(told, told=TOLD) == "Call Ann Größe at Harbour <GmbH>: 4"
    named = Told(**{**{name: getattr(TOLD, name) for name in TOLD.__slots__}, "contact": "{account}", "score": None})
    assert subject(told, told=named) == "Call {account} at Harbour <GmbH>: no score"
    long = subject(make_rule(do="x" * 300), told=TOLD)
    assert (len(long), long[-4:]) == (SUBJECT_LIMIT, "x...")


def test_the_cause_names_the_rule_and_what_it_saw_and_repeats_no_comment():
    rule = make_rule(
        "answer.works <= 6 and answer.change is known\n and response.change is unknown", survey=SURVEY, id="low"
    )
    values = heard_values(SURVEY, answers=ANSWERS, score=4.0, earlier=None)
    assert cause(rule, values=values) == (
        "Rule low: answer.works <= 6 and answer.change is known and response.change is unknown"
        " (answer.works = 4, answer.change = known, response.change = unknown)"
    )


def test_answers_are_named_as_their_questions_and_hyphens_as_underscores():
    assert list(heard_words(SURVEY)) == [
        "answer.works",
        "answer.so_far",
        "answer.may",
        "answer.change",
        "response.score",
        "response.change",
    ]
    earlier = EarlierScore(score=9, low=0, high=10)
    assert heard_values(SURVEY, answers=ANSWERS[:2], score=4.0, earlier=earlier) == {
        "answer.works": 4,
        "answer.so_far": "worse",
        "response.score": 4.0,
        "response.change": -5.0,
    }


def test_a_change_is_unknown_on_another_scale_and_for_transactions():
    def change(survey=SURVEY, high=10):
        earlier = EarlierScore(score=9, low=0, high=high)
        return heard_values(survey, answers=(), score=4.0, earlier=earlier)["response.change"]

    assert (change(), change(high=5), change(make_survey(kind=AskKind.TRANSACTION))) == (-5.0, None, None)


OURS = with_marker(body(TOLD, cause="Rule low: x", due_on=date(2026, 3, 4)), marker=MARKER)
WORDS = st.text("abc <&>äß", min_size=1, max_size=20).filter(str.strip)


def test_words_behind_a_line_of_ours_are_the_rep_s():
    assert reps_words(OURS, shown=f"{OURS} Called her, all is well.") == "Called her, all is well."


@given(st.lists(st.tuples(st.integers(0, 14), WORDS), max_size=6))
def test_lines_that_a_rep_put_anywhere_come_back_in_their_order(added):
    lines = OURS.splitlines()
    for place, words in sorted(added, key=lambda each: -each[0]):
        lines.insert(place, words)
    put = [words for _, (_, words) in sorted(enumerate(added), key=lambda each: (each[1][0], -each[0]))]
    assert reps_words(OURS, shown="\r\n".join(lines)) == "\n".join(" ".join(words.split()) for words in put)


@given(st.lists(st.sampled_from(OURS.splitlines()), unique=True))
def test_what_is_left_of_our_own_lines_is_nobody_s_words(kept):
    assert reps_words(OURS, shown="\n\n".join(f"  {line} " for line in kept)) == ""
