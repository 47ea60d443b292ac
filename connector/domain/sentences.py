"""Reasons as sentences: command, console and mail say the same words for the same decision."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo

from connector.domain.gates import RULE as NOT_LISTED
from connector.domain.programs import Track
from connector.domain.selection import OWNER_RESTS, Decision, Reason, VerdictKind

SPACING_AFTER = "spacing after "
_BRIEF: Mapping[str, str] = {
    "no seat": "not one of those whom the program asks",
    NOT_LISTED: "test mode does not reach them",
    "moved into the past": "its date was moved into the past",
    "contact gone": "the contact is gone from the account",
    "case passed on": "the case is somebody else's by now",
    "same person": "asked as another contact already",
    "left company": "has left the company",
    "no address": "has no mail address",
    "shared mailbox": "the address is a group's mailbox",
    "bounced": "mail to them came back",
    "hold": "a rep has set a hold",
    OWNER_RESTS: "the account's owner has too many overdue actions",
}
_WAY_OUT = {"unsubscribe-click": "by one click in their mail program", "unsubscribe-page": "on our page"}


def told(reason: Reason) -> str:
    """A reason as one sentence with the value it saw, what it wanted, where it read that, and the day that counts.

    A rule that has no words of its own, as an older version's, is told plainly.
    """
    tell = _SENTENCES.get(_kind_of(reason.rule), _plain)
    day = f", {day_in_words(reason.on)}" if reason.on else ""
    return f"{tell(reason)} ({reason.source}{day})."


def foretold(decision: Decision) -> str:
    """What is not decided yet, but would be by a plan of now, as one sentence that says what makes it so."""
    occurrence = decision.candidate.occurrence
    match decision.verdict:
        case VerdictKind.ASK:
            what = "Would be asked now"
        case VerdictKind.DEFER if decision.until_on is not None:
            what = f"Would wait until {day_in_words(decision.until_on)} to be asked"
        case _:
            what = "Would not be asked"
    silent = ", on the shadow track, which sends nothing" if decision.track is Track.SHADOW else ""
    return (
        f"{what} by program {occurrence.program} for milestone {occurrence.milestone} of {occurrence.anchor.key}"
        f" (due {day_in_words(occurrence.due_on)}){silent}; `closedloop run plan` stores it."
    )


def has_sentence(rule: str) -> bool:
    """Whether a rule has words of its own."""
    return _kind_of(rule) in _SENTENCES


def in_brief(rule: str) -> str:
    """A rule that decides, in a few words for a table; one that has none of its own comes back as it is."""
    if rule.startswith(SPACING_AFTER):
        return f"asked about the {rule.removeprefix(SPACING_AFTER)} too short a time ago"
    return _BRIEF.get(rule, rule)


def day_in_words(day: date | str) -> str:
    """Such as 12 March 2026; a text that is no date comes back as it is."""
    try:
        on = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        return str(day)
    return f"{on.day} {on:%B %Y}"


def minute_in_words(at: datetime, zone: tzinfo) -> str:
    """Such as 12 March 2026 at 09:15, on the clocks of a zone."""
    local = at.astimezone(zone)
    return f"{day_in_words(local.date())} at {local:%H:%M}"


def _kind_of(rule: str) -> str:
    return SPACING_AFTER if rule.startswith(SPACING_AFTER) else rule


def _plain(reason: Reason) -> str:
    return f"{reason.rule}: found {reason.value}, wanted {reason.threshold}"


def _asked(reason: Reason) -> str:
    return f"Asked: `{reason.threshold}` is true of them, as {reason.value}"


def _no_seat(reason: Reason) -> str:
    return f"Not asked: `{reason.threshold}` is not true of them, as {reason.value}"


def _not_listed(reason: Reason) -> str:
    return f"Not asked: in test mode {reason.threshold} is needed, and the record has {reason.value}"


def _moved(reason: Reason) -> str:
    return (
        f"Not asked: the date was changed so that it fell due on {day_in_words(reason.value)}, which was over when that"
        f" was seen; only what is {reason.threshold} is asked about"
    )


def _gone(reason: Reason) -> str:
    return f"Not asked: the contact is {reason.value} from the account, and {reason.threshold} is needed"


def _passed_on(reason: Reason) -> str:
    return f"Not asked: the case is {reason.value}'s by now, and only {reason.threshold} is asked"


def _same_person(reason: Reason) -> str:
    return f"Not asked: they are asked as {reason.value} already, and there is {reason.threshold}"


def _left(reason: Reason) -> str:
    return f"Not asked: a rep marked that they have left the company{_unless_plain(reason)}"


def _no_address(reason: Reason) -> str:
    return f"Not asked: {reason.threshold} is needed, and the record has {reason.value}"


def _shared(reason: Reason) -> str:
    return f"Not asked: the address is {reason.value}, and only {reason.threshold} own is written to"


def _opted_out(reason: Reason) -> str:
    way = _WAY_OUT.get(reason.source, "in the CRM")
    return f"Not asked: they opted out {way}{_unless_plain(reason)}"


def _bounced(reason: Reason) -> str:
    return f"Not asked: mail to them came back{_unless_plain(reason)}"


def _hold(reason: Reason) -> str:
    return f"Not asked: there is a hold {_with_day(reason.value)}, and {reason.threshold} is needed"


def _owner_rests(reason: Reason) -> str:
    return (
        f"Not asked: the account's owner has {reason.value} overdue actions, and {reason.threshold} may wait before"
        " more is asked for them"
    )


def _spacing(reason: Reason) -> str:
    kind = reason.rule.removeprefix(SPACING_AFTER)
    ago = reason.value.removesuffix(" since")
    return f"Not asked: the last ask about the {kind} was {ago} before, and {reason.threshold} must lie between the two"


def _other_relationship(reason: Reason) -> str:
    return f"Never asked: the account is {reason.value}, and this program listens to {reason.threshold} accounts"


def _no_record(reason: Reason) -> str:
    return f"Never asked: the account needs {_a(reason.threshold)} in the CRM, and there is {reason.value}"


def _filter(reason: Reason) -> str:
    return f"Never asked: the milestone is for records of which `{reason.threshold}` is true, and {reason.value}"


def _no_date(reason: Reason) -> str:
    return f"Never asked: {reason.threshold} is {reason.value}, so no day can be counted"


def _not_changed(reason: Reason) -> str:
    return f"Not asked so far: {reason.value}, and the milestone waits for {reason.threshold}"


def _was_so_before(reason: Reason) -> str:
    return (
        f"Never asked: {reason.value} was so already when the record was first read, and only {reason.threshold} that"
        " was seen counts"
    )


def _not_due(reason: Reason) -> str:
    return f"Not asked so far: it falls due on {day_in_words(reason.value)}, {reason.threshold}"


def _before_the_start(reason: Reason) -> str:
    return (
        f"Never asked: it fell due on {day_in_words(reason.value)}, before the program starts on"
        f" {day_in_words(reason.threshold)}"
    )


def _not_planned(reason: Reason) -> str:
    return f"Not asked so far: {day_in_words(reason.value)} has come, and {reason.threshold} since is missing"


def _expired(reason: Reason) -> str:
    *words, day = reason.threshold.split(" ")
    return (
        f"Never asked: it fell due on {day_in_words(reason.value)} and has expired, as it needed {' '.join(words)}"
        f" {day_in_words(day)}"
    )


def _past(reason: Reason) -> str:
    return f"Never asked: it fell due on {day_in_words(reason.value)}, and only {reason.threshold} counts"


def _cancelled(reason: Reason) -> str:
    return f"Never asked: {reason.value}, and {reason.threshold} is needed"


def _came_later(reason: Reason) -> str:
    *words, day = reason.threshold.split(" ")
    return (
        f"Never asked: the contact was first seen on {day_in_words(reason.value)}, and only those are asked who were"
        f" {' '.join(words)} {day_in_words(day)}"
    )


def _no_account(reason: Reason) -> str:
    return f"Never asked: the contact belongs to {reason.value} that is known, and {reason.threshold} is needed"


def _account_gone(reason: Reason) -> str:
    return f"Never asked: their account is {reason.value}, and {reason.threshold} is needed"


def _anothers(reason: Reason) -> str:
    return f"Never asked: the case was brought by {reason.value}, and only {reason.threshold} is asked about it"


def _unless_plain(reason: Reason) -> str:
    """What was found and wanted; where it is yes and no the sentence has said so."""
    is_plain = (reason.value, reason.threshold) == ("yes", "no")
    return "" if is_plain else f": found {reason.value}, wanted {reason.threshold}"


def _a(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def _with_day(words: str) -> str:
    """`until 2026-03-05: merger talks` with the day in words."""
    until, colon, why = words.removeprefix("until ").partition(":")
    return f"until {day_in_words(until)}{colon}{why}"


_SENTENCES: Mapping[str, Callable[[Reason], str]] = {
    "asked": _asked,
    "no seat": _no_seat,
    NOT_LISTED: _not_listed,
    "moved into the past": _moved,
    "contact gone": _gone,
    "case passed on": _passed_on,
    "same person": _same_person,
    "left company": _left,
    "no address": _no_address,
    "shared mailbox": _shared,
    "opted out": _opted_out,
    "bounced": _bounced,
    "hold": _hold,
    OWNER_RESTS: _owner_rests,
    SPACING_AFTER: _spacing,
    "other relationship": _other_relationship,
    "no record": _no_record,
    "filter": _filter,
    "no date": _no_date,
    "not changed": _not_changed,
    "was so before": _was_so_before,
    "not due yet": _not_due,
    "before the start": _before_the_start,
    "not planned yet": _not_planned,
    "expired unplanned": _expired,
    "past before it was planned": _past,
    "cancelled": _cancelled,
    "came later": _came_later,
    "no account": _no_account,
    "account gone": _account_gone,
    "another's case": _anothers,
}
