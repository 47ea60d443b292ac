"""What an owner reads on a task, and which of the words on it are theirs. Plain text; escaping is the adapter's."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.domain.actions import ActionRule
from connector.domain.condition import Condition
from connector.domain.records import FactValue
from connector.domain.surveys import Answer, Question, QuestionKind, Survey

SUBJECT_LIMIT = 255
"""Characters of a subject: what the strictest CRM takes."""
COMMENT_SHOWN = 2_000
"""Characters of one comment on a task: a CRM that cuts long texts would cut our last lines, the marker too."""
INSTRUCTION = "Complete this task when the customer has been told; write what you did into it."
PLACEHOLDER = re.compile(r"\{(\w*)\}")
PLACEHOLDERS = ("contact", "account", "score")
"""What `do` may hold in braces."""
_LEAST_SHARED = 20
"""Characters of a line of ours after which words on the same line count as added to it, and not as another line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a task tells of a response; `survey` as it was answered, `answered_on` the organisation's local day."""

    contact: str | None
    account: str | None
    program: str
    survey: Survey
    answers: Sequence[Answer]
    score: float | None
    answered_on: date


def subject(rule: ActionRule, *, told: Told) -> str:
    """One line of at most 255 characters: what is to be done, with the names filled in."""
    filled = {"contact": _name(told), "account": _account(told), "score": _number(told.score)}
    text = PLACEHOLDER.sub(lambda found: filled.get(found[1], found[0]), rule.do)
    return shortened(" ".join(text.split()), SUBJECT_LIMIT)


def shortened(text: str, limit: int) -> str:
    """The text, cut to so many characters with an ellipsis where it is longer."""
    return text if len(text) <= limit else f"{text[: limit - 3].rstrip()}..."


def cause(rule: ActionRule, *, values: Mapping[str, FactValue]) -> str:
    """Why an action was opened: the rule in words, and what it saw. A comment counts as known and is not repeated."""
    words = dict.fromkeys(leaf.fact.name for leaf in rule.when.leaves())
    saw = ", ".join(f"{name} = {_seen(name, rule.when, values)}" for name in words)
    return f"Rule {rule.id}: {' '.join(rule.when.text.split())} ({saw})"


def body(told: Told, *, cause: str, due_on: date) -> str:
    """The task's text without its marker: who said what and when, the cause, the day, and what to do with the task."""
    lines = [f"{_name(told)} ({_account(told)}) answered on {told.answered_on.isoformat()}: {told.program}", ""]
    said = {answer.question: answer for answer in told.answers}
    for question in told.survey.questions:
        if question.id in said:
            lines += _question(question, said[question.id])
    lines += ["", cause, f"Due on {due_on.isoformat()}", "", INSTRUCTION]
    return "\n".join(lines)


def task_marker(mark: str, *, action_id: int, n: int) -> str:
    """What tells our task from all others; `mark` is drawn at random, so that two databases never share one."""
    return f"closedloop:{mark}-{action_id}-{n}"


def with_marker(text: str, *, marker: str) -> str:
    """The text with the marker as its last line."""
    return f"{text}\n{marker}"


def reps_words(ours: str, *, shown: str) -> str:
    """What a rep wrote into a task: the lines of the shown text that are not ours, and what they added to ours.

    CRMs change blank lines and blanks at the ends of lines, so those do not count.
    """
    left = Counter(_lines(ours))
    theirs = []
    for line in _lines(shown):
        if left[line]:
            left[line] -= 1
            continue
        begun = max((own for own in left if _was_added_to(own, line)), key=len, default="")
        theirs.append(line.removeprefix(begun).strip())
    return "\n".join(theirs)


def _was_added_to(own: str, line: str) -> bool:
    return len(own) >= _LEAST_SHARED and line.startswith(own)


def _lines(text: str) -> Iterator[str]:
    return (" ".join(line.split()) for line in text.splitlines() if line.strip())


def _name(told: Told) -> str:
    return told.contact or "a contact without a name"


def _account(told: Told) -> str:
    return told.account or "an account without a name"


def _number(score: float | None) -> str:
    return "no score" if score is None else f"{score:g}"


def _seen(name: str, condition: Condition, values: Mapping[str, FactValue]) -> str:
    value = values.get(name)
    if value is None:
        return "unknown"
    is_comment = any(
        leaf.fact.name == name and getattr(leaf.fact, "question", None) is QuestionKind.COMMENT
        for leaf in condition.leaves()
    )
    if is_comment:
        return "known"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _question(question: Question, answer: Answer) -> list[str]:
    """The question with its answer: a number with the ends of its scale, the chosen options, or the comment."""
    if question.kind is QuestionKind.SCALE:
        ends = f" ({' / '.join(question.ends)})" if question.ends else ""
        return [f"{question.text} {answer.number} of {question.low}-{question.high}{ends}"]
    if question.kind is QuestionKind.COMMENT:
        comment = shortened(answer.text or "", COMMENT_SHOWN)
        return [question.text, *(f"  {line}" for line in comment.splitlines())]
    return [f"{question.text} {', '.join(answer.choices)}"]
