"""One person on a terminal: who it is, what a plan would decide now, what was decided and why, what they said."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from connector.cli.explained import Levels, level_of
from connector.cli.mails import mail_told
from connector.cli.screen import LOUD, QUIET, line, outcome, word
from connector.cli.screen import tell_indented as tell
from connector.cli.show_said import show_response
from connector.domain.leaves import SeenLeaf
from connector.domain.programs import Organisation
from connector.domain.sentences import day_in_words, foretold, in_brief, told
from connector.ports.storage.explaining import ContactSeen, VerdictSeen
from connector.usecases.decided_now import DecidedNow
from connector.usecases.explain import ExplainedAccount, ExplainedDecision, Explanation
from connector.usecases.undecided import Undecided

_TRUTH = {True: "true", False: "false", None: "unknown"}


def show(console: Console, explanation: Explanation, levels: Levels) -> None:
    """Print everything about one person, decisions newest first."""
    console.print(line(Text(explanation.contacts[0].name or explanation.contacts[0].key, style=LOUD)))
    for contact in explanation.contacts:
        tell(console, 1, _contact(contact, explanation, levels))
    for account in explanation.accounts:
        _account(console, account)
    _now(console, explanation.now)
    _title(console, "Decisions, newest first", explanation.decisions, "Nothing has been decided about them yet.")
    for decision in explanation.decisions:
        _decision(console, decision, explanation)
    _title(console, "What they said, and what came of it", explanation.responses, "They have not answered yet.")
    for response in explanation.responses:
        show_response(console, response, explanation.organisation, today=explanation.today)
    if explanation.undecided:
        _title(console, "Milestones that have not asked them", explanation.undecided, "")
    for each in explanation.undecided:
        _undecided(console, each)


def _title(console: Console, title: str, rows: Sequence[object], empty: str) -> None:
    console.print()
    console.print(Text(title, style=LOUD))
    if not rows:
        tell(console, 1, Text(empty, style=QUIET))


def _contact(contact: ContactSeen, explanation: Explanation, levels: Levels) -> str:
    day_of = explanation.organisation.day_of
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
    tell(console, 1, f"{seen.name or seen.key} ({records}) is {seen.relationship} {why}")
    _leaves(console, 2, account.leaves)
    for fact, source in account.sources.items():
        tell(console, 2, f"{fact} comes from {source}")


def _leaves(console: Console, steps: int, leaves: Iterable[SeenLeaf]) -> None:
    for leaf in leaves:
        tell(console, steps, f"{leaf.text}: ", word(_TRUTH[leaf.is_true]), f" (found {leaf.value})")


def _now(console: Console, now: DecidedNow) -> None:
    """What a plan would decide that is not stored; where a CRM is not planned, what has to run first."""
    if now.decisions or now.waits or now.refused:
        _title(console, "What a plan of now would decide", (*now.decisions, *now.waits, *now.refused), "")
    for decision in now.decisions:
        tell(console, 1, foretold(decision))
        for reason in decision.reasons:
            tell(console, 2, told(reason))
    for mistake in now.refused:
        tell(console, 1, f"Nothing is planned until this is mended: {mistake}")
    for crm, stage in now.waits.items():
        tell(console, 1, f"Nothing of {crm} is planned until `closedloop run {stage}` has run.")


def _decision(console: Console, decision: ExplainedDecision, explanation: Explanation) -> None:
    seen = decision.seen
    moment = f", {decision.moment}" if decision.moment else ""
    where = f"{seen.program}/{seen.milestone} of {seen.anchor}, due {day_in_words(seen.due_on)}{moment}"
    track = "" if seen.track == "real" else f" on the {seen.track} track"
    tell(console, 1, Text(where, style=LOUD), f"{track}: ", outcome(seen.outcome, is_shadow=bool(track)))
    for delivered in _delivery(decision, explanation):
        tell(console, 2, delivered)
    for number, verdict in enumerate(seen.verdicts):
        _verdict(console, verdict, explanation.organisation)
        if number == 0:
            _leaves(console, 3, decision.leaves)


def _delivery(decision: ExplainedDecision, explanation: Explanation) -> Iterator[Text]:
    seen = decision.seen
    if seen.mail is not None:
        became = mail_told(seen, zone=explanation.organisation.zone, now=explanation.at)
        yield line("mail ", word(seen.mail), became, "; invitation ", word(seen.invitation))
    if seen.kept_back is not None:
        yield line(f"no mail, since something came between: {seen.kept_back}")
    if seen.occurrence_reason is not None:
        yield line(f"milestone {seen.occurrence_state}: {seen.occurrence_reason}")


def _verdict(console: Console, verdict: VerdictSeen, organisation: Organisation) -> None:
    until = f" until {day_in_words(verdict.until_on)}" if verdict.until_on else ""
    day = day_in_words(organisation.day_of(verdict.decided_at))
    tell(console, 2, f"{day}: ", word(verdict.verdict), f"{until} ({in_brief(verdict.rule)})")
    for reason in verdict.reasons:
        tell(console, 3, told(reason))


def _undecided(console: Console, undecided: Undecided) -> None:
    tell(console, 1, Text(f"{undecided.program}/{undecided.milestone}", style=LOUD))
    tell(console, 2, told(undecided.reason))
    _leaves(console, 3, undecided.leaves)
