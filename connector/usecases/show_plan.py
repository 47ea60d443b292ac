"""The plan of the next weeks in words: who is asked when, who waits, and what keeps whom from being asked."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.domain.foreseen_people import Dated, people_by_verdict
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
class PlannedGroup:
    """People of one account who are asked on one day for one milestone, or wait for one day for the same reasons."""

    first: PlannedPerson
    people: Sequence[PlannedPerson]


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
    """The next weeks as decided at `made_at`; `asks` (`named` of them) and `waits` name at most `SHOWN` each.

    Everybody counts once: among the people `asked`, else among those `waiting`, else under the rule that blocks them.
    Somebody can be asked twice in these weeks: `ask_count`, `bars`, `busiest` and `programs` count asks.
    """

    made_at: datetime
    since: date
    through: date
    bars: Sequence[DayBar]
    ask_count: int
    asked: int
    busiest: tuple[date, int] | None
    programs: Sequence[tuple[str, int]]
    asks: Mapping[date, Sequence[PlannedGroup]]
    named: int
    waiting: int
    waits: Sequence[PlannedPerson]
    blocked: Sequence[Blocked]

    @property
    def wait_groups(self) -> Sequence[PlannedGroup]:
        """Those who wait, by account, day and reasons."""
        groups: dict[tuple[object, ...], list[PlannedPerson]] = defaultdict(list)
        for each in self.waits:
            groups[each.seat.account_id, each.until_on, tuple(each.reasons)].append(each)
        return [PlannedGroup(first=group[0], people=group) for group in groups.values()]


def show_plan(
    *, storage: Storage, policy: Policy, crms: Sequence[Crm], clock: Clock, days: int = WEEKS * 7
) -> ShownPlan:
    """What is planned from today on, for so many days."""
    made_at = clock.now()
    planned = forecast(storage=storage, policy=policy, crms=crms, clock=clock, days=days - 1)
    people = people_by_verdict(planned)
    waits = people[VerdictKind.DEFER]
    asks = [(day, each) for day, own in sorted(planned.days.items()) for each in own if each.verdict is VerdictKind.ASK]
    examples, rules = _examples(people[VerdictKind.BLOCK])
    asked, waiting, blocked = _named(asks[:SHOWN], waits[:SHOWN], examples, storage=storage, policy=policy)
    names = {program.id: program.name for program in policy.programs}
    counts = planned.asks_by_day
    return ShownPlan(
        made_at=made_at,
        since=planned.since,
        through=planned.through,
        bars=[DayBar(day=day, asks=counts.get(day, 0)) for day in _days(planned.since, planned.through)],
        ask_count=planned.asks,
        asked=len(people[VerdictKind.ASK]),
        busiest=planned.busiest,
        programs=Counter(names.get(_program(each), _program(each)) for _, each in asks).most_common(),
        asks=_by_day(asked),
        named=len(asked),
        waiting=len(waits),
        waits=waiting,
        blocked=[
            Blocked(rule=decision.rule, people=rules[decision.rule], example=person)
            for (_, decision), person in zip(examples, blocked, strict=True)
        ],
    )


def _named(*parts: Sequence[Dated], storage: Storage, policy: Policy) -> list[list[PlannedPerson]]:
    """The same decisions with the names that they need, part by part."""
    with storage.snapshot() as unit:
        seats = unit.views.seats({each.candidate.contact_id for part in parts for _, each in part})
    names = {program.id: program.name for program in policy.programs}
    return [[_person(day, each, seats=seats, names=names) for day, each in part] for part in parts]


def _examples(blocked: Sequence[Dated]) -> tuple[list[Dated], Counter[str]]:
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


def _by_day(people: Sequence[PlannedPerson]) -> dict[date, list[PlannedGroup]]:
    groups: dict[tuple[object, ...], list[PlannedPerson]] = defaultdict(list)
    for each in people:
        groups[each.day, each.seat.account_id, each.program, each.milestone, each.track].append(each)
    days: dict[date, list[PlannedGroup]] = defaultdict(list)
    for group in groups.values():
        days[group[0].day].append(PlannedGroup(first=group[0], people=group))
    return dict(days)


def _days(since: date, through: date) -> list[date]:
    return [since + timedelta(days=number) for number in range((through - since).days + 1)]
