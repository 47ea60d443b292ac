"""Faults of the portal, and what the control pages show of it."""

from __future__ import annotations

import pytest


def contacts_search(hub):
    return hub.call("POST", "contacts/search", json={})


def test_a_token_dies_after_so_many_requests_and_lives_again_when_faults_are_off(hub, org):
    hub.fault("expire_after", requests=2)
    statuses = [hub.call("GET", "contacts").status for _ in range(3)]
    assert (statuses, hub.call("GET", "contacts").json()["category"]) == ([200, 200, 401], "INVALID_AUTHENTICATION")
    assert org.call("GET", "limits").status == 200
    hub.call("DELETE", "/_sandbox/faults")
    assert hub.call("GET", "contacts").status == 200
    hub.fault("expire_tokens")
    assert hub.call("GET", "contacts").status == 401


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("limit", (429, None, "DAILY")),
        ("burst", (429, None, "TEN_SECONDLY_ROLLING")),
        ("search_limit", (429, "RATE_LIMITS", None)),
        ("500_rate", (500, "RATE_LIMITS", None)),
        (401, (401, "EXPIRED_AUTHENTICATION", None)),
        (403, (403, "MISSING_SCOPES", None)),
        (423, (423, "LOCKED", None)),
        (503, (503, None, None)),
    ],
)
def test_requests_fail_as_they_are_told_to(hub, status, wanted):
    hub.fault("fail_next", status=status, path_contains="contacts")
    assert hub.call("GET", "companies").status == 200
    failed = hub.call("GET", "contacts")
    body = failed.json()
    assert (failed.status, body.get("category"), body.get("policyName")) == wanted
    assert body["correlationId"] == failed.headers["X-HubSpot-Correlation-Id"]
    assert ("Retry-After" in failed.headers, hub.call("GET", "contacts").status) == (False, 200)


def test_a_failure_may_say_how_long_to_wait(hub):
    hub.fault("fail_next", status=477, retry_after=7)
    answer = hub.call("GET", "contacts")
    assert (answer.status, answer.headers["Retry-After"]) == (477, "7")


def test_pages_instead_of_json_nothing_at_all_and_a_reset_line(hub):
    for values in ({"status": "html"}, {"status": "html", "code": 200}, {"status": "empty"}, {"status": "reset"}):
        hub.fault("fail_next", **values)
    down, page, empty, reset = (hub.call("GET", "contacts") for _ in range(4))
    assert (down.status, page.status, page.headers["Content-Type"]) == (502, 200, "text/html;charset=utf-8")
    assert (empty.status, empty.body, reset.cut, reset.reset) == (200, b"", True, True)


def test_work_is_done_whose_answer_breaks_off_but_none_before_a_reset(hub):
    contact = hub.ids("contacts")[0]

    def write(score, **fault):
        hub.fault("fail_next", path_contains="batch/update", **fault)
        body = {"inputs": [{"id": contact, "properties": {"closedloop_score": score}}]}
        answer = hub.call("POST", "contacts/batch/update", json=body)
        kept = hub.get(f"contacts/{contact}", properties="closedloop_score")["properties"]["closedloop_score"]
        return answer, kept

    cut, kept = write("3", status="cut")
    assert (cut.sent, cut.reset, kept) == (len(cut.body) // 2, False, "3")
    middle, kept = write("4", status="reset", when="middle")
    assert (middle.sent, middle.reset, kept) == (len(middle.body) // 2, True, "4")
    half, kept = write("5", status="half")
    assert (half.sent, len(half.body), kept) == (None, len(cut.body) // 2, "5")
    assert write("6", status="reset")[1] == "5"
    assert (
        hub.call("POST", "/_sandbox/faults", json={"name": "fail_next", "status": "reset", "when": "now"}).status == 400
    )


def test_a_fault_meant_for_one_crm_leaves_the_other_alone(hub, org):
    house = hub.house
    org.house = house
    hub.fault("fail_next", status=503, count=1)
    assert (org.call("GET", "limits").status, hub.call("GET", "contacts").status) == (200, 503)
    org.fault("fail_next", status=503, crm="salesforce")
    assert (hub.call("GET", "contacts").status, org.call("GET", "limits").status) == (200, 503)


def test_an_answer_is_lost_after_the_work_is_done(hub):
    contact = hub.ids("contacts")[0]
    hub.fault("answer_lost", path_contains="post /crm")
    body = {"inputs": [{"id": contact, "properties": {"closedloop_score": 3}}]}
    assert hub.call("POST", "contacts/batch/update", json=body).cut
    assert hub.get(f"contacts/{contact}", properties="closedloop_score")["properties"]["closedloop_score"] == "3"


def test_the_limits_bite_only_when_switched_on(hub):
    assert {contacts_search(hub).status for _ in range(20)} == {200}
    hub.fault("search_limit", per_second=3)
    answers = [contacts_search(hub) for _ in range(4)]
    assert [one.status for one in answers[:3]] == [200, 200, 200]
    assert (answers[3].status, answers[3].json()["message"]) == (429, "You have reached your secondly limit.")
    assert "X-HubSpot-RateLimit-Max" not in answers[3].headers
    hub.fault("burst_limit", max=2)
    statuses = [hub.call("GET", "contacts").status for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_the_index_lags_when_told_to(hub):
    contact = hub.ids("contacts")[0]
    hub.fault("search_lag", seconds=30)
    hub.fault("touch", object="contacts", id=contact, fields={"jobtitle": "Changed"})
    now = ("lastmodifieddate", "GTE", "2026-01-05T06:00:00Z")
    assert hub.search("contacts", now)["total"] == 0
    assert hub.get(f"contacts/{contact}", properties="jobtitle")["properties"]["jobtitle"] == "Changed"
    hub.turn("2026-01-05T06:00:30Z")
    assert [one["id"] for one in hub.search("contacts", now)["results"]] == [contact]


def test_a_late_commit_bears_the_stamp_of_its_beginning(hub):
    contact = hub.ids("contacts")[0]
    hub.fault("late_commit", object="contacts", id=contact, seconds=450, fields={"jobtitle": "Late"})
    assert hub.get(f"contacts/{contact}", properties="jobtitle")["properties"]["jobtitle"] != "Late"
    hub.fault("commit_late")
    late = hub.get(f"contacts/{contact}", properties="jobtitle")
    assert (late["properties"]["jobtitle"], late["updatedAt"]) == ("Late", "2026-01-05T05:52:30Z")


def test_many_rows_share_one_stamp_when_told_to(hub):
    assert hub.fault("same_second", object="contacts", n=250)["touched"] == 250
    found = hub.search("contacts", ("lastmodifieddate", "GTE", "2026-01-05T06:00:00Z"))
    assert found["total"] == 250


def test_pages_are_small_when_told_to(hub):
    hub.fault("small_pages", size=7)
    assert (len(hub.get("contacts", limit="100")["results"]), len(hub.search("contacts")["results"])) == (7, 7)
    assert len(hub.ids("companies")) == 60


def test_a_closed_record_refuses_every_change(hub):
    first, second = hub.ids("contacts")[:2]
    hub.fault("reject_record", object="contact", id=first, message="Closed by a rule.")
    values = {"properties": {"closedloop_score": 3}}
    answer = hub.call("PATCH", f"contacts/{first}", json=values)
    assert (answer.status, answer.json()["message"]) == (400, "Closed by a rule.")
    traced = [{"id": one, **values, "objectWriteTraceId": one} for one in (first, second)]
    answer = hub.post("contacts/batch/update", {"inputs": traced}, 207)
    assert [one["id"] for one in answer["results"]] == [second]
    assert [(one["message"], one["context"]) for one in answer["errors"]] == [
        ("Closed by a rule.", {"objectWriteTraceId": [first]})
    ]


def test_hands_merge_delete_and_bring_back_records_and_owners(hub):
    first, second, third = hub.ids("contacts")[:3]
    assert hub.fault("merge", object="contacts", ids=[first, second])["touched"] == 1
    assert hub.get(f"contacts/{second}")["id"] == hub.get(f"contacts/{first}")["id"]
    hub.fault("delete", object="contacts", ids=[third])
    assert hub.ids("contacts", archived="true") == [third]
    hub.fault("undelete", object="contacts", ids=[third])
    assert third in hub.ids("contacts")
    owner = hub.get("/crm/owners/2026-03")["results"][0]["id"]
    hub.fault("delete", object="owners", ids=[owner])
    archived = hub.get("/crm/owners/2026-03", archived="true")["results"]
    assert owner in [one["id"] for one in archived]


@pytest.mark.parametrize(
    "values",
    [
        {"name": "touch", "object": "contacts", "id": "5"},
        {"name": "touch", "object": "butterflies", "id": "5"},
        {"name": "nothing of the kind"},
        {"name": "touch", "crm": "another", "object": "contacts", "id": "5"},
    ],
)
def test_faults_that_make_no_sense_are_refused(hub, values):
    assert hub.call("POST", "/_sandbox/faults", json={"crm": "hubspot", **values}).status == 400


def test_control_pages_show_the_portals_records_as_reps_see_them(hub):
    contact = hub.all("contacts", "associatedcompanyid,email,hubspot_owner_id")[0]
    values = contact["properties"]
    page = hub.get(f"/_sandbox/records/contacts/{contact['id']}", crm="hubspot")
    company = hub.get(f"companies/{values['associatedcompanyid']}")["properties"]["name"]
    owner = hub.get(f"/crm/owners/2026-03/{values['hubspot_owner_id']}")
    shown = page["shown"]
    assert (page["object"], shown["Primary Associated Company ID"], shown["Owner"]) == (
        "contacts",
        company,
        f"{owner['firstName']} {owner['lastName']}",
    )
    assert (page["values"]["email"], page["associations"]["companies"]) == (
        values["email"],
        [values["associatedcompanyid"]],
    )
    same = hub.get("/_sandbox/records/contacts", crm="hubspot", email=values["email"])
    assert [one["id"] for one in same] == [contact["id"]]
    assert len(hub.get("/_sandbox/records/owners", crm="hubspot")) == 13
    assert hub.call("GET", "/_sandbox/records/contacts/5", crm="hubspot").status == 404


def test_requests_are_counted_by_kind(hub):
    hub.ids("contacts")
    contacts_search(hub)
    hub.get("/crm/owners/2026-03")
    hub.get("/account-info/2026-03/details")
    hub.post("contacts/batch/update", {"inputs": [{"id": hub.ids("contacts")[0], "properties": {}}]})
    hub.call("GET", "/crm/v3/nothing/here")
    assert hub.get("/_sandbox/counts")["hubspot"] == {
        "requests": 13,
        "by_kind": {"account_info": 1, "batch_update": 1, "list": 8, "other": 1, "owners": 1, "search": 1},
        "rows_written": 1,
        "tasks_made": 0,
        "tasks_done": 0,
        "tasks_deleted": 0,
    }


def test_the_rep_page_shows_the_account_with_most_scores_in_either_crm(hub, org):
    org.house = hub.house
    fields = dict.fromkeys(("score", "score_on", "voices", "open_actions"))
    nothing = {"crm": "hubspot", "account": None, "fields": fields, "contacts": [], "tasks": []}
    assert hub.get("/_sandbox/rep", crm="hubspot") == nothing
    contacts = hub.all("contacts", "associatedcompanyid,firstname,lastname,jobtitle,feedback_level")
    company = contacts[0]["properties"]["associatedcompanyid"]
    score = {"closedloop_score": "9", "closedloop_answered_on": "2026-01-05"}
    hub.post("contacts/batch/update", {"inputs": [{"id": contacts[0]["id"], "properties": score}]})
    page = hub.get("/_sandbox/rep", crm="hubspot")
    values = contacts[0]["properties"]
    assert page["account"] == hub.get(f"companies/{company}")["properties"]["name"]
    assert page["contacts"][0] == {
        "name": f"{values['firstname']} {values['lastname']}",
        "title": values["jobtitle"],
        "level": values["feedback_level"],
        "score": 9.0,
        "answered_on": "2026-01-05",
    }
    colleagues = [one for one in contacts if one["properties"]["associatedcompanyid"] == company]
    assert [one["score"] for one in page["contacts"]] == [9.0] + [None] * (len(colleagues) - 1)
    person = org.one("SELECT Id, AccountId FROM Contact ORDER BY Id LIMIT 1")
    org.fault("touch", object="Contact", id=person["Id"], fields={"Closedloop_Score__c": 4})
    salesforce = org.get("/_sandbox/rep")
    assert (salesforce["crm"], salesforce["contacts"][0]["score"]) == ("salesforce", 4.0)
    assert hub.call("GET", "/_sandbox/rep", crm="another").status == 400
