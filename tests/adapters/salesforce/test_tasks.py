"""What is asked for a task, and what becomes of a refusal; over HTTP to a small server of the test."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from adapters.salesforce.tasks import Tasks, missing_rights
from connector.ports.crm import NewTask, TaskSeen, TaskState
from connector.ports.errors import (
    ConnectorError,
    CrmMissingField,
    CrmOwnerRefused,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
)
from tests.adapters.salesforce.small_org import Answer, Org, client_of, failing

ACCOUNT, CONTACT, OWNER, MADE = "0015e00000FgHiJAAV", "0035e00001AbCdEAAV", "0055e000001kLmNAAU", "00T5e00000PqRsTEAV"
NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
TASK = NewTask(
    marker="closedloop:ab-7-1",
    account_id=ACCOUNT,
    contact_id=CONTACT,
    owner_id=OWNER,
    subject="Call Iris:\nwhat went wrong?",
    body="3 of 10\nwaits for a part",
    due_on=date(2026, 5, 5),
    opened_at=NOON,
)


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "createable": True, **more}


def picklist(*values: str, default: str = "", inactive: str = "") -> list[dict[str, Any]]:
    return [{"value": one, "active": one != inactive, "defaultValue": one == default} for one in values]


SET = ("Subject", "Description", "ActivityDate", "OwnerId", "WhoId", "WhatId")
DESCRIBED: dict[str, Any] = {
    "fields": [
        *(field(name) for name in SET),
        *(field(name, createable=False) for name in ("Id", "IsClosed", "SystemModstamp")),
        field("Status", picklistValues=picklist("Erledigt", "Offen", default="Offen")),
        field("Priority", picklistValues=picklist("Hoch", "Mittel")),
    ]
}


def opened(org: Org, task: NewTask = TASK, *, is_retry: bool = False, described: Any = None) -> str:
    return Tasks(client=client_of(org)).open(task, described=described or DESCRIBED, is_retry=is_retry)


def making(*errors: dict[str, Any]) -> Any:
    row = {"success": False, "errors": list(errors)} if errors else {"success": True, "id": MADE[:15], "errors": []}
    return lambda method, path: (200, {}, [row])


def test_a_task_is_sent_whole_with_the_orgs_own_default_status(org: Org) -> None:
    org.answer = making()
    assert opened(org) == MADE
    assert org.asked == ["POST /services/data/v68.0/composite/sobjects"]
    assert org.bodies == [
        {
            "allOrNone": False,
            "records": [
                {
                    "attributes": {"type": "Task"},
                    "Subject": "Call Iris: what went wrong?",
                    "Description": "3 of 10\nwaits for a part\nclosedloop:ab-7-1",
                    "ActivityDate": "2026-05-05",
                    "OwnerId": OWNER,
                    "WhoId": CONTACT,
                    "WhatId": ACCOUNT,
                    "Status": "Offen",
                }
            ],
        }
    ]


def test_a_default_that_is_no_longer_active_and_a_missing_parent_or_owner_are_left_out(org: Org) -> None:
    org.answer = making()
    status = field("Status", picklistValues=picklist("Alt", "Neu", default="Alt", inactive="Alt"))
    opened(org, replace(TASK, contact_id=None, owner_id=None), described={"fields": [status]})
    (body,) = org.bodies
    assert set(body["records"][0]) == {"attributes", "Subject", "Description", "ActivityDate", "WhatId"}


def test_a_retry_asks_for_tasks_on_account_and_contact_of_the_time_and_compares_their_text_itself(org: Org) -> None:
    paths: list[str] = []
    rows = [
        {"Id": "00T5e00000PqRsAEAV", "Description": None},
        {"Id": "00T5e00000PqRsBEAV", "Description": "closedloop:ab-7-12"},
        {"Id": MADE, "Description": "3 of 10\r\nclosedloop:ab-7-1\r\nI called"},
    ]

    def answer(method: str, path: str) -> Answer:
        paths.append(path)
        return 200, {}, {"records": rows, "done": True}

    org.answer = answer
    assert opened(org, is_retry=True) == MADE
    (path,) = paths
    assert path.startswith("/services/data/v68.0/queryAll")
    assert f"%28WhatId+%3D+%27{ACCOUNT}%27+OR+WhoId+%3D+%27{CONTACT}%27%29" in path
    assert "CreatedDate+%3E%3D+2026-04-30T12%3A00%3A00Z" in path
    assert "Description+LIKE" not in path


def test_a_retry_that_finds_nothing_makes_the_task(org: Org) -> None:
    nothing = {"records": [], "done": True}
    org.answer = lambda method, path: (200, {}, nothing) if method == "GET" else making()(method, path)
    assert opened(org, is_retry=True) == MADE


def test_an_id_of_another_form_hangs_on_nothing_and_is_left_to_the_org_to_refuse(org: Org) -> None:
    org.answer = making({"statusCode": "MALFORMED_ID", "message": "bad id ' OR Id != '", "fields": ["WhatId"]})
    with pytest.raises(CrmRejected, match=r"^MALFORMED_ID: this is no record's id \(WhatId\)$"):
        opened(org, replace(TASK, account_id="' OR Id != '"), is_retry=True)


def test_a_create_is_asked_once_only(org: Org) -> None:
    org.answer = failing("maintenance", times=99)
    with pytest.raises(CrmUnavailable):
        opened(org)
    assert len(org.asked) == 1


def test_an_expired_session_has_made_nothing_so_it_is_renewed(org: Org) -> None:
    expired = failing("expired session", times=1)
    org.answer = lambda method, path: expired(method, path) if len(org.asked) == 1 else making()(method, path)
    assert opened(org) == MADE
    assert (org.tokens, len(org.asked)) == (2, 2)


@pytest.mark.parametrize("answer", [[], {}, [None], [{"success": True}], "x"])
def test_an_answer_that_names_no_task_leaves_it_open_whether_one_was_made(org: Org, answer: Any) -> None:
    org.answer = lambda method, path: (200, {}, answer)
    with pytest.raises(CrmUnavailable):
        opened(org)
    assert len(org.asked) == 1


@pytest.mark.parametrize(
    ("code", "fields", "expected", "told"),
    [
        ("INACTIVE_OWNER_OR_USER", [], CrmOwnerRefused, "INACTIVE_OWNER_OR_USER: the record's owner is no longer"),
        ("INVALID_CROSS_REFERENCE_KEY", ["OwnerId"], CrmOwnerRefused, "INVALID_CROSS_REFERENCE_KEY: "),
        ("INVALID_CROSS_REFERENCE_KEY", ["WhoId"], CrmRejected, "INVALID_CROSS_REFERENCE_KEY: .* \\(WhoId\\)"),
        ("REQUIRED_FIELD_MISSING", ["Region__c"], CrmRejected, "REQUIRED_FIELD_MISSING: .* \\(Region__c\\)"),
        ("UNABLE_TO_LOCK_ROW", [], CrmUnavailable, "sf: UNABLE_TO_LOCK_ROW: somebody else"),
        ("REQUEST_LIMIT_EXCEEDED", [], CrmRateLimited, "sf: REQUEST_LIMIT_EXCEEDED: the org's request limit"),
        ("INVALID_FIELD", [], CrmMissingField, "sf: INVALID_FIELD: a field is missing or hidden"),
        ("SOMETHING_NEW", [], CrmRejected, "SOMETHING_NEW: the org refused the change"),
    ],
)
def test_a_refusal_becomes_the_error_that_says_what_happens_next(
    org: Org, code: str, fields: list[str], expected: type[ConnectorError], told: str
) -> None:
    org.answer = making({"statusCode": code, "message": "Iris Malouf is inactive [0055e]", "fields": fields})
    with pytest.raises(expected, match=f"^{told}") as caught:
        opened(org)
    assert type(caught.value) is expected
    assert "Malouf" not in str(caught.value)


def test_tasks_are_read_two_hundred_a_call_each_once(org: Org) -> None:
    ids = [f"00T5e0000{number:09d}" for number in range(201)]

    def answer(method: str, path: str) -> Answer:
        asked = org.bodies[-1]["ids"]
        first = {
            "Id": ids[0],
            "IsClosed": True,
            "Description": "a\r\nb",
            "OwnerId": OWNER[:15],
            "SystemModstamp": "2026-05-01T12:00:00.000+0000",
        }
        return 200, {}, [first if crm_id == ids[0] else None for crm_id in asked]

    org.answer = answer
    seen = Tasks(client=client_of(org)).seen([*ids, ids[0]])
    assert [len(body["ids"]) for body in org.bodies] == [200, 1]
    done = TaskSeen(crm_id=ids[0], state=TaskState.DONE, body="a\nb", owner_id=OWNER, changed_at=NOON)
    assert seen == [done, *(TaskSeen(crm_id=crm_id, state=TaskState.GONE) for crm_id in ids[1:]), done]


def test_what_stands_in_the_way_of_tasks_is_named_field_by_field() -> None:
    described = {
        "createable": False,
        "fields": [
            field("WhoId", createable=False) if one["name"] == "WhoId" else one
            for one in DESCRIBED["fields"]
            if one["name"] not in ("Description", "IsClosed")
        ],
    }
    assert list(missing_rights(DESCRIBED)) == []
    assert [name for name, _ in missing_rights(described)] == ["Task", "Description", "WhoId", "IsClosed"]
