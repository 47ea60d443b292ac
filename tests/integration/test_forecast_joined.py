"""The forecast of accounts and people that are one over two CRMs, against the plans of the same days."""

from datetime import date, timedelta

from connector.domain.programs import Mode
from connector.usecases.forecast import forecast
from connector.usecases.plan import Planned, run_plan
from jobs.stages import run_stage
from tests.builders import TODAY, make_policy
from tests.joined import both, person, tie, twin
from tests.worlds import Standing, account, contact

__all__ = ["both"]
DAYS = 9


def in_days(days: int) -> date:
    """The renewal whose milestone falls due in so many days."""
    return TODAY + timedelta(days=120 + days)


def lived(both, policy) -> dict[date, dict[tuple[str, str], str]]:
    """The verdicts that each day's plan adds or changes."""
    known: dict[tuple[str, str], str] = {}
    days = {}
    for number in range(DAYS + 1):
        clock = Standing(both.worlds["sf"].now + timedelta(days=number))
        planned = run_plan(storage=both.storage, policy=policy, crms=both.ports.crms, clock=clock)
        assert isinstance(planned, Planned)
        rows = {(row.occurrence, row.person): f"{row.verdict} {row.rule}" for row in planned.rows}
        new = {key: verdict for key, verdict in rows.items() if known.get(key) != verdict}
        known |= new
        if new:
            days[clock.now().date()] = new
    return days


def foreseen(both, policy) -> dict[date, dict[tuple[str, str], str]]:
    clock = Standing(both.worlds["sf"].now)
    seen = forecast(storage=both.storage, policy=policy, crms=both.ports.crms, clock=clock, days=DAYS)
    return {
        day: {
            (each.candidate.occurrence.key, each.candidate.person_key): f"{each.verdict} {each.rule}"
            for each in decisions
        }
        for day, decisions in seen.days.items()
    }


def test_a_joined_account_is_foreseen_once_with_the_date_that_counts(both):
    both.show("sf", accounts=[account(renewal_on=in_days(4)), account("001B", renewal_on=None)], contacts=[contact()])
    portal = [twin(renewal_on=in_days(1)), twin("61", of="001B", renewal_on=in_days(2))]
    both.show("hub", accounts=portal, contacts=[person(same_as="003A"), person("62", at="61")])
    run_stage("sync", both.ports)
    policy = make_policy(mode=Mode.SHADOW)
    seen = foreseen(both, policy)
    assert sorted(seen) == [TODAY + timedelta(days=2), TODAY + timedelta(days=4)]
    assert seen == lived(both, policy)


def test_what_was_opened_before_a_join_is_foreseen_as_it_goes_on(both):
    """Both records have an open occurrence; joined, one of the two is doubled and the other goes on."""
    held = {"hold_until": in_days(2) - timedelta(days=120)}
    both.show("sf", accounts=[account(renewal_on=in_days(0), **held)], contacts=[contact()])
    both.show("hub", accounts=[twin(of=None, renewal_on=in_days(0), **held)], contacts=[person()])
    run_stage("sync", both.ports)
    policy = make_policy(mode=Mode.SHADOW)
    run_plan(storage=both.storage, policy=policy, crms=both.ports.crms, clock=Standing(both.worlds["sf"].now))
    both.show("hub", accounts=[twin(renewal_on=in_days(0), **held)], contacts=[person()])
    run_stage("sync", both.ports)
    tie(both)
    seen = foreseen(both, policy)
    assert "ask asked" in {verdict for day in seen.values() for verdict in day.values()}
    assert seen == lived(both, policy)
