"""What only Salesforce does with cases and contracts: days of the org's zone, queues, and a long history left out."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.salesforce.layout import layout_of
from adapters.salesforce.mapping import field_of
from adapters.salesforce.zone import OrgZone
from connector.domain.records import Fact, FactType, RecordKind
from connector.ports.crm import Field
from connector.testing.crm_pages import column_of
from tests.adapters.salesforce.sandbox_world import SandboxWorld
from tests.adapters.salesforce.small_org import Org, client_of

CASE, CONTRACT = RecordKind.CASE, RecordKind.CONTRACT
AUCKLAND = ZoneInfo("Pacific/Auckland")
DESCRIBED = {
    "name": "Case",
    "replicateable": True,
    "fields": [
        {"name": "AccountId", "type": "reference"},
        {"name": "ContactId", "type": "reference"},
        {"name": "OwnerId", "type": "reference"},
        {"name": "Status", "type": "picklist"},
        {"name": "CreatedDate", "type": "datetime"},
        {"name": "ClosedDate", "type": "datetime"},
        {"name": "IsClosed", "type": "boolean"},
        {"name": "IsEscalated", "type": "boolean"},
    ],
}


@pytest.fixture(scope="module")
def world(start_sandbox: Callable[..., Any]) -> SandboxWorld:
    sandbox = start_sandbox(seed=5, accounts=40, contacts=300, start="2026-01-05T22:30:00Z")
    return SandboxWorld(sandbox=sandbox, org_id=sandbox.get("records/Organization")[0]["Id"])


def case_record(**changes: Any) -> dict[str, Any]:
    return {
        "Id": "5005e00001AbCdEAAV",
        "SystemModstamp": "2026-05-01T13:00:00.000+0000",
        "AccountId": "0015e00000FgHiJAAV",
        "ContactId": None,
        "OwnerId": "0055e000001kLmNAAU",
        "Status": "Geschlossen",
        "CreatedDate": "2026-04-30T11:59:59.000+0000",
        "ClosedDate": "2026-04-30T12:00:00.000+0000",
        "IsClosed": True,
        "IsEscalated": False,
        **changes,
    }


def test_a_case_becomes_a_row_with_the_days_that_the_orgs_own_people_see() -> None:
    layout = layout_of(CASE, DESCRIBED, sources={}, write_fields=(), zone=lambda: AUCKLAND)
    words = "crm_id stamp account contact owner stage opened_on closed_on is_closed is_escalated"
    assert (layout.words, layout.gaps, layout.tells_closed) == (tuple(words.split()), (), True)
    assert layout.rows([case_record()]) == [
        (
            "5005e00001AbCdEAAV",
            datetime(2026, 5, 1, 13, tzinfo=UTC),
            "0015e00000FgHiJAAV",
            None,
            "0055e000001kLmNAAU",
            "Geschlossen",
            date(2026, 4, 30),  # a second before midnight in Auckland
            date(2026, 5, 1),
            True,
            False,
        )
    ]


def test_a_case_that_a_queue_owns_has_no_owner_and_an_open_one_no_last_day() -> None:
    layout = layout_of(CASE, DESCRIBED, sources={}, write_fields=(), zone=lambda: AUCKLAND)
    (row,) = layout.rows([case_record(OwnerId="00G5e000001kLmNEAU", ClosedDate=None, IsClosed=False)])
    shown = dict(zip(layout.words, row, strict=True))
    assert (shown["owner"], shown["closed_on"], shown["is_closed"]) == (None, None, False)


def test_the_zone_is_asked_for_only_where_a_field_with_a_time_is_read() -> None:
    asked: list[str] = []

    def zone() -> ZoneInfo:
        asked.append("zone")
        return AUCKLAND

    described = {"name": "Contract", "replicateable": True, "fields": [{"name": "EndDate", "type": "date"}]}
    assert layout_of(CONTRACT, described, sources={}, write_fields=(), zone=zone).words[-1] == "ends_on"
    assert asked == []
    fact = Fact(kind=CONTRACT, word="signed_on", type=FactType.DATE)
    described["fields"] = [{"name": "ActivatedDate", "type": "datetime"}]
    layout = layout_of(CONTRACT, described, sources={fact: "Contract.ActivatedDate"}, write_fields=(), zone=zone)
    assert (layout.words[-1], asked) == ("signed_on", ["zone"])


def test_a_field_with_a_time_is_offered_as_a_date() -> None:
    told = {"name": "ClosedDate", "label": "Date/Time Closed", "type": "datetime"}
    assert field_of(told) == Field(name="ClosedDate", label="Date/Time Closed", type=FactType.DATE, is_closed=False)


@pytest.mark.parametrize(
    ("rows", "zone", "is_guessed"),
    [
        ([{"TimeZoneSidKey": "Pacific/Auckland"}], AUCKLAND, False),
        ([{"TimeZoneSidKey": "Nowhere/AtAll"}], UTC, True),
        ([{"TimeZoneSidKey": None}], UTC, True),
        ([], UTC, True),
    ],
)
def test_the_orgs_zone_is_asked_for_once_and_utc_where_there_is_none(
    org: Org, rows: list[Any], zone: object, is_guessed: bool
) -> None:
    org.answer = lambda method, path: (200, {}, {"records": rows, "done": True})
    found = OrgZone(client_of(org))
    assert not found.is_guessed
    assert [found(), found()] == [zone, zone]
    assert (len(org.asked), found.is_guessed) == (1, is_guessed)


def test_days_that_count_in_utc_are_warned_of(world: SandboxWorld) -> None:
    with world.open() as adapter:
        assert adapter.check() == []
    world.switch("hide_field", object="Organization", field="TimeZoneSidKey")
    try:
        with world.open() as adapter:
            (problem,) = adapter.check()
            found = column_of(list(adapter.pull(CASE, None)), "opened_on")
    finally:
        world.calm()
    assert (problem.where, problem.is_error) == ("sf.TimeZoneSidKey", False)
    created = {row["Id"]: datetime.fromisoformat(row["CreatedDate"]) for row in world.rows("Case")}
    assert found == {crm_id: at.astimezone(UTC).date() for crm_id, at in created.items()}


def test_cases_and_contracts_come_as_the_orgs_books_hold_them(world: SandboxWorld) -> None:
    with world.open() as adapter:
        cases, contracts = list(adapter.pull(CASE, None)), list(adapter.pull(CONTRACT, None))
    rows = {row["Id"]: row for row in world.rows("Case")}
    opened = {crm_id: datetime.fromisoformat(row["CreatedDate"]) for crm_id, row in rows.items()}
    assert column_of(cases, "opened_on") == {crm_id: at.astimezone(AUCKLAND).date() for crm_id, at in opened.items()}
    assert column_of(cases, "contact") == {crm_id: row["ContactId"] for crm_id, row in rows.items()}
    assert column_of(cases, "is_escalated") == {crm_id: row["IsEscalated"] for crm_id, row in rows.items()}
    ends = {row["Id"]: date.fromisoformat(row["EndDate"]) for row in world.rows("Contract")}
    assert column_of(contracts, "ends_on") == ends
    assert set(column_of(contracts, "stage").values()) == {"Activated"}
