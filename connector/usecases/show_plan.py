"""The plan of the next weeks in words: who is asked when, who waits, and what keeps whom from being asked."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from connector.domain.programs import Policy, Track
from connector.domain.selection import Decision, VerdictKind
from connector.domain.sentences import told
from connector.ports.clock import Clock
from connector.ports.storage.unit import Storage
from connector.ports.storage.viewing import Seat
from connector.ports.wiring import Crm
from connector.usecases.forecast import forecast

WEEKS = 4
SHOWN = 200
"""People that a list names; it says how many more there are."""
NOBODY = Seat(name=None, account_id=None, account_name=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPerson:
    """One person and what is to become of them; `reasons` are sentences."""

    day: date
    seat: Seat
    program: str
    milestone: str
    track: Track
    until_on: date | None
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """How many people a rule keeps from being asked, and one of them as an example."""

    rule: str
    people: int
    example: PlannedPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBar:
    """One day of the chart."""

    day: date
    asks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlan:
    """The next weeks as they are decided today; `asks` and `waits` name at most `SHOWN` people each."""

    since: date
    through: date
    bars: Sequence[DayBar]
    asked: int
    busiest: tuple[date, int] | None
    programs: Sequence[tuple[str, int]]
    asks: Mapping[date, Sequence[PlannedPerson]]
    waiting: int
    waits: Sequence[PlannedPerson]
    blocked: Sequence[Blocked]


def show_plan(
    *, storage: Storage, policy: Policy, crms: Sequence[Crm], clock: Clock, days: int = WEEKS * 7
) -> ShownPlan:
    """What is planned from today on, for so many days."""
    planned = forecast(storage=storage, policy=policy, crms=crms, clock=clock, days=days - 1)
    dated = [(day, each) for day, decisions in sorted(planned.days.items()) for each in decisions]
    by_verdict: dict[VerdictKind, list[tuple[date, Decision]]] = defaultdict(list)
    for day, each in dated:
        by_verdict[each.verdict].append((day, each))
    asks, waits = by_verdict[VerdictKind.ASK], by_verdict[VerdictKind.DEFER]
    blocks, rules = _examples(by_verdict[VerdictKind.BLOCK])
    shown = [*asks[:SHOWN], *waits[:SHOWN], *blocks]
    with storage.snapshot() as unit:
        seats = unit.views.seats({each.candidate.contact_id for _, each in shown})
    names = {program.id: program.name for program in policy.programs}
    people = [_person(day, each, seats=seats, names=names) for day, each in shown]
    first, rest = people[: len(asks[:SHOWN])], people[len(asks[:SHOWN]) :]
    counts = planned.asks_by_day
    return ShownPlan(
        since=planned.since,
        through=planned.through,
        bars=[DayBar(day=day, asks=counts.get(day, 0)) for day in _days(planned.since, planned.through)],
        asked=planned.asks,
        busiest=planned.busiest,
        programs=Counter(names.get(_program(each), _program(each)) for _, each in asks).most_common(),
        asks=_by_day(first),
        waiting=len(waits),
        waits=rest[: len(waits[:SHOWN])],
        blocked=[
            Blocked(rule=example.rule, people=rules[example.rule], example=person)
            for (_, example), person in zip(blocks, rest[len(waits[:SHOWN]) :], strict=True)
        ],
    )


def _examples(blocked: Sequence[tuple[date, Decision]]) -> tuple[list[tuple[date, Decision]], Counter[str]]:
    """The first decision of each rule, and how many there are; the commonest rule first."""
    rules = Counter(each.rule for _, each in blocked)
    first = {each.rule: (day, each) for day, each in reversed(blocked)}
    return [first[rule] for rule, _ in rules.most_common()], rules


def _program(decision: Decision) -> str:
    return decision.candidate.occurrence.program


def _person(day: date, decision: Decision, *, seats: Mapping[int, Seat], names: Mapping[str, str]) -> PlannedPerson:
    program = _program(decision)
    return PlannedPerson(
        day=day,
        seat=seats.get(decision.candidate.contact_id, NOBODY),
        program=names.get(program, program),
        milestone=decision.candidate.occurrence.milestone,
        track=decision.track,
        until_on=decision.until_on,
        reasons=[told(reason) for reason in decision.reasons],
    )


def _by_day(people: Sequence[PlannedPerson]) -> dict[date, list[PlannedPerson]]:
    days: dict[date, list[PlannedPerson]] = {}
    for person in people:
        days.setdefault(person.day, []).append(person)
    return days


def _days(since: date, through: date) -> list[date]:
    return [since + timedelta(days=number) for number in range((through - since).days + 1)]
