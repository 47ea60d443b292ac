"""Pages and a derivation at the same moment, each in a thread of its own: none waits for ever, nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from connector.domain.derivation import Derivation
from connector.domain.records import RecordKind
from connector.ports.crm import Page
from connector.storage.engine import SqlStorage
from connector.testing.asking_world import MONDAY
from connector.testing.store_derived import NEXT_END, VISIT_ON
from connector.usecases.hear import PageState, submit
from connector.usecases.unsubscribe import OptOutSource, unsubscribe
from tests.integration.web.console_house import console_of

ROUNDS, LOOKS, DERIVATIONS = 4, 1, 3
SECONDS = 30
"""Far more than all of it takes; PostgreSQL tells a deadlock after one second."""
PAGES = ("/", "/accounts", "/errors")
FIRST_END = date(2027, 1, 1)
VISIT = Derivation(fact=VISIT_ON, parts=(NEXT_END,))


def derive_again_and_again(storage: SqlStorage, together: Barrier) -> None:
    """As sync and derive do: a page with another end of the contract, then what it tells, in commits of their own."""
    for turn in range(ROUNDS * DERIVATIONS):
        if turn % DERIVATIONS == 0:
            together.wait(SECONDS)
        at = MONDAY + timedelta(minutes=turn)
        ends_on = FIRST_END + timedelta(days=turn)
        row = ("k1", at, "a1", "Activated", ends_on)
        page = Page(
            kind=RecordKind.CONTRACT,
            columns=("crm_id", "stamp", "account", "stage", "ends_on"),
            rows=[row],
            cursor=at.isoformat(),
            is_last=True,
        )
        with storage.begin() as unit:
            unit.records.store_page("sf", page, seen_at=at)
            unit.commit()
        with storage.begin() as unit:
            unit.derived.hold_pages("sf", VISIT.kinds)
            changed = unit.derived.derive("sf", VISIT, definition="v1", today=MONDAY.date(), at=at)
            unit.wake("plan", at=at)
            unit.commit()
        assert changed == 1


def answer_and_leave(site: Any, together: Barrier) -> list[PageState | bool]:
    """Three people answer, a round each, waking the jobs that an answer is work for; then one of them opts out."""
    found: list[PageState | bool] = []
    for link in (site.answer, site.other, site.third):
        together.wait(SECONDS)
        form = {"relationship": ["9"], "since": ["same"]}
        token, wakes = link.removeprefix("/a/"), ("act", "write_back:sf")
        found.append(submit(token, form=form, storage=site.storage, clock=site.clock, wakes=wakes).state)
    together.wait(SECONDS)
    token = site.leave.removeprefix("/u/")
    found.append(unsubscribe(token, source=OptOutSource.CLICK, storage=site.storage, clock=site.clock))
    return found


def look(storage: SqlStorage, together: Barrier) -> set[int]:
    """Somebody looks at the console's pages."""
    statuses = set()
    with console_of(storage) as client:
        for _ in range(ROUNDS):
            together.wait(SECONDS)
            statuses |= {client.get(url).status_code for _ in range(LOOKS) for url in PAGES}
    return statuses


def test_answers_and_looks_go_on_beside_a_derivation(site: Any) -> None:
    together = Barrier(3)
    with ThreadPoolExecutor(3) as pool:
        deriving = pool.submit(derive_again_and_again, site.storage, together)
        answering = pool.submit(answer_and_leave, site, together)
        looking = pool.submit(look, site.storage, together)
        for each in (deriving, answering, looking):  # one that fails leaves nobody waiting for it
            each.add_done_callback(lambda done: together.abort() if done.exception() else None)
        deriving.result(SECONDS)
        assert answering.result(SECONDS) == [PageState.TAKEN] * 3 + [True]
        assert looking.result(SECONDS) == {200}
    account = SQLModel.metadata.tables["account"]
    with site.storage.engine.connect() as connection:
        facts = connection.scalar(select(account.c.facts).where(account.c.crm_id == "a1"))
    last = FIRST_END + timedelta(days=ROUNDS * DERIVATIONS - 1)
    assert (facts, site.count("response"), site.count("opt_out")) == ({"visit_on": last.isoformat()}, 3, 1)
