"""What the console leaves out: the sources of a derived fact, and kinds of records that a CRM does not show."""

from datetime import date
from html import unescape

import pytest
from sqlalchemy import text

from connector.domain.records import RecordKind
from connector.storage.engine import SqlStorage
from connector.testing.fakes import FakeClock
from connector.testing.store_derived import RENEWAL, derive
from connector.testing.store_pages import CRM, hour, page, record, store
from connector.usecases.job_lines import Loop
from connector.usecases.overview import overview
from connector.usecases.show_account import show_account
from tests.builders import make_policy
from tests.integration.web.console_house import console_of
from tests.worlds import World, account, contact

BEFORE, NOW = date(2026, 8, 31), date(2026, 9, 30)
HIDDEN = ("level#from", "renewal_on#1")


@pytest.fixture
def number(storage: SqlStorage) -> int:
    """An account whose own renewal, a source of the fact, has just changed, as has where Anna's level is from."""
    for at, renewal, source in ((1, BEFORE, "Contact.Level__c"), (3, NOW, "Contact.Title")):
        own = {"renewal_on#1": renewal}
        anna = {"account": "A", "level#from": source}
        its, hers = (record(crm_id, name="Anna Größe", stamp=hour(at)) for crm_id in "A1")
        store(storage, page({**its, **own}, kind=RecordKind.ACCOUNT), at=hour(at))
        store(storage, page({**hers, **anna}), at=hour(at))
        derive(storage, RENEWAL, at=hour(at + 1))
    with storage.engine.connect() as connection:
        return int(connection.scalar(text("SELECT id FROM account")) or 0)


def test_no_page_shows_the_sources_of_a_derived_fact_as_facts(storage: SqlStorage, number: int) -> None:
    with storage.engine.connect() as connection:
        noted = set(connection.scalars(text("SELECT fact FROM field_change")))
    assert noted == {*HIDDEN, "renewal_on"}, "they are kept, for what is derived from them"
    shown = show_account(number, storage=storage, policy=make_policy(), clock=FakeClock(hour(5)))
    assert shown is not None
    assert [(each.fact, each.new) for each in shown.view.changes] == [("renewal_on", NOW.isoformat())]
    assert [(line.word, line.value, line.source) for line in shown.facts] == [("renewal_on", NOW, f"{CRM}/A")]


def test_no_page_has_a_word_that_no_rule_can_name(storage: SqlStorage, number: int) -> None:
    urls = ("/", "/next", "/accounts", f"/accounts/{number}", "/plan", "/errors")
    with console_of(storage, policy=make_policy()) as client:
        answers = {url: client.get(url) for url in urls}
    assert {url: answer.status_code for url, answer in answers.items()} == dict.fromkeys(urls, 200)
    words = (*HIDDEN, *(word.replace("_", " ") for word in HIDDEN))
    assert [(url, each) for url, answer in answers.items() for each in words if each in unescape(answer.text)] == []


def test_a_connection_lists_the_kinds_that_were_read_and_no_others(storage: SqlStorage) -> None:
    world = World(storage)
    world.load(accounts=[account("001A")], contacts=[contact("003A")])
    with storage.begin() as unit:
        unit.connection.execute(text("DELETE FROM cursor WHERE kind IN ('case', 'contract')"))
        unit.commit()
    clock = FakeClock(world.now)
    loop = Loop(stages=(), kept_days=14, schedules={})
    shown = overview(storage=storage, policy=make_policy(), crms=[world.crm], loop=loop, clock=clock, real_clock=clock)
    records = {each.name: dict(each.records) for each in shown.connections}
    assert records == {"sf": {"owner": 0, "account": 1, "contact": 1, "opportunity": 0}}
