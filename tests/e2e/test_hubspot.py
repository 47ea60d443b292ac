"""One HubSpot portal with the real command and client: the loop from a due milestone to the score, and what fails."""

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from signal import SIGTERM
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.bootstrap import configure, wired
from jobs.firing import fire_quietly
from jobs.stages import jobs_of
from tests.e2e.living import ROOT, House, access, environment, living_sandbox, make_house, noon_zone, present
from tests.e2e.portals import ALWAYS, Portal
from tests.e2e.turns import until_looped

EXAMPLES = ROOT / "config" / "examples"
KINDS = {"account": "companies", "contact": "contacts", "opportunity": "deals", "case": "tickets"}
SIZES = {"accounts": 8, "contacts": 40, "hubspot-companies": 8, "hubspot-contacts": 40}
LEFT_OUT = "\n".join(f"{stage} was not run: it needs sync, which failed." for stage in ("derive", "plan"))


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """Settings in shadow mode against 8 companies with 40 contacts, nothing of which is due yet."""
    with living_sandbox(**SIZES, start=present().isoformat(timespec="seconds")) as sandbox:
        copytree(EXAMPLES / "kea-hubspot", tmp_path / "settings")
        zone_name, zone = noon_zone(present())
        given = environment(tmp_path, sandbox)
        environ = {name: value for name, value in given.items() if not name.startswith("SALESFORCE_")} | access(sandbox)
        portal = Portal(folder=tmp_path / "settings", environ=environ, sandbox=sandbox, today_zone=zone)
        portal.edit("closedloop.yaml", "timezone: Pacific/Auckland", f"timezone: {zone_name}")
        portal.use_own_ports()
        for program in (portal.folder / "programs").iterdir():
            portal.edit(f"programs/{program.name}", "starts_on: 2026-01-01", "starts_on: 2020-01-01")
        yield portal


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Portal]:
    """The example with its org and a portal beside it; conditions know the words of both."""
    with living_sandbox(**SIZES, start=present().isoformat(timespec="seconds")) as sandbox:
        house = make_house(tmp_path, sandbox)
        environ = house.environ | access(sandbox)
        portal = Portal(folder=house.folder, environ=environ, sandbox=sandbox, today_zone=house.today_zone)
        text = (EXAMPLES / "kea-hubspot" / "closedloop.yaml").read_text()
        connection = text.partition("crms:\n")[2].partition("\n#")[0]
        portal.edit("closedloop.yaml", "crms:\n", f"crms:\n{connection}")
        for kind in ("Partner", "Customer"):
            portal.edit(
                "relationships.yaml", f"account.kind = '{kind}'", f"account.kind in ('{kind}', '{kind.upper()}')"
            )
        yield portal


def sync_error(house: House) -> str:
    (error,) = (run["error"] for run in house.json("status")["runs"] if run["stage"] == "sync:hub")
    return str(error)


def written(report: dict[str, Any]) -> dict[str, int]:
    return {name: report[name] for name in ("written", "unchanged", "postponed", "would_write")}


def counts(**changes: int) -> dict[str, int]:
    return {"written": 0, "unchanged": 0, "postponed": 0, "would_write": 0} | changes


def test_a_due_wave_is_asked_answered_on_the_page_and_shown_on_the_portal_s_contacts_once(portal: Portal) -> None:
    portal.make_due()
    portal.go_live()
    responses = portal.ask_and_answer()
    asked = portal.json("status")["outcomes"]["real"]["sent"]
    assert portal.mails() == asked > responses > 0
    assert (portal.writes(), portal.shown()) == (0, {})
    portal.edit("closedloop.yaml", "mode: live", "mode: shadow")
    would = portal.json("run", "write_back")["write_back"]["hub"]["would_write"]
    assert (would > 0, portal.writes()) == (True, 0)
    portal.edit("closedloop.yaml", "mode: shadow", "mode: live")
    assert written(portal.json("run", "write_back")["write_back"]["hub"]) == counts(written=would)
    assert (portal.writes(), portal.shown()) == (would, portal.posted())
    before = portal.requests()
    assert written(portal.json("run", "write_back")["write_back"]["hub"]) == counts()
    assert (portal.writes(), portal.requests()) == (would, before)
    portal.settle()
    assert portal.json("run", "sync")["sync"]["hub"]["contact"]["changed"] == 0, "our own writes are no news"
    assert written(portal.json("run", "write_back")["write_back"]["hub"]) == counts()


def test_sync_pulls_the_portal_and_the_next_one_only_what_changed(portal: Portal) -> None:
    rows = {kind: len(portal.records(name)) for kind, name in KINDS.items()}
    pulled = portal.json("run", "sync")["sync"]["hub"]
    assert {kind: pulled[kind]["inserted"] for kind in rows} == rows
    others = {"owner": pulled["owner"]["inserted"], "contract": 0}
    assert portal.json("status")["records"]["hub"] == rows | others
    portal.settle()
    changed = portal.make_due()
    portal.settle()
    again = portal.json("run", "sync")["sync"]["hub"]
    assert {kind: (again[kind]["inserted"], again[kind]["changed"]) for kind in rows} == {
        "account": (0, changed),
        "contact": (0, 0),
        "opportunity": (0, 0),
        "case": (0, 0),
    }


def test_shadow_decides_and_sends_and_writes_nothing(portal: Portal) -> None:
    portal.make_due()
    done = portal.json("run", "all")
    assert done["ask"]["refusal"] == "mode is shadow: nothing is made or sent"
    outcomes = portal.json("status")["outcomes"]
    assert outcomes["shadow"]["sent"] == done["plan"]["shadow ask"] > 0
    assert set(outcomes["real"].values()) == {0}
    assert (portal.mails(), portal.writes()) == (0, 0)


def test_nobody_who_opted_out_or_bounced_in_the_portal_is_asked_and_each_has_the_reason(portal: Portal) -> None:
    portal.make_due()
    opted_out, bounced, *_ = (contact for contact in portal.records("contacts") if contact["email"])
    portal.change("contacts", opted_out["id"], hs_email_optout=True)
    portal.change("contacts", bounced["id"], hs_email_hard_bounce_reason_enum="UNKNOWN_USER")
    portal.json("run", "sync")
    rules = {decision["person"]: decision["rule"] for decision in portal.json("plan")["decisions"]}
    values = {f"hub/{contact['id']}": contact for contact in portal.records("contacts")}
    assert {key for key, rule in rules.items() if rule == "opted out"} == {
        key for key in rules if values[key]["hs_email_optout"] == "true" and values[key]["email"]
    }
    assert rules[f"hub/{opted_out['id']}"] == "opted out"
    assert rules[f"hub/{bounced['id']}"] == "bounced"
    assert "asked" in rules.values()


def test_a_wrong_token_ends_with_3_says_what_to_do_and_is_not_shown(portal: Portal) -> None:
    wrong = "pat-eu1-that-the-portal-does-not-know"
    failed = portal.run("run", "all", code=3, HUBSPOT_ACCESS_TOKEN=wrong)
    *left_out, told = failed.stderr.splitlines()
    assert left_out == LEFT_OUT.splitlines()
    assert told.startswith("closedloop: hub: HTTP 401 INVALID_AUTHENTICATION (correlation id ")
    assert told.endswith("): the access token is not valid; put a new one into login")
    assert wrong not in failed.stderr + failed.stdout + json.dumps(portal.json("status"))
    assert sync_error(portal).startswith("CrmAuthError: hub: HTTP 401")
    assert portal.json("status")["records"] == {"hub": {}}


def test_another_portal_than_the_pinned_one_is_neither_read_nor_written(portal: Portal) -> None:
    portal.make_due()
    portal.go_live()
    told = (
        f"closedloop: hub: the token opens portal {portal.environ['HUBSPOT_ORG_ID']}, but 4711 is pinned; nothing was"
        " read, sent or written\n"
    )
    assert portal.run("run", "all", code=3, HUBSPOT_ORG_ID="4711").stderr == f"{LEFT_OUT}\n{told}"
    assert portal.json("status")["records"] == {"hub": {}}
    portal.ask_and_answer()
    assert portal.run("run", "write_back", code=3, HUBSPOT_ORG_ID="4711").stderr == told
    assert portal.writes() == 0
    assert portal.json("run", "write_back")["write_back"]["hub"]["written"] == portal.writes() > 0


def test_with_the_opt_out_hidden_nobody_is_asked(portal: Portal) -> None:
    portal.make_due()
    portal.go_live()
    portal.sandbox.fault("hide_field", crm="hubspot", object="contacts", field="hs_email_optout")
    assert portal.run("run", "all", code=1).stderr == (
        f"{LEFT_OUT}\n"
        "closedloop: hub: contact.hs_email_optout (contact.opted_out) is missing or hidden: without it people who opted"
        " out could be asked; make it visible to the app, or map contact.opted_out to the property that holds the"
        " opt-out\n"
    )
    assert portal.json("run", "plan")["plan"].keys() == {"digest"}, "what is not loaded is not planned"
    portal.json("run", "ask")
    assert (portal.mails(), portal.writes()) == (0, 0)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("html", "hub: HTTP 502: HubSpot is not available"),
        ("empty", "hub: HubSpot's answer is not JSON"),
        ("cut", "hub: HubSpot could not be reached (ProtocolError)"),
    ],
)
def test_a_portal_that_answers_html_or_nothing_or_cuts_the_line_is_tried_again_and_nothing_is_lost(
    portal: Portal, status: str, told: str
) -> None:
    portal.json("run", "sync")
    portal.settle()
    changed = portal.make_due()
    portal.settle()
    portal.break_down(status)
    assert portal.run("run", "sync", code=3).stderr == f"closedloop: {told}\n"
    assert sync_error(portal) == f"CrmUnavailable: {told}"
    with wired(configure(portal.folder, environ=portal.environ)) as ports, capture_logs() as logs:
        (sync,) = jobs_of(ports, stage="sync")
        fire_quietly(sync, ports)
    assert [(line["event"], line["verdict"]) for line in logs] == [("job_failed", "retry")]
    portal.mend()
    assert portal.json("run", "sync")["sync"]["hub"]["account"]["changed"] == changed
    assert portal.json("run", "plan")["plan"]["shadow ask"] > 0


def test_a_first_load_whose_line_is_cut_plans_nothing_and_goes_on_after_the_stored_pages(portal: Portal) -> None:
    portal.make_due()
    portal.break_down("cut", path_contains="/objects/2026-03/contacts")
    portal.run("run", "sync", code=3)
    companies, contacts = len(portal.records("companies")), len(portal.records("contacts"))
    assert portal.json("status")["records"]["hub"].get("account") == companies
    assert portal.json("plan")["decisions"] == []
    portal.mend()
    again = portal.json("run", "sync")["sync"]["hub"]
    assert (again["account"]["inserted"], again["contact"]["inserted"]) == (0, contacts)
    assert portal.json("run", "plan")["plan"]["shadow ask"] > 0


def test_writes_that_meet_a_portal_that_is_down_or_loses_its_answers_reach_it_and_do_not_come_again(
    portal: Portal,
) -> None:
    portal.make_due()
    portal.go_live()
    portal.ask_and_answer()
    portal.break_down("html")
    failed = portal.run("run", "write_back", code=3)
    assert failed.stderr == "closedloop: hub: HTTP 502: HubSpot is not available\n"
    assert portal.shown() == {}
    portal.mend()
    portal.sandbox.fault("answer_lost", crm="hubspot", path_contains="/batch/update")
    report = portal.json("run", "write_back")["write_back"]["hub"]
    assert (report["written"] >= len(portal.posted()), portal.shown()) == (True, portal.posted())
    reached = portal.writes()
    assert written(portal.json("run", "write_back")["write_back"]["hub"]) == counts()
    assert portal.writes() == reached


def addresses(house: Portal, opted_out: bool = False) -> tuple[set[str], set[str]]:
    """The addresses of the org and of the portal; with `opted_out` only of those who opted out there."""
    org, portal = house.sandbox.get("records/Contact", limit=ALWAYS), house.records("contacts")
    return (
        {each["Email"].lower() for each in org if each["Email"] and (each["HasOptedOutOfEmail"] or not opted_out)},
        {each["email"] for each in portal if each["email"] and (each["hs_email_optout"] == "true" or not opted_out)},
    )


def test_an_org_and_a_portal_side_by_side_are_one_loop_in_which_nobody_is_asked_twice(both: Portal) -> None:
    House.make_due(both)
    both.make_due()
    both.go_live()
    with both.running("serve") as serving:
        until_looped(both, serving)
        serving.signal(SIGTERM)
        assert serving.ended() == 0
    responses = both.answer()
    recipients = [mail["recipient"] for mail in both.sandbox.get("mails", limit=ALWAYS)]
    assert len(recipients) == len(set(recipients)) == both.json("status")["outcomes"]["real"]["sent"]
    in_org, in_portal = addresses(both)
    assert all(set(recipients) & some for some in (in_org - in_portal, in_portal - in_org, in_org & in_portal))
    said_no = set().union(*addresses(both, opted_out=True))
    assert (len(said_no) > 0, set(recipients) & said_no) == (True, set())
    report = both.json("run", "write_back")["write_back"]
    assert {crm: each["written"] > 0 for crm, each in report.items()} == {"sf": True, "hub": True}
    assert sum(each["written"] for each in report.values()) >= responses
    assert (House.writes(both), both.writes()) == (report["sf"]["written"], report["hub"]["written"])
    again = both.json("run", "write_back")["write_back"]
    assert {crm: written(each) for crm, each in again.items()} == {"sf": counts(), "hub": counts()}


def test_a_portal_that_refuses_its_token_does_not_keep_the_org_from_syncing(both: Portal) -> None:
    failed = both.run("run", "sync", code=3, HUBSPOT_ACCESS_TOKEN="pat-eu1-that-the-portal-does-not-know")
    assert "hub: HTTP 401" in failed.stderr
    records = both.json("status")["records"]
    assert (records["hub"], records["sf"]["contact"]) == ({}, len(both.sandbox.get("records/Contact", limit=ALWAYS)))
