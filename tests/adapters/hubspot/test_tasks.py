"""What is asked for a task, and what becomes of a refusal; over HTTP to a small server of the test."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.hubspot.tasks import Tasks, missing_rights
from connector.ports.crm import NewTask, TaskSeen, TaskState
from connector.ports.errors import CrmOwnerRefused, CrmRejected, CrmUnavailable
from tests.adapters.hubspot.small_portal import Answer, Portal, client_of, failing

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
TASK = NewTask(
    marker="closedloop:ab-7-1",
    account_id="31",
    contact_id="71",
    owner_id="5",
    subject="Call Iris:\nwhat went wrong?",
    body="3 < 4\nwaits for a part",
    due_on=date(2026, 5, 5),
    opened_at=NOON,
)
CREATE, READ = "POST /crm/objects/2026-03/tasks", "POST /crm/objects/2026-03/tasks/batch/read"


def tasks(portal: Portal) -> Tasks:
    return Tasks(client=client_of(portal), zone=ZoneInfo("Europe/Berlin"))


@dataclass(slots=True)
class Linked:
    """A portal with tasks on contacts and companies; some records are known by another id, some creates refused."""

    on: dict[str, list[str]] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    refusal: Callable[[Any], dict[str, Any] | None] = lambda body: None

    def __call__(self, method: str, path: str, body: Any) -> Answer:
        if path.endswith("/tasks/batch/read") and "associations" in path:
            found = [(one["id"], self.on.get(one["id"], [])) for one in body["inputs"]]
            results = [
                {"from": {"id": crm_id}, "to": [{"toObjectId": int(one), "associationTypes": []} for one in others]}
                for crm_id, others in found
            ]
            return 207, {}, {"results": results}
        if path.endswith("/batch/read"):
            ids = [self.merged.get(one["id"], one["id"]) for one in body["inputs"]]
            return 200, {}, {"results": [self._record(crm_id) for crm_id in ids]}
        refused = self.refusal(body)
        return (400, {}, refused) if refused else (201, {}, {"id": "880", "properties": {}})

    def _record(self, crm_id: str) -> dict[str, Any]:
        properties = {"hs_task_body": self.bodies.get(crm_id)}
        return {"id": crm_id, "updatedAt": NOON.isoformat(), "properties": properties}


@pytest.mark.parametrize(
    ("due_on", "at"),
    [
        (date(2026, 5, 5), datetime(2026, 5, 5, 15, tzinfo=UTC)),
        (date(2026, 12, 1), datetime(2026, 12, 1, 16, tzinfo=UTC)),
    ],
)
def test_a_task_is_sent_whole_and_due_at_the_end_of_work_in_the_portals_zone(
    portal: Portal, due_on: date, at: datetime
) -> None:
    portal.answer = Linked()
    assert tasks(portal).open(replace(TASK, due_on=due_on), is_retry=False) == "880"
    assert portal.asked == [CREATE]
    types = [[{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}] for number in (192, 204)]
    assert portal.bodies == [
        {
            "properties": {
                "hs_timestamp": str(int(at.timestamp() * 1000)),
                "hs_task_subject": "Call Iris: what went wrong?",
                "hs_task_body": "3 &lt; 4<br>waits for a part<br>closedloop:ab-7-1",
                "hs_task_status": "NOT_STARTED",
                "hs_task_type": "TODO",
                "hubspot_owner_id": "5",
            },
            "associations": [{"to": {"id": "31"}, "types": types[0]}, {"to": {"id": "71"}, "types": types[1]}],
        }
    ]


def test_a_retry_looks_at_the_contacts_tasks_first_the_newest_first_and_at_each_once(portal: Portal) -> None:
    others = [str(number) for number in range(1000, 1150)]
    bodies = {"1003": "x<br>closedloop:ab-7-1<p>called</p>", "1149": "closedloop:ab-7-12"}
    portal.answer = Linked(on={"71": ["1149", "1148"], "31": others}, bodies=bodies)
    assert tasks(portal).open(TASK, is_retry=True) == "1003"
    read = [
        [one["id"] for one in body["inputs"]]
        for path, body in zip(portal.asked, portal.bodies, strict=True)
        if path == READ
    ]
    newest = sorted(set(others) - {"1149", "1148"}, reverse=True)
    assert read == [["1149", "1148"], newest[:100], newest[100:]]


def test_a_retry_that_finds_nothing_makes_the_task(portal: Portal) -> None:
    portal.answer = Linked(on={"71": ["1149"]})
    assert tasks(portal).open(TASK, is_retry=True) == "880"


def test_a_limit_that_kept_the_task_out_is_waited_for(portal: Portal) -> None:
    limited, made = failing("search limit", times=1), Linked()
    portal.answer = lambda method, path, body: (limited if len(portal.asked) == 1 else made)(method, path, body)
    assert tasks(portal).open(TASK, is_retry=False) == "880"
    assert portal.asked == [CREATE, CREATE]


@pytest.mark.parametrize("name", ["down", "moving"])
def test_what_may_have_made_the_task_is_not_asked_again(portal: Portal, name: str) -> None:
    portal.answer = failing(name, times=99)
    with pytest.raises(CrmUnavailable):
        tasks(portal).open(TASK, is_retry=False)
    assert portal.asked == [CREATE]


@pytest.mark.parametrize("answer", [{}, {"id": ""}, {"id": None}, []])
def test_an_answer_that_names_no_task_leaves_it_open_whether_one_was_made(portal: Portal, answer: Any) -> None:
    portal.answer = lambda method, path, body: (201, {}, answer)
    with pytest.raises(CrmUnavailable):
        tasks(portal).open(TASK, is_retry=False)
    assert portal.asked == [CREATE]


def test_a_parent_that_was_merged_is_followed(portal: Portal) -> None:
    def refusal(body: Any) -> dict[str, Any] | None:
        is_old = body["associations"][0]["to"]["id"] == "31"
        return {"category": "VALIDATION_ERROR", "message": "no record 31 of Iris"} if is_old else None

    portal.answer = Linked(merged={"31": "39"}, refusal=refusal)
    assert tasks(portal).open(TASK, is_retry=False) == "880"
    assert [one["to"]["id"] for one in portal.bodies[-1]["associations"]] == ["39", "71"]


def test_a_refused_owner_is_told_as_such_and_any_other_refusal_as_one_in_our_words(portal: Portal) -> None:
    of_owner = {"code": "INVALID_OWNER_ID", "context": {"propertyName": ["hubspot_owner_id"]}, "message": "Iris"}
    portal.answer = Linked(refusal=lambda body: {"category": "VALIDATION_ERROR", "errors": [of_owner]})
    with pytest.raises(CrmOwnerRefused) as caught:
        tasks(portal).open(TASK, is_retry=False)
    assert str(caught.value) == "INVALID_OWNER_ID: the owner is unknown or deactivated (hubspot_owner_id)"
    assert portal.asked == [CREATE]
    portal.answer = Linked(refusal=lambda body: {"category": "VALIDATION_ERROR", "message": "Iris is frozen"})
    with pytest.raises(CrmRejected) as rejected:
        tasks(portal).open(TASK, is_retry=False)
    assert str(rejected.value) == "VALIDATION_ERROR: a rule of the portal refuses the record"
    assert type(rejected.value) is CrmRejected


def test_only_completed_is_done_and_what_is_left_out_is_gone(portal: Portal) -> None:
    def row(crm_id: str, **values: Any) -> dict[str, Any]:
        return {"id": crm_id, "updatedAt": NOON.isoformat(), "properties": values}

    rows = [row("2", hs_task_status="DEFERRED", hubspot_owner_id=""), row("1", hs_task_status="COMPLETED")]
    portal.answer = lambda method, path, body: (200, {}, {"results": rows})
    assert tasks(portal).seen(["1", "2", "3"]) == [
        TaskSeen(crm_id="1", state=TaskState.DONE, changed_at=NOON),
        TaskSeen(crm_id="2", state=TaskState.OPEN, changed_at=NOON),
        TaskSeen(crm_id="3", state=TaskState.GONE),
    ]


def test_what_stands_in_the_way_of_tasks_is_named_property_by_property() -> None:
    names = ("hs_timestamp", "hs_task_subject", "hs_task_body", "hs_task_status", "hubspot_owner_id")
    described = [{"name": name} for name in names]
    assert list(missing_rights(described)) == []
    read_only = {"name": "hs_task_status", "modificationMetadata": {"readOnlyValue": True}}
    found = list(missing_rights([*described[:2], read_only, described[4]]))
    assert [name for name, _ in found] == ["hs_task_body", "hs_task_status"]
