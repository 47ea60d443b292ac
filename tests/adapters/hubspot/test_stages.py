"""Which tickets are closed: the pipelines say it of each stage, and without them nobody knows."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.hubspot.layout import Layout, layout_of
from adapters.hubspot.stages import stages_of, with_stages
from connector.domain.records import Fact, FactType, RecordKind
from tests.adapters.hubspot.small_portal import PORTAL, Portal, client_of, failing

CASE = RecordKind.CASE
AUCKLAND = ZoneInfo("Pacific/Auckland")
STAGES = {"1": False, "4": True, "770": True}
DESCRIBED = [
    {"name": "hubspot_owner_id", "type": "enumeration", "fieldType": "select", "referencedObjectType": "OWNER"},
    {"name": "hs_pipeline_stage", "type": "enumeration", "fieldType": "select"},
    {"name": "createdate", "type": "datetime", "fieldType": "date"},
    {"name": "closed_date", "type": "datetime", "fieldType": "date"},
    {"name": "is_over", "type": "bool", "fieldType": "booleancheckbox"},
]


def ticket_layout(stages: dict[str, bool] | None, *, sources: dict[Fact, str] | None = None) -> Layout:
    layout = layout_of(CASE, DESCRIBED, sources=sources or {}, write_fields=(), zone=AUCKLAND)
    return with_stages(layout, stages)


def shown(layout: Layout, **properties: str | None) -> dict[str, Any]:
    values = dict.fromkeys(layout.properties) | {"createdate": "2026-04-30T11:59:59Z"} | properties
    record = {"id": "61000000001", "updatedAt": "2026-05-01T00:00:00Z", "properties": values}
    return dict(zip(layout.words, layout.row(record, links={"companies": {"61000000001": "31"}}), strict=True))


@pytest.mark.parametrize(
    ("stage", "is_closed", "closed_on"),
    [
        ("4", True, date(2026, 5, 1)),
        ("770", True, date(2026, 5, 1)),
        ("1", False, None),  # whatever an earlier closing left in the date
        ("999", None, date(2026, 5, 1)),
        (None, None, date(2026, 5, 1)),
    ],
)
def test_a_ticket_is_closed_where_its_stage_says_so_on_the_day_of_the_portals_zone(
    stage: str | None, is_closed: bool | None, closed_on: date | None
) -> None:
    found = shown(ticket_layout(STAGES), hs_pipeline_stage=stage, closed_date="2026-04-30T12:00:00.5Z")
    assert (found["is_closed"], found["closed_on"], found["stage"]) == (is_closed, closed_on, stage)
    assert (found["opened_on"], found["account"], found["contact"]) == (date(2026, 4, 30), "31", None)


def test_without_the_pipelines_the_days_are_read_and_which_are_closed_is_told_to_be_unknown() -> None:
    layout = ticket_layout(None)
    assert "is_closed" not in layout.words
    assert {"stage", "closed_on"} <= set(layout.words)
    (gap,) = layout.gaps
    assert (gap.word, gap.is_required) == ("is_closed", False)
    assert "grant the scope `tickets`" in gap.message


def test_a_property_of_the_admins_own_stands_above_the_stages() -> None:
    fact = Fact(kind=CASE, word="is_closed", type=FactType.BOOLEAN)
    for stages in (STAGES, None):
        layout = ticket_layout(stages, sources={fact: "ticket.is_over"})
        assert layout.gaps == ()
        assert shown(layout, hs_pipeline_stage="1", is_over="true")["is_closed"] is True


def test_no_standard_property_tells_of_an_escalation() -> None:
    assert "is_escalated" not in ticket_layout(STAGES).words


def pipeline(*stages: dict[str, object]) -> dict[str, object]:
    return {"id": "0", "label": "Support", "stages": list(stages)}


def test_stages_of_all_pipelines_are_read_and_one_that_says_nothing_is_open(portal: Portal) -> None:
    first = pipeline(
        {"id": "1", "metadata": {"ticketState": "OPEN"}}, {"id": "4", "metadata": {"ticketState": "CLOSED"}}
    )
    second = pipeline({"id": "770", "metadata": {"ticketState": "CLOSED", "isClosed": "true"}}, {"id": "771"})
    portal.answer = lambda method, path, body: (
        200,
        {},
        {"portalId": PORTAL, "timeZone": "UTC", "results": [first, second]},
    )
    assert stages_of(client_of(portal)) == {"1": False, "4": True, "770": True, "771": False}


def test_a_token_that_may_not_see_the_pipelines_learns_nothing_of_stages(portal: Portal) -> None:
    refuse = failing("missing scope", times=1)

    def answer(method: str, path: str, body: object) -> Any:
        if "account-info" in path:
            return 200, {}, {"portalId": PORTAL, "timeZone": "UTC"}
        return refuse(method, path, body)

    portal.answer = answer
    assert stages_of(client_of(portal)) is None
