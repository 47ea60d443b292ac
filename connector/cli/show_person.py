"""One person on a terminal: who it is, what was decided and why, what they said, and what has not come yet."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from rich.console import Console
from rich.text import Text

from connector.cli.explained import Levels, level_of
from connector.cli.screen import LOUD, QUIET, line, word
from connector.domain.leaves import SeenLeaf
from connector.domain.sentences import day_in_words, foretold, told
from connector.ports.storage.explaining import ContactSeen, DecisionSeen, ResponseSeen, VerdictSeen
from connector.usecases.decided_now import DecidedNow
from connector.usecases.explain import ExplainedAccount, ExplainedDecision, Explanation
from connector.usecases.undecided import Undecided

DayOf = Callable[[datetime], date]
_TRUTH = {True: "true", False: "false", None: "unknown"}


def show(console: Console, explanation: Explanation, levels: Levels) -> None:
    """Print everything about one person, decisions newest first."""
    day_of = explanation.organisation.day_of
    console.print(Text(explanation.contacts[0].name or explanation.contacts[0].key, style=LOUD))
    for contact in explanation.contacts:
        _indented(console, 1, _contact(contact, explanation, levels, day_of))
    for account in explanation.accounts:
        _account(console, account)
    _now(console, explanation.now)
    _title(console, "Decisions, newest first", explanation.decisions, "Nothing has been decided about them yet.")
    for decision in explanation.decisions:
        _decision(console, decision, day_of)
    _title(console, "What they said", explanation.responses, "They have not answered yet.")
    for response in explanation.responses:
        _indented(console, 1, _response(response, day_of))
    if explanation.undecided:
        _title(console, "Milestones that have not asked them", explanation.undecided, "")
    for each in explanation.undecided:
        _undecided(console, each)


def _title(console: Console, title: str, rows: Sequence[object], empty: str) -> None:
    console.print()
    console.print(Text(title, style=LOUD))
    if not rows:
        _indented(console, 1, Text(empty, style=QUIET))


def _indented(console: Console, steps: int, *parts: object) -> None:
    console.print(line("  " * steps, *parts))


def _contact(contact: ContactSeen, explanation: Explanation, levels: Levels, day_of: DayOf) -> str:
    level, source = level_of(contact, explanation, levels)
    at = f"at {contact.account_name or contact.account}" if contact.account else "at no account that is known"
    if contact.account_removed_at is not None:
        at += f" (removed on {day_in_words(day_of(contact.account_removed_at))})"
    title = f", {contact.title}" if contact.title else ""
    gone = f"; removed on {day_in_words(day_of(contact.removed_at))}" if contact.removed_at else ""
    return f"{contact.key}: {contact.address or 'no address'}{title}, {at}; level {level} (from {source}){gone}"


def _account(console: Console, account: ExplainedAccount) -> None:
    seen = account.seen
    why = f"because `{account.rule}` is true" if account.rule else "because no other rule is true of it"
    records = ", ".join(seen.records)
    _indented(console, 1, f"{seen.name or seen.key} ({records}) is {seen.relationship} {why}")
    _leaves(console, 2, account.leaves)
    for fact, source in account.sources.items():
        _indented(console, 2, f"{fact} comes from {source}")


def _leaves(console: Console, steps: int, leaves: Iterable[SeenLeaf]) -> None:
    for leaf in leaves:
        _indented(console, steps, f"{leaf.text}: ", word(_TRUTH[leaf.is_true]), f" (found {leaf.value})")


def _now(console: Console, now: DecidedNow) -> None:
    """What a plan would decide that is not stored; where a CRM is not planned, what has to run first."""
    if now.decisions or now.waits:
        _title(console, "What a plan of now would decide", (*now.decisions, *now.waits), "")
    for decision in now.decisions:
        _indented(console, 1, foretold(decision))
        for reason in decision.reasons:
            _indented(console, 2, told(reason))
    for crm, stage in now.waits.items():
        _indented(console, 1, f"Nothing of {crm} is planned until `closedloop run {stage}` has run.")


def _decision(console: Console, decision: ExplainedDecision, day_of: DayOf) -> None:
    seen = decision.seen
    where = f"{seen.program}/{seen.milestone} of {seen.anchor}, due {day_in_words(seen.due_on)}"
    track = "" if seen.track == "real" else f" on the {seen.track} track"
    _indented(console, 1, Text(where, style=LOUD), f"{track}: ", word(seen.outcome.value))
    for delivered in _delivery(seen, day_of):
        _indented(console, 2, delivered)
    for number, verdict in enumerate(seen.verdicts):
        _verdict(console, verdict, day_of)
        if number == 0:
            _leaves(console, 3, decision.leaves)


def _delivery(seen: DecisionSeen, day_of: DayOf) -> Iterable[Text]:
    if seen.mail is not None:
        on = f" on {day_in_words(day_of(seen.mail_at))}" if seen.mail_at else ""
        yield line("mail ", word(seen.mail), f"{on}; invitation ", word(seen.invitation))
    if seen.occurrence_reason is not None:
        yield line(f"milestone {seen.occurrence_state}: {seen.occurrence_reason}")


def _verdict(console: Console, verdict: VerdictSeen, day_of: DayOf) -> None:
    until = f" until {day_in_words(verdict.until_on)}" if verdict.until_on else ""
    day = day_in_words(day_of(verdict.decided_at))
    _indented(console, 2, f"{day}: ", word(verdict.verdict), f"{until} ({verdict.rule})")
    for reason in verdict.reasons:
        _indented(console, 3, told(reason))


def _response(response: ResponseSeen, day_of: DayOf) -> str:
    score = "without a score" if response.score is None else f"score {response.score:g}"
    told_by = f"{response.kind.value}, by {response.source}"
    day = day_in_words(day_of(response.answered_at))
    return f"{day}: {score} for {response.program}/{response.milestone} ({told_by})"


def _undecided(console: Console, undecided: Undecided) -> None:
    _indented(console, 1, Text(f"{undecided.program}/{undecided.milestone}", style=LOUD))
    _indented(console, 2, told(undecided.reason))
    _leaves(console, 3, undecided.leaves)
