"""Asks of one program that its own spacing always stops: milestones or periods that lie closer than it."""

from collections.abc import Iterator, Sequence

from connector.domain.findings import Finding, Severity, Spot
from connector.domain.possibility import is_possible
from connector.domain.programs import Milestone, Policy, WhenKind

_DATED = (WhenKind.BEFORE, WhenKind.AFTER)


def too_close(policy: Policy) -> Iterator[Finding]:
    """A warning at each milestone that comes sooner after another, or after itself, than spacing lets people be asked.

    Whoever is asked at the earlier one waits at least this long; where the later ask expires before, it is blocked.
    """
    for program in policy.programs:
        spacing = policy.spacing.between(program.kind, new=program.kind)
        for index, milestone in enumerate(program.milestones):
            found = _period(milestone, spacing=spacing) or _after_another(milestone, program.milestones, spacing)
            if found is not None:
                key, message = found
                spot = Spot(path=("milestones", index, "when", key), program=program.id)
                yield Finding(severity=Severity.WARNING, message=message, spot=spot)


def _period(milestone: Milestone, *, spacing: int) -> tuple[str, str] | None:
    when = milestone.when
    if when.kind is not WhenKind.EVERY or when.days >= spacing:
        return None
    told = f"every {when.days} days is sooner than people may be asked again"
    return "every", f"{told}: {_effect(milestone, gap=when.days, spacing=spacing)}"


def _after_another(milestone: Milestone, others: Sequence[Milestone], spacing: int) -> tuple[str, str] | None:
    """The nearest earlier milestone of the same date that is closer than spacing."""
    gaps = [(_offset(milestone) - _offset(other), other) for other in others if _is_same_date(milestone, other)]
    near = [(gap, other) for gap, other in gaps if 0 < gap < spacing and _may_meet(milestone, other)]
    if not near:
        return None
    gap, other = min(near, key=lambda pair: pair[0])
    fact = milestone.when.fact.name if milestone.when.fact is not None else ""
    told = f"{_told(milestone)} {fact} is {gap} days after {_told(other)} it"
    return "by", f"{told}: {_effect(milestone, gap=gap, spacing=spacing)}"


def _effect(milestone: Milestone, *, gap: int, spacing: int) -> str:
    if gap + milestone.expires_days < spacing:
        return f"spacing ({spacing} days) will always block it for whoever was asked then"
    rest = f"{spacing - gap} day{'' if spacing - gap == 1 else 's'}"
    return f"spacing ({spacing} days) makes it wait {rest} at least for whoever was asked then"


def _is_same_date(one: Milestone, other: Milestone) -> bool:
    is_dated = one.when.kind in _DATED and other.when.kind in _DATED
    return is_dated and one.id != other.id and one.when.fact == other.when.fact


def _may_meet(one: Milestone, other: Milestone) -> bool:
    """Whether one record can pass both: not where their conditions exclude each other."""
    return is_possible([each.where for each in (one, other) if each.where is not None])


def _offset(milestone: Milestone) -> int:
    return -milestone.when.days if milestone.when.kind is WhenKind.BEFORE else milestone.when.days


def _told(milestone: Milestone) -> str:
    return f"{milestone.when.days} days {milestone.when.kind}" if milestone.when.days else "the day of"
