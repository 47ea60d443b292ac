"""Record pages by HTTP: what a rep would see of an account and a contact of either CRM, with nothing let through."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from adapters.sandbox.world import story_books
from tests.adapters.sandbox.conftest import Hub, Org

TRICK = '<script>alert("x")</script> & <b>'


class _Text(HTMLParser):
    """The words of a page, and the tags it is made of."""

    def __init__(self, html):
        super().__init__()
        self.words, self.tags, self.links = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if (tag, name) == ("a", "href")]

    def handle_data(self, data):
        self.words += [data.strip()] if data.strip() else []


@pytest.fixture
def told(make_house):
    return Org(make_house(stories=True))


def page(org, path, status=200):
    answer = org.call("GET", path)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8"), answer.body
    return _Text(answer.body.decode())


def record(org, key, crm="salesforce"):
    found = story_books.accounts(org.house.state)
    record_id = next(one for story, name, one in found if (story.key, name) == (key, crm))
    kind = "Account" if crm == "salesforce" else "companies"
    return record_id, f"/_sandbox/records/{crm}/{kind}/{record_id}"


def touch(org, object_name, record_id, **fields):
    org.fault("touch", object=object_name, id=record_id, fields=fields)


def line(found, label):
    """The value that stands under a label."""
    return found.words[found.words.index(label) + 1]


def test_the_index_tells_every_story_with_a_link_to_each_of_its_records(told):
    found = page(told, "/_sandbox/records")
    stories = told.get("/_sandbox/stories")
    assert [one["account"] for one in stories] == [
        "Harakeke Dairy",
        "Rimu Valley Hydro",
        "Matai Calibration",
        "Kowhai Crispbread",
        "Totara Reagents",
    ]
    pages = [record["page"] for one in stories for record in one["records"]]
    assert found.links == ["/_sandbox/records", *pages]
    assert found.words.count("Its story has not begun yet.") == len(stories)
    assert [(one["so_far"], one["is_whole"]) for one in stories] == [("", False)] * len(stories)
    assert any("Nobody has answered yet" in one for one in found.words)


def test_the_index_names_the_accounts_with_most_voices_in_either_crm(told):
    hub = Hub(told.house)
    account, company = told.ids("SELECT Id FROM Account ORDER BY Id LIMIT 1")[0], hub.ids("companies")[0]
    touch(told, "Account", account, Closedloop_Score__c=7.25, Closedloop_Voices__c=1, Closedloop_Open_Actions__c=1)
    hub.fault("touch", object="companies", id=company, fields={"closedloop_score": 4, "closedloop_voices": 12})
    found = page(told, "/_sandbox/records")
    assert ("Most voices in Salesforce" in found.words, "Most voices in HubSpot" in found.words) == (True, True)
    assert [one for one in found.words if one.startswith("score")] == [
        "score 7.25 of 1 voice, 1 open action",
        "score 4 of 12 voices, 0 open actions",
    ]
    assert f"/_sandbox/records/hubspot/companies/{company}" in found.links


def test_a_world_without_stories_says_how_to_get_some(org):
    found = page(org, "/_sandbox/records")
    assert "--stories" in found.words
    assert org.get("/_sandbox/stories") == []


def test_an_account_of_the_org_shows_our_fields_its_people_and_its_own_fields(told):
    record_id, path = record(told, "danger")
    touch(told, "Account", record_id, Closedloop_Score__c=5.1, Closedloop_Voices__c=7, Closedloop_Open_Actions__c=4)
    person = told.one(f"SELECT Id FROM Contact WHERE AccountId = '{record_id}' AND Title = 'Shift Operator'")["Id"]
    touch(told, "Contact", person, Closedloop_Score__c=3, Closedloop_Answered_On__c="2026-01-05")
    found = page(told, path)
    shown = {label: line(found, f"Closedloop {label}") for label in ("Score", "Voices", "Open Actions", "Hold Until")}
    assert shown == {"Score": "5.1", "Voices": "7", "Open Actions": "4", "Hold Until": "-"}
    place = found.words.index("Wilf Thistlewade")
    assert found.words[place : place + 5] == ["Wilf Thistlewade", "Shift Operator", "User", "3", "2026-01-05"]
    assert f"/_sandbox/records/salesforce/Contact/{person}" in found.links
    assert (line(found, "ARR"), line(found, "Owner"), line(found, "Renewal Date")) == (
        "410,000",
        "Selby Oakmantle",
        "2026-08-15",
    )
    assert line(found, "The story:") == "it has not begun yet."
    assert (
        "Nothing here is real: company, people and words are invented, and no mail leaves this machine." in found.words
    )


def test_levels_come_from_the_top_down_and_what_a_rep_corrected_counts(told):
    record_id, path = record(told, "danger")
    person = told.one(f"SELECT Id FROM Contact WHERE AccountId = '{record_id}' AND Title = 'Shift Operator'")["Id"]
    touch(told, "Contact", person, Closedloop_Level__c="Executive")
    found = page(told, path)
    levels = [one for one in found.words if one in ("Executive", "Manager", "User")]
    assert levels == ["Executive"] * 3 + ["Manager"] + ["User"] * 3


def test_tasks_show_their_text_and_what_the_rep_wrote_under_it(told):
    record_id, path = record(told, "silent")
    person = told.one(f"SELECT Id, OwnerId FROM Contact WHERE AccountId = '{record_id}' AND Title = 'Test Engineer'")
    task = {"WhoId": person["Id"], "WhatId": record_id, "OwnerId": person["OwnerId"], "ActivityDate": "2026-01-12"}
    body = "They gave 4.\nclosedloop:abc-1"
    assert told.call("POST", "sobjects/Task", json={**task, "Subject": "Call", "Description": body}).status == 201
    open_page = page(told, path)
    assert (line(open_page, "Call"), line(open_page, "Text of the task")) == ("Not Started", "They gave 4.")
    told.turn("2026-01-13T06:00:00Z")
    done = page(told, path)
    written = done.words[done.words.index("Text of the task") - 1]
    assert written in story_books.story_of(told.house.state, "salesforce", [record_id]).rep_says
    assert done.words[done.words.index("Text of the task") + 2] == "closedloop:abc-1"
    assert "Nell Reedwater" in " ".join(done.words[done.words.index("Call") :])
    on_contact = page(told, f"/_sandbox/records/salesforce/Contact/{person['Id']}")
    assert ("Call" in on_contact.words, line(on_contact, "Account")) == (True, "Rimu Valley Hydro")


def test_a_company_of_the_portal_shows_its_tasks_and_notes_without_their_markup(told):
    hub, (company, path) = Hub(told.house), record(told, "partner", "hubspot")
    owner = hub.get(f"companies/{company}", properties="hubspot_owner_id")["properties"]["hubspot_owner_id"]
    task = {
        "hs_task_subject": "Talk",
        "hs_task_body": "<p>Grüße &amp; <b>5 &lt; 6</b></p><p>closedloop:abc</p><div>Mine<br>too</div>",
        "hs_task_status": "NOT_STARTED",
        "hs_timestamp": "2026-01-12T08:00:00Z",
        "hubspot_owner_id": owner,
    }
    note = {"hs_note_body": "<p>First</p><p>second</p>", "hs_timestamp": "2026-01-06T08:00:00Z"}
    for kind, values, type_id in (("tasks", task, 192), ("notes", note, 190)):
        ends = [{"to": {"id": company}, "types": [{"associationTypeId": type_id}]}]
        hub.post(kind, {"properties": values, "associations": ends}, 201)
    found = page(told, path)
    at = found.words.index("Talk")
    assert found.words[at : at + 9] == [
        "Talk",
        "Not started",
        "due 2026-01-12",
        "Rowan Gorsewick",
        "Mine",
        "too",
        "Text of the task",
        "Grüße & 5 < 6",
        "closedloop:abc",
    ]
    notes = found.words[found.words.index("Notes") :]
    assert notes[:4] == ["Notes", "2026-01-06", "First", "second"]
    assert (line(found, "Lifecycle Stage"), line(found, "Owner")) == ("Other", "Rowan Gorsewick")


def test_a_hold_stands_out_until_its_last_day_is_over_for_the_company(told):
    record_id, path = record(told, "silent")
    touch(told, "Account", record_id, Closedloop_Hold_Until__c="2026-01-06", Closedloop_Hold_Reason__c="Talks")
    assert "On hold until 2026-01-06" in page(told, path).words
    told.turn("2026-01-06T10:59:59Z")
    assert "On hold until 2026-01-06" in page(told, path).words
    told.turn("2026-01-06T11:00:00Z")
    assert "On hold until 2026-01-06" not in page(told, path).words


def test_whatever_stands_in_a_record_is_text_and_never_markup(told):
    hub = Hub(told.house)
    (account, org_path), (company, hub_path) = record(told, "silent"), record(told, "partner", "hubspot")
    person = told.one(f"SELECT Id, OwnerId FROM Contact WHERE AccountId = '{account}' LIMIT 1")
    touch(told, "Account", account, Name=TRICK, Closedloop_Hold_Until__c="2026-12-31", Closedloop_Hold_Reason__c=TRICK)
    touch(told, "Contact", person["Id"], LastName=TRICK, Title=TRICK)
    task = {"WhatId": account, "OwnerId": person["OwnerId"], "Subject": TRICK, "Description": TRICK}
    assert told.call("POST", "sobjects/Task", json=task).status == 201
    hub.fault("touch", object="companies", id=company, fields={"name": TRICK, "closedloop_hold_reason": TRICK})
    contact = f"/_sandbox/records/salesforce/Contact/{person['Id']}"
    for path in (org_path, hub_path, contact, "/_sandbox/records"):
        found = page(told, path)
        assert ({"script", "b"} & set(found.tags), TRICK in " ".join(found.words)) == (set(), True), path


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("salesforce/Account/001000000000000AAA", "no Account has the id 001000000000000AAA"),
        ("salesforce/User/005000000000000AAA", "there are pages of Account and Contact, not of User"),
        ("hubspot/companies/12", "no company has the id 12"),
        ("hubspot/companies/twelve", "no company has the id twelve"),
        (f"hubspot/companies/{'9' * 23}", f"no company has the id {'9' * 23}"),
        ("hubspot/deals/12", "there are pages of companies and contacts, not of deals"),
        ("another/Account/12", "no CRM is called another; there are salesforce and hubspot"),
        ("salesforce/Account/<script>", "no Account has the id <script>"),
    ],
)
def test_what_is_not_there_is_said_in_words_with_a_way_back(org, path, reason):
    found = page(org, f"/_sandbox/records/{path}", 404)
    assert (f"{reason}." in found.words, "script" in found.tags) == (True, False)
    assert found.links == ["/_sandbox/records", "/_sandbox/records"]


def test_a_record_in_the_bin_says_so_and_a_merged_one_shows_who_it_became(told):
    hub, (account, path) = Hub(told.house), record(told, "held")
    told.fault("delete", object="Account", ids=[account])
    assert "In the recycle bin." in page(told, path).words
    first, second = [one for one in hub.ids("contacts") if one][:2]
    new = hub.post("contacts/merge", {"primaryObjectId": first, "objectIdToMerge": second})["id"]
    merged = page(told, f"/_sandbox/records/hubspot/contacts/{second}")
    assert merged.words == page(told, f"/_sandbox/records/hubspot/contacts/{new}").words


def test_pages_run_no_script_and_take_their_style_from_here_only(told):
    answer = told.call("GET", record(told, "danger")[1])
    policy = answer.headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    html = answer.body.decode()
    assert re.findall(r"<(?:link|script|img|style)[^>]*>", html) == [
        '<link rel="stylesheet" href="/_sandbox/records.css">'
    ]
    style = told.call("GET", "/_sandbox/records.css")
    assert (style.status, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert (b"prefers-color-scheme: dark" in style.body, b"url(" in style.body) == (True, False)


def test_lists_and_single_records_in_json_are_answered_as_before(org):
    found = org.get("/_sandbox/records/Account", limit="1")
    assert org.get(f"/_sandbox/records/Account/{found[0]['Id']}")["values"]["Name"] == found[0]["Name"]
    assert org.call("POST", "/_sandbox/records").status == 404
