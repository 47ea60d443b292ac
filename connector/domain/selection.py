"""Who is asked now, later or not, and why: one decision per candidate with all its reasons (design 5.2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from connector.domain.actions import MOST_OVERDUE
from connector.domain.ask_history import AskHistory, PastAsk
from connector.domain.occurrences import Occurrence
from connector.domain.programs import Program, Spacing, Track
from connector.domain.surveys import AskKind

HOLD_REASON_SHOWN = 80
"""Characters of a hold's reason that a decision repeats; the whole text stays on the record."""
NOBODY = "nobody"
"""Whose a case is that names no contact."""

OWNER_RESTS = "owner has overdue actions"
"""The rule whose wait is looked at again every day: as long as it holds its last day is always tomorrow."""


class VerdictKind(StrEnum):
    """What is decided about a candidate."""

    ASK = "ask"
    DEFER = "defer"
    SUBSTITUTE = "substitute"
    BLOCK = "block"


class Outcome(StrEnum):
    """The five words that decision and delivery together come to; they add up to the candidates."""

    SENT = "sent"
    DEFERRED = "deferred"
    SUBSTITUTED = "substituted"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why: the rule, the value it saw, what it wanted, the record it read and the day that counts."""

    rule: str
    value: str
    threshold: str
    source: str
    on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A pause that a rep set on a record: `until_on` is its last day, `reason` as they typed it."""

    until_on: date
    reason: str | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A person with a contact on an occurrence's account, and all that the rules look at.

    `person_key` and `source` name person and contact without surrogate ids. `who` is None where the program's
    condition reads an unknown fact. `opted_out`, `bounced` and `left_company` say where that was found, else None.
    `hold` is the longest one of the person and the account, over or not. `account_id` is the record in the CRM of the
    contact: what belongs to it goes with it when accounts are split.
    """

    occurrence: Occurrence
    person_id: int
    person_key: str
    contact_id: int
    account_id: int
    source: str
    address: str | None
    is_shared_mailbox: bool
    is_gone: bool
    opted_out: str | None
    bounced: str | None
    who: bool | None
    who_saw: str
    left_company: str | None = None
    hold: Hold | None = None
    decision_id: int | None = None
    account_owner: str | None = None
    """Who owns the account, as `crm/owner id`."""
    overdue: int = 0
    """Actions of the account's owner that are overdue."""
    same_person: str | None = None
    """Another contact of the same person, which is asked of this occurrence already."""
    known_on: Mapping[str, date] = field(default_factory=dict)
    """By rule: since which day what it saw has been known here; the due day counts where that is not told."""
    account_key: str = ""
    """The account of the contact, as `crm/account id`."""
    elsewhere: tuple[int | None, str] | None = None
    """The account record, where it is known, and key that the contact of another account's case stands at."""
    passed_on_to: str | None = None
    """Whose the case is by now, as `crm/contact id` or nobody, where it is theirs no more."""
    unlisted: Reason | None = None
    """Why test mode does not reach them, where it decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is decided about one candidate today; `rule` is the one that decided, `until_on` goes with defer."""

    candidate: Candidate
    track: Track
    kind: AskKind
    verdict: VerdictKind
    rule: str
    reasons: tuple[Reason, ...]
    until_on: date | None = None


def decide_all(
    candidates: Sequence[tuple[Candidate, Program]],
    *,
    track: Track,
    history: AskHistory,
    spacing: Spacing,
    today: date,
    most_overdue: int = MOST_OVERDUE,
) -> list[Decision]:
    """Decide every candidate in an order that does not depend on surrogate ids; an ask counts at once.

    Two candidates of one occurrence may turn out to be one person; the first that no rule blocks stands for both.
    """
    decisions = []
    stands: dict[tuple[str, int], str] = {}
    for drawn, program in sorted(candidates, key=_order):
        seat = drawn.occurrence.key, drawn.person_id
        candidate = replace(drawn, same_person=drawn.same_person or stands.get(seat))
        decision = decide(
            candidate,
            program=program,
            track=track,
            history=history,
            spacing=spacing,
            today=today,
            most_overdue=most_overdue,
        )
        if decision.verdict is not VerdictKind.BLOCK:
            stands[seat] = candidate.source
        if decision.verdict is VerdictKind.ASK:
            history.add(PastAsk(person_id=candidate.person_id, address=candidate.address, kind=program.kind, on=today))
        decisions.append(decision)
    return decisions


def _order(pair: tuple[Candidate, Program]) -> tuple[date, str, str]:
    candidate, _ = pair
    return candidate.occurrence.due_on, candidate.occurrence.key, candidate.person_key


def decide(
    candidate: Candidate,
    *,
    program: Program,
    track: Track,
    history: AskHistory,
    spacing: Spacing,
    today: date,
    most_overdue: int = MOST_OVERDUE,
) -> Decision:
    """One candidate's verdict: every rule is looked at, the first that blocks decides, then the longest wait."""
    blocks = list(_blocks(candidate, program))
    waits = [
        *_pauses(candidate, today=today),
        *_waits(candidate, kind=program.kind, history=history, spacing=spacing, today=today),
        *_owner_rests(candidate, today=today, most_overdue=most_overdue),
    ]
    reasons = (*blocks, *(reason for _, reason in waits))
    verdict, rule, until = VerdictKind.ASK, "asked", None
    if blocks:
        verdict, rule = VerdictKind.BLOCK, blocks[0].rule
    elif waits:
        until, reason = max(waits, key=lambda wait: wait[0])
        late = until > candidate.occurrence.expires_on
        verdict, rule = (VerdictKind.BLOCK if late else VerdictKind.DEFER), reason.rule
        until = None if late else until
    else:
        reasons = (_seat(candidate, program, rule="asked"),)
    return Decision(
        candidate=candidate,
        track=track,
        kind=program.kind,
        verdict=verdict,
        rule=rule,
        reasons=tuple(_dated(reason, candidate) for reason in reasons),
        until_on=until,
    )


def _dated(reason: Reason, candidate: Candidate) -> Reason:
    """The reason with a day that equal inputs give again: never the day of planning where another one counts."""
    day = candidate.known_on.get(reason.rule, candidate.occurrence.due_on)
    return reason if reason.on else replace(reason, on=day.isoformat())


def _blocks(candidate: Candidate, program: Program) -> Iterable[Reason]:
    occurrence, source, anchor = candidate.occurrence, candidate.source, candidate.occurrence.anchor.key
    if candidate.unlisted:
        yield candidate.unlisted
    if occurrence.reason:
        yield Reason(
            rule="moved into the past",
            value=occurrence.due_on.isoformat(),
            threshold="due when it is planned",
            source=anchor,
        )
    if candidate.passed_on_to:
        value = candidate.passed_on_to
        yield Reason(rule="case passed on", value=value, threshold="its own contact", source=anchor)
    if candidate.is_gone:
        yield Reason(rule="contact gone", value="removed", threshold="a live contact", source=source)
    if candidate.same_person:
        yield Reason(rule="same person", value=candidate.same_person, threshold="one ask of a person", source=source)
    if candidate.left_company:
        yield Reason(rule="left company", value="yes", threshold="no", source=candidate.left_company)
    if candidate.address is None:
        yield Reason(rule="no address", value="none", threshold="a mail address", source=source)
    if candidate.is_shared_mailbox:
        yield Reason(rule="shared mailbox", value="a group's mailbox", threshold="one person's", source=source)
    if candidate.opted_out:
        yield Reason(rule="opted out", value="yes", threshold="no", source=candidate.opted_out)
    if candidate.bounced:
        yield Reason(rule="bounced", value="yes", threshold="no", source=candidate.bounced)
    if candidate.who is not True:
        yield _seat(candidate, program, rule="no seat")


def _seat(candidate: Candidate, program: Program, *, rule: str) -> Reason:
    return Reason(rule=rule, value=candidate.who_saw, threshold=program.who.text, source=candidate.source)


def _pauses(candidate: Candidate, *, today: date) -> Iterable[tuple[date, Reason]]:
    """A hold waits until the day after its last one."""
    hold = candidate.hold
    if hold is None or hold.until_on < today:
        return
    until = hold.until_on.isoformat()
    words = " ".join((hold.reason or "").split())
    shown = f"until {until}: {_shorten(words)}" if words else f"until {until}"
    over_on = min(hold.until_on, date.max - timedelta(days=1)) + timedelta(days=1)
    yield over_on, Reason(rule="hold", value=shown, threshold="no hold today", source=hold.source, on=until)


def _shorten(words: str) -> str:
    """What a rep typed, cut to what fits beside a decision."""
    return words if len(words) <= HOLD_REASON_SHOWN else f"{words[: HOLD_REASON_SHOWN - 1]}…"


def _owner_rests(candidate: Candidate, *, today: date, most_overdue: int) -> Iterable[tuple[date, Reason]]:
    """Whose owner has more to do than they get done is not asked for more; looked at again every day (principle 7)."""
    if candidate.overdue > most_overdue:
        reason = Reason(
            rule=OWNER_RESTS,
            value=str(candidate.overdue),
            threshold=f"at most {most_overdue}",
            source=candidate.account_owner or candidate.source,
            on=today.isoformat(),
        )
        yield today + timedelta(days=1), reason


def _waits(
    candidate: Candidate, *, kind: AskKind, history: AskHistory, spacing: Spacing, today: date
) -> Iterable[tuple[date, Reason]]:
    for earlier in AskKind:
        days = spacing.between(earlier, new=kind)
        newest = history.newest(earlier, person_id=candidate.person_id, address=candidate.address)
        if not days or newest is None or newest + timedelta(days=days) <= today:
            continue
        yield (
            newest + timedelta(days=days),
            Reason(
                rule=f"spacing after {earlier}",
                value=f"{(today - newest).days} days since",
                threshold=f"{days} days",
                source=candidate.source,
                on=newest.isoformat(),
            ),
        )
