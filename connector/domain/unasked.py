"""Why a milestone has never decided about a person: the first condition on the way to a decision that fails."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from connector.domain.evaluation import Values
from connector.domain.leaves import saw, shown
from connector.domain.occurrences import Occurrence, OccurrenceState, due_on
from connector.domain.periods import Periods
from connector.domain.programs import Milestone, Program, When, WhenKind
from connector.domain.records import FactValue
from connector.domain.selection import Reason

_AHEAD = ("not planned yet", "not due yet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One record that a milestone could fall due for, and the person who would be asked then.

    `anchor` names the record; None where the account has none of the kind. `where` says whether the milestone's
    condition holds for it, `moment` is what its fact holds now and `changed_on` since when (None: ever since it was
    first seen). `is_theirs` is false where the record is a case that somebody else, `brought_by`, has brought.
    `planned_through` is how far the milestone was planned, `occurrence` the newest one of the record. `is_looked_at`
    says that a plan of now looks at the record and decides nothing: whatever has come, no plan will.
    """

    program: Program
    milestone: Milestone
    account: str
    relationship: str
    contact: str
    contact_since: date
    anchor: str | None
    where: bool | None = True
    values: Values
    moment: FactValue = None
    changed_on: date | None = None
    planned_through: date | None = None
    occurrence: Occurrence | None = None
    drawn_on: date | None = None
    is_theirs: bool = True
    brought_by: str | None = None
    is_looked_at: bool = False


def nearest(prospects: Iterable[Prospect], *, today: date) -> tuple[Prospect, Reason]:
    """The prospect that gets furthest, and what fails there.

    Of equal ones what has come and waits for a plan tells, then the next that is to come, then the newest that is past.
    """
    judged = [(prospect, *_first_failure(prospect, today)) for prospect in prospects]
    prospect, _, reason = min(judged, key=lambda each: (-each[1], *_nearness(each[2]), each[0].anchor or ""))
    return prospect, reason


def _nearness(reason: Reason) -> tuple[int, int]:
    day = date.fromisoformat(reason.on).toordinal()
    return (_AHEAD.index(reason.rule), day) if reason.rule in _AHEAD else (len(_AHEAD), -day)


def _first_failure(prospect: Prospect, today: date) -> tuple[int, Reason]:
    """How many steps were passed, and the reason at the next one."""
    steps = (_of_type, _of_record, _of_bringer, _of_where, _of_moment)
    for number, step in enumerate(steps):
        reason = step(prospect, today)
        if reason is not None:
            return number, reason
    return len(steps), _of_day(prospect, today)


def _of_type(prospect: Prospect, today: date) -> Reason | None:
    if prospect.relationship == prospect.program.relationship:
        return None
    return Reason(
        rule="other relationship",
        value=prospect.relationship,
        threshold=prospect.program.relationship,
        source=prospect.account,
        on=today.isoformat(),
    )


def _of_record(prospect: Prospect, today: date) -> Reason | None:
    if prospect.anchor is not None:
        return None
    kind = prospect.milestone.when.anchor
    return Reason(rule="no record", value="none", threshold=kind.value, source=prospect.account, on=today.isoformat())


def _of_bringer(prospect: Prospect, today: date) -> Reason | None:
    """A case is about whoever brought it: nobody else at the account knows what came of it."""
    if prospect.is_theirs:
        return None
    who = prospect.brought_by or "nobody who is known"
    return Reason(
        rule="another's case", value=who, threshold="who brought it", source=_source(prospect), on=today.isoformat()
    )


def _of_where(prospect: Prospect, today: date) -> Reason | None:
    where = prospect.milestone.where
    if where is None or prospect.where is True:
        return None
    value = saw(where, values=prospect.values)
    return Reason(rule="filter", value=value, threshold=where.text, source=_source(prospect), on=today.isoformat())


def _of_moment(prospect: Prospect, today: date) -> Reason | None:
    when = prospect.milestone.when
    if when.kind is WhenKind.CHANGED:
        return _of_change(prospect, when, today)
    if isinstance(prospect.moment, date):
        return None
    name = when.fact.name if when.fact else "from"
    return Reason(rule="no date", value="unknown", threshold=name, source=_source(prospect), on=today.isoformat())


def _of_change(prospect: Prospect, when: When, today: date) -> Reason | None:
    if prospect.moment == when.value and prospect.changed_on is not None:
        return None
    name = when.fact.name if when.fact else ""
    rule = "not changed" if prospect.moment != when.value else "was so before"
    value = f"{name} = {shown(prospect.moment)}"
    wanted = f"a change to {when.value}"
    return Reason(rule=rule, value=value, threshold=wanted, source=_source(prospect), on=today.isoformat())


def _of_day(prospect: Prospect, today: date) -> Reason:
    due = _due(prospect, today)
    starts_on = prospect.program.starts_on
    if due > today:
        return _about(prospect, "not due yet", value=due.isoformat(), threshold=_words(prospect), on=due)
    if due < starts_on:
        return _about(prospect, "before the start", value=due.isoformat(), threshold=starts_on.isoformat(), on=due)
    if prospect.occurrence is not None:
        return _of_occurrence(prospect, prospect.occurrence, today)
    planned_through = prospect.planned_through or today - timedelta(days=1)  # a first plan opens what is due that day
    expires = due + timedelta(days=prospect.milestone.expires_days)
    if planned_through < due and expires < today:
        return _expired(prospect, due=due, expires_on=expires)
    if planned_through < due and not prospect.is_looked_at:
        return _about(prospect, "not planned yet", value=due.isoformat(), threshold="a plan that was run", on=due)
    planned = "a day that was still to come when it was first planned"
    return _about(prospect, "past before it was planned", value=due.isoformat(), threshold=planned, on=due)


def _expired(prospect: Prospect, *, due: date, expires_on: date) -> Reason:
    """Nobody planned between the two days."""
    wanted = f"a plan that was run by {expires_on.isoformat()}"
    return _about(prospect, "expired unplanned", value=due.isoformat(), threshold=wanted, on=expires_on)


def _of_occurrence(prospect: Prospect, occurrence: Occurrence, today: date) -> Reason:
    value = occurrence.due_on.isoformat()
    if occurrence.state is OccurrenceState.CANCELLED:
        why = occurrence.reason or "cancelled"
        return _about(prospect, "cancelled", value=why, threshold="an open milestone", on=occurrence.due_on)
    if prospect.drawn_on is None and occurrence.expires_on < today:
        return _expired(prospect, due=occurrence.due_on, expires_on=occurrence.expires_on)
    if prospect.drawn_on is None:
        return _about(prospect, "not planned yet", value=value, threshold="a plan that was run", on=occurrence.due_on)
    wanted = f"at the account on {prospect.drawn_on.isoformat()}"
    return Reason(
        rule="came later",
        value=prospect.contact_since.isoformat(),
        threshold=wanted,
        source=prospect.contact,
        on=prospect.contact_since.isoformat(),
    )


def _due(prospect: Prospect, today: date) -> date:
    """The day of the record's milestone: of periods the next one from today and the program's start on."""
    when, moment = prospect.milestone.when, prospect.moment
    if when.kind is WhenKind.CHANGED:
        moment = prospect.changed_on
    if not isinstance(moment, date):
        raise ValueError("a milestone without a day has no due day")
    if when.kind is not WhenKind.EVERY:
        return due_on(prospect.milestone, moment)
    return Periods(from_on=moment, days=when.days).next_end(max(today, prospect.program.starts_on))


def _words(prospect: Prospect) -> str:
    """The milestone's moment in words, such as: 120 days before account.renewal_on 2026-07-09."""
    when = prospect.milestone.when
    return when.in_words if when.kind is WhenKind.CHANGED else f"{when.in_words} {shown(prospect.moment)}"


def _about(prospect: Prospect, rule: str, *, value: str, threshold: str, on: date) -> Reason:
    return Reason(rule=rule, value=value, threshold=threshold, source=_source(prospect), on=on.isoformat())


def _source(prospect: Prospect) -> str:
    return prospect.anchor or prospect.account
