"""Asks that spacing always stops: milestones or periods, of one program or of several, that lie closer than it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connector.domain.findings import Finding, Severity, Spot
from connector.domain.possibility import is_possible
from connector.domain.programs import Milestone, Policy, Program, WhenKind

_DATED = (WhenKind.BEFORE, WhenKind.AFTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A milestone in its program, whose accounts may be asked by other programs of the same relationship type too."""

    program: Program
    index: int
    milestone: Milestone

    def spot(self, key: str) -> Spot:
        return Spot(path=("milestones", self.index, "when", key), program=self.program.id)


def too_close(policy: Policy) -> Iterator[Finding]:
    """A warning at each milestone that comes sooner after another, or after itself, than spacing lets people be asked.

    Whoever is asked at the earlier one waits at least this long; where the later ask expires before, it is blocked.
    Of two programs that one account can be in, both places are told.
    """
    asked = [
        _Asked(program=program, index=index, milestone=milestone)
        for program in policy.programs
        for index, milestone in enumerate(program.milestones)
    ]
    for each in asked:
        spacing = policy.spacing.between(each.program.kind, new=each.program.kind)
        message = _period(each.milestone, spacing=spacing)
        if message is not None:
            yield Finding(severity=Severity.WARNING, message=message, spot=each.spot("every"))
        else:
            yield from _after_another(each, asked, policy=policy)


def _period(milestone: Milestone, *, spacing: int) -> str | None:
    when = milestone.when
    if when.kind is not WhenKind.EVERY or when.days >= spacing:
        return None
    told = f"every {when.days} days is sooner than people may be asked again"
    return f"{told}: {_effect(milestone, gap=when.days, spacing=spacing)}"


def _after_another(asked: _Asked, others: Sequence[_Asked], *, policy: Policy) -> Iterator[Finding]:
    """At the nearest earlier milestone of the same date that is closer than spacing; at both, of two programs."""
    near = []
    for other in others:
        spacing = policy.spacing.between(other.program.kind, new=asked.program.kind)
        gap = _offset(asked.milestone) - _offset(other.milestone)
        if _is_same_date(asked, other) and 0 <= gap < spacing and _may_meet(asked, other):
            is_first = gap == 0 and (others.index(asked) < others.index(other) or asked.program is other.program)
            near += [] if is_first else [(gap, spacing, other)]
    if not near:
        return
    gap, spacing, other = min(near, key=lambda each: each[0])
    message = f"{_gap(asked, other, gap=gap)}: {_effect(asked.milestone, gap=gap, spacing=spacing)}"
    yield Finding(severity=Severity.WARNING, message=message, spot=asked.spot("by"))
    if other.program is not asked.program:
        told = f"{_told(other.milestone)} {_fact(other)} comes {gap} days before {_named(asked)}"
        told = told if gap else f"{_told(other.milestone)} {_fact(other)} is also the day of {_named(asked)}"
        effect = _effect(asked.milestone, gap=gap, spacing=spacing, what="that one", then="here")
        yield Finding(severity=Severity.WARNING, message=f"{told}: {effect}", spot=other.spot("by"))


def _effect(milestone: Milestone, *, gap: int, spacing: int, what: str = "it", then: str = "then") -> str:
    if gap + milestone.expires_days < spacing:
        return f"spacing ({spacing} days) will always block {what} for whoever was asked {then}"
    rest = f"{spacing - gap} day{'' if spacing - gap == 1 else 's'}"
    return f"spacing ({spacing} days) makes {what} wait {rest} at least for whoever was asked {then}"


def _is_same_date(one: _Asked, other: _Asked) -> bool:
    first, second = one.milestone.when, other.milestone.when
    is_dated = first.kind in _DATED and second.kind in _DATED and first.fact == second.fact
    return is_dated and one != other and one.program.relationship == other.program.relationship


def _may_meet(one: _Asked, other: _Asked) -> bool:
    """Whether one record and person can pass both: not where their conditions exclude each other."""
    whos = [one.program.who] if one.program is other.program else [one.program.who, other.program.who]
    wheres = [each.milestone.where for each in (one, other) if each.milestone.where is not None]
    return is_possible([*wheres, *whos] if len(whos) > 1 else wheres)


def _offset(milestone: Milestone) -> int:
    return -milestone.when.days if milestone.when.kind is WhenKind.BEFORE else milestone.when.days


def _told(milestone: Milestone) -> str:
    return f"{milestone.when.days} days {milestone.when.kind}" if milestone.when.days else "the day of"


def _gap(asked: _Asked, other: _Asked, *, gap: int) -> str:
    """How the milestone lies to the earlier one, such as: 75 days before X is 45 days after 120 days before it."""
    then = f"{_told(other.milestone)} it" if other.program is asked.program else _named(other)
    days = f"{gap} days after" if gap else "the same day as"
    return f"{_told(asked.milestone)} {_fact(asked)} is {days} {then}"


def _named(asked: _Asked) -> str:
    return f"`{asked.milestone.id}` of program `{asked.program.id}`"


def _fact(asked: _Asked) -> str:
    fact = asked.milestone.when.fact
    return fact.name if fact is not None else ""
