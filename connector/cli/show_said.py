"""What a person said in their own words, and the actions that it has led to, on a terminal."""

from collections.abc import Iterator
from datetime import date

from rich.console import Console
from rich.text import Text

from connector.cli.screen import LOUD, line, word
from connector.cli.screen import tell_indented as tell
from connector.domain.actions import ActionState, TaskStage
from connector.domain.programs import Organisation
from connector.domain.sentences import day_in_words
from connector.ports.storage.viewing_account import ActionView
from connector.usecases.explain import ExplainedResponse
from connector.usecases.full_voices import Said

_TASKS = {
    TaskStage.INTENT: "its task is still to be made",
    TaskStage.REFUSED: "the CRM refused its task",
    TaskStage.GONE: "its task was deleted in the CRM and is made again",
}
"""What an open action's task needs words for; a made one is named by its id."""


def show_response(console: Console, response: ExplainedResponse, organisation: Organisation, *, today: date) -> None:
    """Print one answer: its score, every other question with what they said to it, and each action."""
    tell(console, 1, _head(response, organisation))
    for each in response.said:
        tell(console, 2, _said(each))
    for action in response.actions:
        tell(console, 2, _action(action, organisation, today=today))
        for more in _more(action, organisation):
            tell(console, 3, more)
    if not response.actions:
        tell(console, 2, _no_action(response))


def _head(response: ExplainedResponse, organisation: Organisation) -> Text:
    seen = response.seen
    top = f" of {response.scale.high}" if response.scale is not None else ""
    score = "without a score" if seen.score is None else f"score {seen.score:g}{top}"
    day = day_in_words(organisation.day_of(seen.answered_at))
    return line(
        f"{day}: {score} for ",
        Text(f"{seen.program}/{seen.milestone}", style=LOUD),
        f" ({seen.kind.value}, by {seen.source})",
    )


def _said(said: Said) -> str:
    question = "A question that is not kept" if said.question is None else said.question.text
    answer = f"“{said.words}”" if said.words is not None else str(said.number)
    return f"{question} {answer}"


def _no_action(response: ExplainedResponse) -> str:
    if response.seen.acted_at is None:
        return "Whether it asks for an action is not looked at yet: `closedloop run act` does."
    return "No action: no rule of the program asked for one."


def _action(action: ActionView, organisation: Organisation, *, today: date) -> Text:
    """Such as: Action “Call Ann”: for Tom Berg (owner of the account), due 3 March 2026: open."""
    state = "overdue" if action.state is ActionState.OPEN and action.due_on < today else action.state.value
    who = f"for {action.owner} ({action.owner_reason})" if action.owner else action.owner_reason
    on = "" if action.closed_at is None else f" on {day_in_words(organisation.day_of(action.closed_at))}"
    return line(f"Action “{action.subject}”: {who}, due {day_in_words(action.due_on)}: ", word(state), on)


def _more(action: ActionView, organisation: Organisation) -> Iterator[str]:
    """What became of an action as far as it is stored; a task asks its owner to complete it once the customer knows."""
    yield action.cause
    match action.state:
        case ActionState.DONE:
            wrote = f"and wrote: “{action.resolution}”" if action.resolution else "and wrote nothing into it."
            yield f"Its owner completed the task, as it asks once the customer has been told, {wrote}"
        case ActionState.DROPPED:
            yield f"Nothing came of it: {action.resolution or 'no reason is kept'}."
        case ActionState.OPEN:
            yield f"Opened on {day_in_words(organisation.day_of(action.opened_at))}; {_task(action)}."


def _task(action: ActionView) -> str:
    if action.task_state in _TASKS:
        error = f" ({action.task_error})" if action.task_error else ""
        return f"{_TASKS[action.task_state]}{error}"
    return f"task {action.crm}/{action.task}" if action.task else "it has no task in a CRM"
