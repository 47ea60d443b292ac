"""What only HubSpot does, against the sandbox over HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connector.domain.records import RecordKind
from connector.ports.crm import CrmAdapter, NewTask, Receipt, Removal, Write
from connector.ports.errors import CrmMissingField, Verdict
from connector.testing.crm_pages import column_of, ids_of, removed_by
from tests.adapters.hubspot.sandbox_world import OBJECTS, SandboxWorld

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
DEAL, OWNER = RecordKind.OPPORTUNITY, RecordKind.OWNER


@pytest.fixture(scope="module")
def sandbox_portal(start_sandbox: Callable[..., Any], portal_of: Callable[[Any], SandboxWorld]) -> SandboxWorld:
    return portal_of(start_sandbox(seed=11, start="2026-01-05T18:30:00Z"))


@pytest.fixture
def world(sandbox_portal: SandboxWorld) -> Iterator[SandboxWorld]:
    sandbox_portal.calm()
    yield sandbox_portal
    sandbox_portal.calm()


@pytest.fixture
def adapter(world: SandboxWorld) -> Iterator[CrmAdapter]:
    with world.open() as adapter:
        yield adapter


def start(world: SandboxWorld, adapter: CrmAdapter) -> str:
    world.settle()
    return list(adapter.pull(CONTACT, None))[-1].cursor


def test_a_deal_has_its_primary_company_and_its_only_contact(world: SandboxWorld, adapter: CrmAdapter) -> None:
    pages = list(adapter.pull(DEAL, None))
    deals = world.sandbox.get(f"records/{OBJECTS[DEAL]}", crm="hubspot", limit=1000)
    assert column_of(pages, "account") == {deal["id"]: deal["hs_primary_associated_company"] for deal in deals}
    contacts = column_of(pages, "contact")
    assert set(contacts.values()) - {None}
    for crm_id, contact in contacts.items():
        shown = world.sandbox.get(f"records/deals/{crm_id}", crm="hubspot")["associations"].get("contacts", [])
        assert contact == (shown[0] if len(shown) == 1 else None)


def test_a_change_that_search_shows_late_is_not_lost(world: SandboxWorld, adapter: CrmAdapter) -> None:
    cursor = start(world, adapter)
    changed = min(world.ids(CONTACT))
    world.sandbox.fault("search_lag", crm="hubspot", seconds=420)
    world.touch(CONTACT, [changed])
    world.settle()
    pages = list(adapter.pull(CONTACT, cursor))
    assert ids_of(pages) == []
    world.settle()
    pages = list(adapter.pull(CONTACT, pages[-1].cursor))
    assert ids_of(pages) == [changed]
    world.settle()
    assert ids_of(list(adapter.pull(CONTACT, pages[-1].cursor))) == []


def test_a_record_that_is_deleted_and_restored_lives(world: SandboxWorld, adapter: CrmAdapter) -> None:
    cursor = start(world, adapter)
    back = sorted(world.ids(CONTACT))[3]
    world.delete(CONTACT, back)
    world.settle()
    pages = list(adapter.pull(CONTACT, cursor))
    assert removed_by(pages) == [Removal(crm_id=back)]
    world.sandbox.fault("undelete", crm="hubspot", object="contacts", ids=[back])
    world.settle()
    pages = list(adapter.pull(CONTACT, pages[-1].cursor))
    assert (ids_of(pages), removed_by(pages)) == ([back], [])


def test_a_score_for_a_record_that_was_merged_away_is_told_and_not_lost_in_silence(
    world: SandboxWorld, adapter: CrmAdapter
) -> None:
    live, winner, loser = sorted(world.ids(CONTACT))[10:13]
    world.merge(CONTACT, loser, winner=winner)
    writes = [Write(key=crm_id, crm_id=crm_id, values={"score": 6.5}) for crm_id in (loser, live)]
    told, taken = adapter.push(CONTACT, writes)
    assert (told.verdict, "merged into another" in told.message) == (Verdict.SKIP, True)
    assert taken == Receipt(key=live, crm_id=live)
    assert world.shown(CONTACT, live, "score") == 6.5


def test_a_property_that_vanishes_between_pages_stops_the_pull(world: SandboxWorld, adapter: CrmAdapter) -> None:
    pages = adapter.pull(CONTACT, None)
    next(pages)
    world.hide(CONTACT, "opted_out")
    with pytest.raises(CrmMissingField, match=r"contact\.hs_email_optout was left out"):
        list(pages)


def test_a_deactivated_owner_stays_known_as_inactive(world: SandboxWorld, adapter: CrmAdapter) -> None:
    gone = max(crm_id for crm_id, active in column_of(list(adapter.pull(OWNER, None)), "is_active").items() if active)
    world.delete(OWNER, gone)
    assert column_of(list(adapter.pull(OWNER, None)), "is_active")[gone] is False


def test_a_missing_scope_is_a_problem_of_its_kind_alone(world: SandboxWorld, adapter: CrmAdapter) -> None:
    place = f"/crm/objects/2026-03/{OBJECTS[DEAL]}"
    world.sandbox.fault("fail_next", crm="hubspot", status=403, count=1, path_contains=place)
    (problem,) = (problem for problem in adapter.check() if problem.is_error)
    assert problem.where == "hub.opportunity"
    assert "crm.objects.contacts.read" in problem.message


def test_a_task_for_a_company_that_was_merged_stands_on_the_record_it_went_into(
    world: SandboxWorld, adapter: CrmAdapter
) -> None:
    winner, loser = sorted(world.ids(ACCOUNT))[:2]
    before = world.ids(ACCOUNT)
    world.merge(ACCOUNT, loser, winner=winner)
    (survivor,) = world.ids(ACCOUNT) - before
    task = NewTask(
        marker="closedloop:merged-1-1",
        account_id=loser,
        contact_id=None,
        owner_id=None,
        subject="Call",
        body="",
        due_on=world.now().date(),
        opened_at=world.now(),
    )
    assert world.task_shown(adapter.open_task(task, is_retry=False)).account_id == survivor


def test_paths_that_end_soon_are_warned_of(world: SandboxWorld) -> None:
    world.sandbox.post("clock", {"now": "2027-03-10T18:30:00Z"})
    with world.open() as adapter:
        warned = [problem.message for problem in adapter.check() if problem.where == "hub.api"]
    assert warned == ["HubSpot supports /account-info/v3/details until 2027-09-01 only: update closedloop before"]
