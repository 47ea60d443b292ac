"""The accounts with a story: the same in both CRMs, apart from the background, and true to what is told of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.sandbox.house import build
from adapters.sandbox.moods import felt
from adapters.sandbox.world import story_books
from adapters.sandbox.world.generate import OtherWorld, parse_start
from adapters.sandbox.world.names import LAST_NAMES
from adapters.sandbox.world.population import Plan
from adapters.sandbox.world.stories import STORIES
from tests.adapters.sandbox.conftest import START, Hub, Org
from tests.adapters.sandbox.far_side import send

TOLD = {story.key: story for story in STORIES}
ORG_ROWS = ("Account", "Contact", "User", "Opportunity", "Task")


@pytest.fixture
def told(make_house):
    return Org(make_house(stories=True))


def account_id(org, key, crm="salesforce"):
    found = story_books.accounts(org.house.state)
    return next(one for story, name, one in found if (story.key, name) == (key, crm))


def renewal(org, key):
    return org.one(f"SELECT Renewal_Date__c FROM Account WHERE Id = '{account_id(org, key)}'")["Renewal_Date__c"]


def company(org, key, name):
    statement = f"select json_extract(props, '$.{name}') from hub_record where id = ?"
    return org.house.state.value(statement, (int(account_id(org, key, "hubspot")),))


def background(house):
    """All rows that no story is told of."""
    own = {row[0] for row in house.state.rows("select id from story_record")}
    reps = {row[0] for row in house.state.rows("select Id from User order by Id desc limit ?", (len(STORIES),))}
    skipped = (own | reps) if house.plan.stories else set()
    org = {name: house.state.rows(f'select * from "{name}" order by Id') for name in ORG_ROWS}
    portal = house.state.rows("select id, kind, props from hub_record where kind != 'users' order by id")
    kept = {name: [row for row in rows if row[0] not in skipped] for name, rows in org.items()}
    return kept, [row for row in portal if str(row[0]) not in skipped]


def test_the_background_is_the_same_with_stories_and_without_them_and_stays_so(make_house):
    plain, told = make_house(), make_house(stories=True)
    assert background(plain) == background(told)
    for house in (plain, told):
        house.turning.turn(START + timedelta(days=60))
    assert background(plain) == background(told)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_names_and_addresses_of_the_stories_are_nobody_elses(make_house, seed):
    state = make_house(seed, stories=True).state
    told = [story.address_of(person) for story in STORIES for person in story.people]
    names = [one.name for story in STORIES for one in story.people] + [story.rep for story in STORIES]
    assert (len(set(told)), len(set(names))) == (len(told), len(names))
    assert {one.rpartition(".")[2] for one in told} == {"example"}
    invented = {last for lasts in LAST_NAMES.values() for last in lasts}
    assert {name.partition(" ")[2] for name in names} & invented == set()
    in_org = [story.account for story in STORIES if "salesforce" in story.crms]
    assert [state.value("select count(*) from Account where Name = ?", (one,)) for one in in_org] == [1, 1, 1]


def test_an_account_in_both_crms_is_linked_with_all_its_people(told):
    story, state = TOLD["danger"], told.house.state
    assert company(told, "danger", "salesforceaccountid") == account_id(told, "danger")
    linked = state.rows(
        "select json_extract(props, '$.email'), json_extract(props, '$.salesforcecontactid') from hub_record"
        " where json_extract(props, '$.associatedcompanyid') = ?",
        (account_id(told, "danger", "hubspot"),),
    )
    assert {mail: state.value("select Email from Contact where Id = ?", (one,)) for mail, one in linked} == {
        story.address_of(person): story.address_of(person) for person in story.people
    }


def test_every_account_is_looked_after_by_a_rep_of_its_own_in_both_crms(told):
    found = {row["Name"]: row["Owner"]["Name"] for row in told.soql("SELECT Name, Owner.Name FROM Account")["records"]}
    names = {row[0] for row in told.house.state.rows("select first || ' ' || last from hub_owner")}
    assert {story.account: story.rep for story in STORIES if "salesforce" in story.crms}.items() <= found.items()
    assert {story.rep for story in STORIES} <= names


def test_in_danger_only_users_feel_bad_and_the_partner_sinks(told):
    def moods(key, days):
        story, at = TOLD[key], START + timedelta(days=days)
        return {one.title: round(felt(told.house.state, 1, story.address_of(one), at), 1) for one in story.people}

    danger = moods("danger", 100)
    assert {title: value for title, value in danger.items() if value < 5} == {
        "Shift Operator": 2.4,
        "Laboratory Analyst": 2.9,
        "Maintenance Engineer": 2.2,
        "Process Engineer": 3.1,
    }
    assert moods("danger", 300) == danger
    assert moods("partner", 60) == {"Managing Director": 5.2, "Head of Purchasing": 4.4, "Servicetechniker": 4.8}
    assert moods("partner", 240) == {"Managing Director": 2.8, "Head of Purchasing": 2.0, "Servicetechniker": 2.4}


def test_a_world_without_stories_takes_no_notice_of_such_an_address(org):
    address = TOLD["danger"].address_of(TOLD["danger"].people[0])
    assert felt(org.house.state, 1, address, START) != TOLD["danger"].people[0].mood


def test_the_executives_of_the_silent_one_never_answer_and_all_others_do_in_their_own_words(told, far):
    story = TOLD["silent"]
    send(told, far, *((story.address_of(one), f"ask-{wave}") for wave in range(5) for one in story.people), scale=True)
    told.turn("2026-01-13T06:00:00Z")
    answers = told.get("/_sandbox/answers", limit="100")
    counted = {one.level: 0 for one in story.people}
    for one in story.people:
        counted[one.level] += sum(answer["address"] == story.address_of(one) for answer in answers)
    assert counted == {"Executive": 0, "Manager": 5, "User": 10}
    said = {dict(one["fields"])["best"] for one in answers if one["address"].startswith("jemima.")}
    assert said == {"Nobody above me has heard of you since the contract was signed."}


def test_reps_do_with_their_tasks_what_the_story_tells(told):
    hub = Hub(told.house)
    for key, contact in (("danger", "Wilf Thistlewade"), ("silent", "Kit Plumgarth")):
        person = told.one(f"SELECT Id, AccountId, OwnerId FROM Contact WHERE Name = '{contact}'")
        for number in range(8):
            task = {"WhoId": person["Id"], "WhatId": person["AccountId"], "OwnerId": person["OwnerId"]}
            made = {**task, "Subject": f"{key} {number}", "ActivityDate": "2026-01-12"}
            assert told.call("POST", "sobjects/Task", json=made).status == 201
    for number in range(8):
        make_portal_task(hub, account_id(told, "recovered", "hubspot"), f"recovered {number}")
    told.turn("2026-03-05T06:00:00Z")
    rows = told.soql("SELECT Subject, IsClosed, CompletedDateTime FROM Task")["records"]
    assert {row["IsClosed"] for row in rows if row["Subject"].startswith("danger")} == {False}
    assert max(row["CompletedDateTime"] for row in rows if row["Subject"].startswith("silent"))[:10] <= "2026-01-12"
    tasks = hub.get("/_sandbox/records/tasks", crm="hubspot", limit="100")
    assert {task["hs_task_status"] for task in tasks} == {"COMPLETED"}
    assert [
        task for task in tasks if not any(said in task["hs_task_body"] for said in TOLD["recovered"].rep_says)
    ] == []


def make_portal_task(hub, company, subject):
    properties = {
        "hs_task_subject": subject,
        "hs_task_status": "NOT_STARTED",
        "hs_timestamp": "2026-01-12T08:00:00Z",
        "hubspot_owner_id": hub.get(f"companies/{company}", properties="hubspot_owner_id")["properties"][
            "hubspot_owner_id"
        ],
    }
    ends = [{"to": {"id": company}, "types": [{"associationTypeId": 192}]}]
    hub.post("tasks", {"properties": properties, "associations": ends}, 201)


def test_renewals_go_on_and_are_near_again_after_a_year_in_both_crms_alike(told):
    seen = {}
    for days in (0, 182, 222, 223, 365):
        told.house.turning.turn(START + timedelta(days=days))
        assert renewal(told, "danger") == company(told, "danger", "renewal_date")
        seen[days] = renewal(told, "danger")
    assert seen == {0: "2026-08-15", 182: "2026-08-15", 222: "2026-08-15", 223: "2027-02-12", 365: "2027-02-12"}


def test_a_rep_brings_a_renewal_forward_and_another_holds_the_account_for_the_whole_year(told):
    held = "SELECT Closedloop_Hold_Until__c, Closedloop_Hold_Reason__c FROM Account WHERE Id = "
    until, renewals = [], []
    for days in (24, 26, 200, 365):
        told.house.turning.turn(START + timedelta(days=days))
        found = told.one(f"{held}'{account_id(told, 'held')}'")
        until.append((found["Closedloop_Hold_Until__c"], bool(found["Closedloop_Hold_Reason__c"])))
        renewals.append(company(told, "recovered", "renewal_date"))
    assert renewals == ["2026-11-06", "2026-11-06", "2026-09-02", "2027-09-02"]
    assert until == [(None, False), ("2026-08-23", True), ("2026-08-23", True), ("2027-03-01", True)]


def so_far(org):
    return {one["key"]: (one["so_far"], one["is_whole"]) for one in org.get("/_sandbox/stories")}


def test_of_a_story_only_what_has_happened_is_told(told, far):
    heard = [TOLD[key] for key in ("silent", "partner")]
    told.turn("2026-01-29T06:00:00Z")
    assert so_far(told) == dict.fromkeys(TOLD, ("", False))
    for wave, day in (("ask-1", "2026-02-09T06:00:00Z"), ("ask-2", "2026-02-20T06:00:00Z")):
        mails = [(story.address_of(one), wave) for story in heard for one in story.people]
        *others, last = mails
        send(told, far, *others, scale=True)
        told.turn(day)
        before = so_far(told)
        send(told, far, last, scale=True)
        told.turn(day.replace("T06", "T23").replace("-09T", "-17T").replace("-20T", "-28T"))
        after = so_far(told)
        assert before["silent"] == after["silent"] == (TOLD["silent"].line, True)
        assert before["held"] == (TOLD["held"].line, True)
        begun = (TOLD["partner"].begun, False)
        expected = {"ask-1": (("", False), begun), "ask-2": (begun, (TOLD["partner"].line, True))}
        assert (before["partner"], after["partner"]) == expected[wave]
    assert (after["danger"], after["recovered"]) == (("", False), ("", False))


def test_a_story_that_goes_on_says_so_on_the_pages_of_its_account_and_people(told, far):
    partner = TOLD["partner"]
    send(told, far, *((partner.address_of(one), "ask") for one in partner.people), scale=True)
    told.turn("2026-02-09T06:00:00Z")
    found = told.get("/_sandbox/stories")
    path = next(one for one in found if one["key"] == "partner")["records"][0]["page"]
    for page, going_on in ((path, "It goes on."), ("/_sandbox/records", "The story goes on.")):
        text = told.call("GET", page).body.decode()
        assert f"{partner.begun} <em>{going_on}</em>" in text
        assert partner.line not in text
    contact = told.one(f"SELECT Id FROM Contact WHERE AccountId = '{account_id(told, 'held')}' LIMIT 1")["Id"]
    assert TOLD["held"].line in told.call("GET", f"/_sandbox/records/salesforce/Contact/{contact}").body.decode()


def test_a_kept_world_is_not_opened_without_its_stories(tmp_path):
    sizes = {"accounts": 10, "contacts": 20, "start": parse_start("2026-01-05T06:00:00Z")}
    build(tmp_path, Plan(1, stories=True, **sizes)).close()
    build(tmp_path, Plan(1, stories=True, **sizes)).close()
    with pytest.raises(OtherWorld, match="with stories"):
        build(tmp_path, Plan(1, **sizes))
