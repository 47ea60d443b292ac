"""What becomes of each person in the weeks of a forecast, everybody counted once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from connector.domain.forecasts import Forecast
from connector.domain.selection import Decision, VerdictKind

Dated = tuple[date, Decision]
_WEIGHT = (VerdictKind.ASK, VerdictKind.DEFER, VerdictKind.SUBSTITUTE, VerdictKind.BLOCK)
"""Of several verdicts about one person the first counts: who is asked neither waits nor is kept from being asked."""


def people_by_verdict(forecast: Forecast) -> Mapping[VerdictKind, Sequence[Dated]]:
    """One decision for each person, by verdict and in the order of days.

    Of each milestone a person's last verdict counts, for what waits now is asked later; over milestones the weightiest,
    and of several of a kind the first that ends or was reached.
    """
    own: dict[int, list[Dated]] = defaultdict(list)
    for day, decision in _last_of_seats(forecast).values():
        own[decision.candidate.person_id].append((day, decision))
    people: dict[VerdictKind, list[Dated]] = {verdict: [] for verdict in _WEIGHT}
    for day, decision in sorted((min(each, key=_weight) for each in own.values()), key=lambda dated: dated[0]):
        people[decision.verdict].append((day, decision))
    return people


def _last_of_seats(forecast: Forecast) -> Mapping[tuple[str, str, int], Dated]:
    return {_seat(each): (day, each) for day, decisions in sorted(forecast.days.items()) for each in decisions}


def _seat(decision: Decision) -> tuple[str, str, int]:
    return decision.candidate.occurrence.key, decision.track, decision.candidate.person_id


def _weight(dated: Dated) -> tuple[int, date]:
    day, decision = dated
    return _WEIGHT.index(decision.verdict), decision.until_on or day
