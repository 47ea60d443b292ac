"""An org and a portal whose records name each other, for tests of what is one over both."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from connector.domain.records import RecordKind
from connector.ports.crm import Page, Removal
from connector.ports.wiring import SameAs
from connector.usecases.status import status
from jobs.stages import run_stage
from tests.integration.test_two_crms import Both
from tests.worlds import SOURCES, World, account, contact, make_page

NO_SEAT = ("block", "no seat")
BOTH_KINDS = SOURCES | {"account.same_as": "Firm.twin of sf", "contact.same_as": "Card.twin of sf"}


def org_id(text: str) -> str | None:
    """The org's ids begin with 00."""
    return text.strip() if text.strip().startswith("00") else None


def tie(both: Both, *, home: str | None = None, **hub: Any) -> None:
    """Wire the portal's records to the org's, and one of the two as home."""
    both.wired = {name: {"is_home": name == home} for name in both.worlds}
    both.wired["hub"] |= {"same_as": SameAs(crm="sf", read_id=org_id), "sources": BOTH_KINDS, **hub}


def twin(crm_id: str = "51", of: str | None = "001A", **facts: Any) -> dict[str, Any]:
    """The portal's account that names an account of the org."""
    return account(crm_id, same_as=of, **facts)


def person(crm_id: str = "52", at: str = "51", **facts: Any) -> dict[str, Any]:
    """A contact of the portal."""
    return contact(crm_id, account=at, **facts)


def said(both: Both) -> dict[str, Any]:
    """What `closedloop status` says."""
    ports = both.ports
    return status(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)


def occurrences(rows) -> list[tuple[str, int, str]]:
    return sorted((row["anchor_key"], row["ordinal"], row["state"]) for row in rows("occurrence"))


def assert_census(both: Both, rows) -> None:
    with both.storage.snapshot() as unit:
        assert unit.occurrences.count_candidates() == len(rows("decision"))


def merge_accounts(world: World, loser: str, *, into: str) -> None:
    """From now on a pull of this CRM shows that an account was merged into another, which has its contact now."""

    def pull(kind: RecordKind, since: str | None) -> Iterator[Page]:
        records = {RecordKind.ACCOUNT: [account(into)], RecordKind.CONTACT: [contact(account=into)]}.get(kind, [])
        removed = [Removal(crm_id=loser, merged_into=into)] if kind is RecordKind.ACCOUNT else []
        yield make_page(kind, records, at=world.now, removed=removed, is_last=True)

    world.pull = pull


@pytest.fixture
def both(storage):
    both = Both(storage=storage, worlds={"sf": World(storage, org_id="00D1"), "hub": World(storage, org_id="4711")})
    tie(both)
    both.show("sf", accounts=[account()], contacts=[contact()])
    both.show("hub", accounts=[twin()], contacts=[person()])
    return both


def renew(both: Both, *, sf: date | None, hub: date | None) -> None:
    """Both CRMs show the account with these renewal dates."""
    both.show("sf", accounts=[account(renewal_on=sf)], contacts=[contact()])
    both.show("hub", accounts=[twin(renewal_on=hub)], contacts=[person()])
    run_stage("sync", both.ports)
