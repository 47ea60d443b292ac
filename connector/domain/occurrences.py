"""Occurrences: when a milestone of one record opens, follows its date, is cancelled or expires (design 5.3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from connector.domain.periods import Periods
from connector.domain.programs import Milestone, WhenKind
from connector.domain.records import RecordKind


class OccurrenceState(StrEnum):
    """Open until somebody is asked, cancelled because its reason is gone, or expired."""

    OPEN = "open"
    ASKED = "asked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


MOVED_INTO_PAST = "the date moved into the past"
HAS_ITS_OWN = "its account was joined with one that has its own"
GONE_MILESTONE = "its milestone is gone from the programs"
OVERLAP = timedelta(hours=1)
"""Changes are looked at again for so long, since what was seen before a plan may be committed after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The record whose milestone it is; `key` names it without surrogate ids, as `crm/CRM id`."""

    kind: RecordKind
    id: int
    key: str
    account_id: int

    @property
    def crm(self) -> str:
        """The connection that the record came from."""
        return self.key.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One milestone of one anchor that came due. `id` is None until it is stored; `ordinal` counts from 1."""

    program: str
    milestone: str
    anchor: Anchor
    ordinal: int
    due_on: date
    expires_on: date
    state: OccurrenceState = OccurrenceState.OPEN
    id: int | None = None
    reason: str | None = None
    change_id: int | None = None
    drawn_at: datetime | None = None
    """When its candidates were drawn: the first plan on or after its due day."""

    @property
    def key(self) -> str:
        """The occurrence's name without surrogate ids."""
        return f"{self.program}/{self.milestone}/{self.anchor.key}/{self.ordinal}"

    def is_due(self, today: date) -> bool:
        """Whether people may be asked for it on this day."""
        return self.state in (OccurrenceState.OPEN, OccurrenceState.ASKED) and self.due_on <= today <= self.expires_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a milestone was planned: through which day, and at which moment."""

    planned_through: date
    planned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a record says of a milestone now.

    `moment_on` is the date in the fact (for `every` the one to count from), or the local day of the transition
    (`change_id`) for `changed`; None where there is none. `matches` means: live, of the program's relationship type,
    and true for the milestone's `where`. `changed_at` is when we last saw the fact change in the CRM. Of an account
    that is one over several records, `ordinals` is the highest ordinal that any of them has used, and `doubled` are
    open occurrences of records that were joined to one that has its own.
    """

    anchor: Anchor
    moment_on: date | None
    matches: bool
    changed_at: datetime | None = None
    change_id: int | None = None
    ordinals: int = 0
    doubled: tuple[Occurrence, ...] = ()


def sighted(
    sighting: Sighting, occurrences: Sequence[Occurrence], milestone: Milestone
) -> tuple[Sighting, Occurrence | None]:
    """A sighting with what its anchor's records have had so far (in the order of ordinals), and the newest of it.

    Records that were joined may each have had their own. What was asked or expired counts before what is open, and an
    open one so near to it that it could not have followed it is doubled; of several open ones the earliest stays.
    """
    own = {occurrence.anchor.id: occurrence for occurrence in occurrences}.values()
    if len(own) <= 1:
        return sighting, next(iter(own), None)
    ended = [each for each in own if each.state in (OccurrenceState.ASKED, OccurrenceState.EXPIRED)]
    last = max(ended, key=_when_due, default=None)
    opened = sorted((each for each in own if each.state is OccurrenceState.OPEN), key=_when_due)
    follows = [each for each in opened if last is None or _is_new_after(milestone, last=last, due=each.due_on)]
    doubled = tuple(each for each in opened if each not in follows[:1])
    newest = next(iter(follows), last) or max(own, key=_when_due)
    highest = max(occurrence.ordinal for occurrence in occurrences)
    return replace(sighting, ordinals=highest, doubled=doubled), newest


def without_double(sighting: Sighting) -> list[Occurrence]:
    """The doubled occurrences as they should be now."""
    return [replace(each, state=OccurrenceState.CANCELLED, reason=HAS_ITS_OWN) for each in sighting.doubled]


def _when_due(occurrence: Occurrence) -> tuple[date, str]:
    return occurrence.due_on, occurrence.key


def due_on(milestone: Milestone, moment_on: date) -> date:
    """The day on which a milestone of this moment falls due; `every` has many and is not asked for here."""
    days = -milestone.when.days if milestone.when.kind is WhenKind.BEFORE else milestone.when.days
    return moment_on + timedelta(days=days)


def advances(
    milestone: Milestone,
    *,
    program: str,
    sighting: Sighting,
    last: Occurrence | None,
    mark: Mark,
    starts_on: date,
    today: date,
) -> Iterator[Occurrence]:
    """All that is to do now, in order (see `advance`): a period may open on the day on which the last one expires."""
    changed = advance(
        milestone, program=program, sighting=sighting, last=last, mark=mark, starts_on=starts_on, today=today
    )
    if changed is not None:
        yield changed
    if changed is not None and changed.state is OccurrenceState.EXPIRED and milestone.when.kind is WhenKind.EVERY:
        opened = advance(
            milestone, program=program, sighting=sighting, last=changed, mark=mark, starts_on=starts_on, today=today
        )
        yield from () if opened is None else (opened,)


def advance(
    milestone: Milestone,
    *,
    program: str,
    sighting: Sighting,
    last: Occurrence | None,
    mark: Mark,
    starts_on: date,
    today: date,
) -> Occurrence | None:
    """The occurrence as it should be now, new or changed, or None where nothing is to do.

    `last` is the newest ordinal of this anchor. A milestone opens only for a day after the mark or for today, however
    often today is planned, so that a first load, a new definition or a wider filter fires nothing.
    """
    if milestone.when.kind is WhenKind.EVERY:
        return _advance_every(
            milestone, program=program, sighting=sighting, last=last, mark=mark, starts_on=starts_on, today=today
        )
    due = due_on(milestone, sighting.moment_on) if sighting.matches and sighting.moment_on else None
    if last is not None and last.state is OccurrenceState.OPEN:
        return _follow(milestone, last=last, due=due, today=today)
    if due is None or not _may_open(milestone, last=last, due=due, sighting=sighting):
        return None
    if last is not None and last.state is OccurrenceState.CANCELLED and due == last.due_on <= today <= last.expires_on:
        return replace(last, state=OccurrenceState.OPEN, reason=None)
    opens = max(starts_on, first_day(mark, today=today)) <= due <= today
    moved = not opens and starts_on <= due <= mark.planned_through and _changed_since(sighting, mark)
    if not opens and not moved:
        return None
    reopened = last if last is not None and last.state is OccurrenceState.CANCELLED else None
    is_others = reopened is not None and reopened.anchor.id != sighting.anchor.id
    return Occurrence(
        program=program,
        milestone=milestone.id,
        anchor=reopened.anchor if reopened and is_others else sighting.anchor,
        ordinal=reopened.ordinal if reopened else max(sighting.ordinals, last.ordinal if last else 0) + 1,
        due_on=due,
        expires_on=_expiry(milestone, due if opens else today),
        id=reopened.id if reopened else None,
        reason=MOVED_INTO_PAST if moved else None,
        change_id=sighting.change_id,
        drawn_at=reopened.drawn_at if reopened else None,
    )


def first_day(mark: Mark, *, today: date) -> date:
    """The earliest day that may still open: the one after the mark, and always today."""
    return min(mark.planned_through + timedelta(days=1), today)


def _advance_every(
    milestone: Milestone,
    *,
    program: str,
    sighting: Sighting,
    last: Occurrence | None,
    mark: Mark,
    starts_on: date,
    today: date,
) -> Occurrence | None:
    """`advance` for periods: the newest one opens on its day; one that was missed is never caught up with."""
    periods = _periods(milestone, sighting=sighting, today=today)
    if last is not None and last.state is OccurrenceState.OPEN:
        return _follow(milestone, last=last, due=_followed(periods, last=last, today=today), today=today)
    if periods is None or periods.number(today) < 1:
        return None
    due = periods.end(periods.number(today))
    if last is not None and last.state is OccurrenceState.CANCELLED and due == last.due_on <= today <= last.expires_on:
        return replace(last, state=OccurrenceState.OPEN, reason=None)
    if due < max(starts_on, first_day(mark, today=today)) or _expiry(milestone, due) < today:
        return None
    newest = Occurrence(
        program=program,
        milestone=milestone.id,
        anchor=sighting.anchor,
        ordinal=periods.number(today),
        due_on=due,
        expires_on=_expiry(milestone, due),
    )
    return newest if last is None else _after(last, newest=newest, days=periods.days)


def _periods(milestone: Milestone, *, sighting: Sighting, today: date) -> Periods | None:
    """The record's periods; None where it does not match, or has no date until today to count from."""
    if not sighting.matches or sighting.moment_on is None or sighting.moment_on > today:
        return None
    return Periods(from_on=sighting.moment_on, days=milestone.when.days)


def _followed(periods: Periods | None, *, last: Occurrence, today: date) -> date | None:
    """When an open ordinal is due now: unchanged, or at the end of its own period unless another end comes first."""
    if periods is None or periods.ends_on(last.due_on):
        return last.due_on if periods is not None else None
    return min(periods.end(last.ordinal), periods.next_end(today))


def _after(last: Occurrence, *, newest: Occurrence, days: int) -> Occurrence | None:
    """The newest period as the ordinal after `last`, which is over; None where it is the same one, only moved.

    Numbers start again where `from` moves later by whole periods; ordinals never do, since each names one ask.
    """
    if last.state is OccurrenceState.CANCELLED:
        is_same = newest.ordinal <= last.ordinal
        return replace(newest, ordinal=last.ordinal, id=last.id, drawn_at=last.drawn_at) if is_same else newest
    is_next = newest.ordinal > last.ordinal or newest.due_on >= last.due_on + timedelta(days=days)
    is_apart = newest.due_on - last.due_on >= timedelta(days=days) / 2
    return replace(newest, ordinal=max(newest.ordinal, last.ordinal + 1)) if is_next and is_apart else None


def _follow(milestone: Milestone, *, last: Occurrence, due: date | None, today: date) -> Occurrence | None:
    if due is None:
        return replace(last, state=OccurrenceState.CANCELLED, reason="its reason is gone")
    if last.expires_on < today and due == last.due_on:
        return replace(last, state=OccurrenceState.EXPIRED)
    if due == last.due_on or last.reason == MOVED_INTO_PAST:
        return None
    moved = replace(last, due_on=due, expires_on=_expiry(milestone, due))
    return replace(moved, state=OccurrenceState.EXPIRED) if moved.expires_on < today else moved


def _may_open(milestone: Milestone, *, last: Occurrence | None, due: date, sighting: Sighting) -> bool:
    if last is None or last.state is OccurrenceState.CANCELLED:
        return last is None or sighting.change_id is None or sighting.change_id != last.change_id
    if milestone.when.kind is WhenKind.CHANGED:
        return sighting.change_id != last.change_id
    return _is_new_after(milestone, last=last, due=due)


def _is_new_after(milestone: Milestone, *, last: Occurrence, due: date) -> bool:
    return due >= last.due_on + timedelta(days=milestone.new_after_days)


def _expiry(milestone: Milestone, due: date) -> date:
    return due + timedelta(days=milestone.expires_days)


def _changed_since(sighting: Sighting, mark: Mark) -> bool:
    return sighting.changed_at is not None and sighting.changed_at > mark.planned_at - OVERLAP
