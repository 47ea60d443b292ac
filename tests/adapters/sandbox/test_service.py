"""Cases and contracts of the org and tickets of the portal: how they begin, how they live, and how they are hidden."""

from __future__ import annotations

from datetime import UTC, date, datetime

from adapters.sandbox.world.cases import events as happens

YEAR_LATER = "2027-01-05T06:00:00Z"


def cases(org):
    fields = "Id, AccountId, ContactId, Contact.AccountId, Account.Type, Status, IsClosed, ClosedDate, IsEscalated"
    return org.soql(f"SELECT {fields}, CreatedDate FROM Case ORDER BY Id")["records"]


def tickets(hub):
    found = hub.all("tickets", "hs_pipeline_stage,closed_date,hubspot_owner_id", associations="companies,contacts")
    return {one["id"]: (one["properties"], one.get("associations", {})) for one in found}


def test_cases_are_brought_by_people_of_customers_and_partners_and_most_are_over(org):
    found = cases(org)
    assert {one["Account"]["Type"] for one in found} == {"Customer", "Partner"}
    assert [one for one in found if one["Contact"]["AccountId"] != one["AccountId"]] == []
    closed = [one for one in found if one["IsClosed"]]
    assert 0.7 < len(closed) / len(found) < 0.95
    assert {one["Id"] for one in closed} == {one["Id"] for one in found if one["ClosedDate"]}
    assert {one["Status"] for one in closed} == {"Closed"}
    assert 0 < sum(one["IsEscalated"] for one in found) < len(found) * 0.12
    assert [one for one in closed if one["ClosedDate"] <= one["CreatedDate"]] == []


def test_in_a_year_cases_come_and_are_closed_and_some_are_escalated(org):
    before = {one["Id"] for one in cases(org)}
    org.turn(YEAR_LATER)
    after = {one["Id"]: one for one in cases(org)}
    born = [one for key, one in after.items() if key not in before]
    assert 100 < len(born) < 220
    assert sum(one["IsClosed"] for one in born) > len(born) * 0.9
    assert {one["IsEscalated"] for one in born} == {True, False}


def test_a_few_cases_are_opened_again_within_a_week_of_their_closing(make_org):
    org = make_org(accounts=300, contacts=300)
    opened: list[str] = []
    for number in range(6, 20):
        day = date(2026, 1, number)
        org.turn(f"{day}T06:00:00Z")
        for event in happens(org.house.state, org.house.plan, day):
            opened += [event.id] if event.kind == "case reopened" else []
    org.turn("2026-01-20T06:00:00Z")
    closed = org.soql("SELECT count() FROM Case WHERE ClosedDate >= 2026-01-05T06:00:00Z")["totalSize"]
    assert 0 < len(opened) < closed * 0.2
    assert [one["Id"] for one in cases(org) if one["Id"] in opened and one["Status"] not in ("Working", "Closed")] == []


def test_a_case_that_is_opened_again_by_hand_has_no_closing_time_any_more(org):
    one = org.one("SELECT Id FROM Case WHERE IsClosed = false ORDER BY Id LIMIT 1")["Id"]
    shown = f"SELECT IsClosed, ClosedDate FROM Case WHERE Id = '{one}'"
    org.fault("touch", object="Case", id=one, fields={"Status": "Closed"})
    assert org.one(shown) == {"IsClosed": True, "ClosedDate": "2026-01-05T06:00:00.000+0000"}
    org.fault("touch", object="Case", id=one, fields={"Status": "Working"})
    assert org.one(shown) == {"IsClosed": False, "ClosedDate": None}


def test_contracts_end_on_the_renewal_date_or_stand_in_for_one_and_go_on_when_they_end(org):
    fields = "AccountId, EndDate, StartDate, ContractTerm, Account.Renewal_Date__c FROM Contract"

    def activated():
        return org.soql(f"SELECT {fields} WHERE Status = 'Activated' ORDER BY AccountId")["records"]

    before = activated()
    dates = [(one["EndDate"], one["Account"]["Renewal_Date__c"]) for one in before]
    assert (
        len([1 for end, renewal in dates if renewal]) > 10,
        len([1 for _, renewal in dates if not renewal]) > 8,
    ) == (
        True,
        True,
    )
    assert [pair for pair in dates if pair[1] not in (None, pair[0])] == []
    org.turn(YEAR_LATER)
    after = activated()
    assert [one["AccountId"] for one in after] == [one["AccountId"] for one in before]
    assert {one["EndDate"][:4] for one in after} <= {"2027", "2028"}
    assert [one for one in after if one["Account"]["Renewal_Date__c"] not in (None, one["EndDate"])] == []
    assert org.soql("SELECT count() FROM Contract WHERE Status = 'Expired'")["totalSize"] >= len(before) - 1


def test_clients_read_cases_and_contracts_and_never_write_them(org):
    assert org.call("POST", "sobjects/Case", json={"Subject": "x"}).status == 403
    assert org.get("sobjects/Contract/describe")["createable"] is False
    children = {
        (one["childSObject"], one["field"]): (one["cascadeDelete"], one["restrictedDelete"])
        for one in org.get("sobjects/Account/describe")["childRelationships"]
    }
    assert (children["Case", "AccountId"], children["Contract", "AccountId"]) == ((False, True), (True, True))


def test_an_object_that_is_hidden_does_not_exist_until_faults_are_off(org):
    org.fault("hide_object", object="Case")
    for path in ("sobjects/Case/describe", "sobjects/case/deleted", "sobjects/Case"):
        assert org.call("GET", path).status == 404
    refused = org.call("GET", "query", q="SELECT Id FROM Case").json()[0]
    assert refused["errorCode"] == "INVALID_TYPE"
    assert org.soql("SELECT count() FROM Contract")["totalSize"] > 0
    org.call("DELETE", "/_sandbox/faults")
    assert org.get("sobjects/Case/describe")["name"] == "Case"


def test_tickets_hang_on_a_person_and_the_persons_company_and_some_on_two_people(hub):
    found = tickets(hub)
    people = {one["id"]: one["properties"] for one in hub.all("contacts", "associatedcompanyid")}
    counts = set()
    for _, others in found.values():
        contacts = {one["id"] for one in others["contacts"]["results"]}
        company = {one["id"] for one in others["companies"]["results"]}
        assert {people[one]["associatedcompanyid"] for one in contacts} == company
        counts.add(len(contacts))
    assert counts == {1, 2}
    first = next(iter(found))
    types = hub.get(f"/crm/objects/2026-03/tickets/{first}/associations/companies")["results"][0]["associationTypes"]
    assert [one["typeId"] for one in types] == [26, 339]


def test_the_pipelines_of_tickets_tell_which_stages_close_and_tickets_there_have_their_time(hub):
    pipelines = hub.get("/crm/pipelines/2026-03/tickets")["results"]
    states = {stage["id"]: stage["metadata"]["ticketState"] for one in pipelines for stage in one["stages"]}
    closing = {stage for stage, state in states.items() if state == "CLOSED"}
    assert (len(pipelines), closing) == (2, {"4", "1259930103", "1259930104"})
    for properties, _ in tickets(hub).values():
        assert (properties["closed_date"] is not None) == (properties["hs_pipeline_stage"] in closing)


def test_in_a_year_tickets_come_and_are_closed_and_bear_the_time_of_their_last_closing(hub):
    before = tickets(hub)
    hub.turn(YEAR_LATER)
    after = tickets(hub)
    assert 70 < len(after.keys() - before.keys()) < 180
    newest = max(properties["closed_date"] or "" for properties, _ in after.values())
    assert datetime.fromisoformat(newest) > datetime(2026, 12, 20, tzinfo=UTC)


def test_without_its_scope_nothing_of_tickets_is_shown(hub):
    hub.fault("hide_object", object="tickets")
    paths = ("/crm/objects/2026-03/tickets", "/crm/properties/2026-03/ticket", "/crm/pipelines/2026-03/tickets")
    for path in paths:
        answer = hub.call("GET", path)
        assert (answer.status, answer.json()["category"]) == (403, "MISSING_SCOPES")
        assert answer.json()["context"] == {"requiredGranularScopes": ["tickets"]}
    assert hub.get("/crm/objects/2026-03/deals")["results"]
