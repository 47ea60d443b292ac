"""`closedloop check` against a living sandbox: every mistake at its place, exit codes, and nothing sent or written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli.main import app
from tests.e2e.living import House, living_sandbox, make_house, present

HUB_TIER = "      account.tier: company.tier\n"
UNREADY = "there is no database yet: `closedloop run sync` makes it and reads the records"


@pytest.fixture
def both(tmp_path: Path) -> Iterator[House]:
    """Settings with both CRMs, nothing of which is synced."""
    with living_sandbox(accounts=8, contacts=40, start=present().isoformat(timespec="seconds")) as sandbox:
        yield make_house(tmp_path, sandbox, with_hubspot=True)


def checked(house: House, *, code: int) -> Any:
    """What check prints as JSON; it must exit with this code."""
    done = CliRunner().invoke(app, ["check", "--json"], env=house.environ, catch_exceptions=False)
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def places(result: Any) -> list[str]:
    return [f"{each['file']}:{each['line']}:{each['column']} {each['severity']}" for each in result["mistakes"]]


def touched(house: House) -> tuple[int, int, int]:
    """Rows written to either CRM, and mails."""
    counts = house.sandbox.get("counts")
    return counts["salesforce"]["rows_written"], counts["hubspot"]["rows_written"], counts["mail"]["received"]


def test_the_example_has_no_mistakes_and_nothing_is_made_by_looking(both: House) -> None:
    result = checked(both, code=0)
    assert (result["mistakes"], result["uncounted"]) == ([], UNREADY)
    assert (result["levels"], result["types"], result["forecast"]) == (None, None, None)
    organisations = {name: each["organisation"] for name, each in result["connections"].items()}
    assert organisations == {"sf": both.environ["SALESFORCE_ORG_ID"], "hub": both.environ["HUBSPOT_ORG_ID"]}
    assert (touched(both), Path(both.environ["CLOSEDLOOP_DATA"]).exists()) == ((0, 0, 0), False)


def test_mistakes_that_only_the_crms_know_stand_at_their_places(both: House) -> None:
    both.edit("relationships.yaml", "account.kind = 'Partner'", "account.kind = 'Partners'")
    both.edit("closedloop.yaml", "account.renewal_on: company.renewal_date", "account.renewal_on: company.industry")
    both.edit("closedloop.yaml", "contact.language: contact.hs_language", "contact.language: contact.hs_langage")
    both.edit("closedloop.yaml", HUB_TIER, "")
    both.edit("programs/onboarding.yaml", "to: Closed Won", "to: Closed won")
    result = checked(both, code=2)
    assert places(result) == [
        "closedloop.yaml:72:27 error",
        "closedloop.yaml:75:25 error",
        "programs/onboarding.yaml:10:44 warning",
        "relationships.yaml:3:43 warning",
        "relationships.yaml:4:61 warning",
    ]
    assert touched(both) == (0, 0, 0)


def test_a_crm_that_does_not_let_us_in_is_told_beside_the_other_one(both: House) -> None:
    both.environ["SALESFORCE_CLIENT_SECRET"] = "wrong"  # that it is no secret is the point
    result = checked(both, code=3)
    assert result["connections"]["sf"]["organisation"] is None
    assert "sf: " in result["connections"]["sf"]["failure"]
    assert result["connections"]["hub"]["failure"] is None
    assert result["mistakes"] == []


def test_files_with_mistakes_ask_no_crm(house: House) -> None:
    before = house.requests()
    house.edit("relationships.yaml", "account.kind = 'Partner'", "account.kindd = 'Partner'")
    result = checked(house, code=2)
    assert places(result) == ["relationships.yaml:3:28 error"]
    assert (result["connections"], house.requests()) == ({}, before)


def test_what_is_synced_is_counted_and_stays_as_it_is(house: House) -> None:
    due = house.make_due()
    house.json("run", "sync")
    status = house.json("status")
    result = checked(house, code=0)
    assert result["types"] == {"partner": 0, "strategic": due, "ongoing": 0, "regular": 0, "transactional": 0}
    levels = result["levels"]
    assert sum(levels[name] for name in ("executive", "manager", "user", "unknown")) == levels["total"] > 0
    plan = house.json("plan")
    today = sum(decision["verdict"] == "ask" for decision in plan["decisions"])
    assert result["forecast"]["busiest"] == {"on": plan["as_of"], "asks": today}
    assert result["connections"]["sf"]["facts"]["account.tier"] == {
        "field": "Account.Tier__c",
        "known": due,
        "records": due,
    }
    assert house.json("status") | {"at": status["at"]} == status
    assert (house.mails(), house.writes()) == (0, 0)


def test_elsewhere_than_on_a_terminal_each_mistake_is_one_line(house: House) -> None:
    house.edit("relationships.yaml", "account.kind = 'Partner'", "account.kind = 'Partners'")
    done = house.run("check", code=0)
    first, blank, *rest = done.stdout.splitlines()
    assert first == (
        "relationships.yaml:3:43  warning  'Partners' is not a value of Account.Type in sf (Customer, Partner, "
        "Prospect); but Account.Type may hold other texts. Did you mean 'Partner'?"
    )
    assert (blank, rest) == (
        "",
        [
            f"sf          signed in to {house.environ['SALESFORCE_ORG_ID']}",
            f"mail relay  ready at {house.environ['SMTP_RELAY']}",
            f"counts      {UNREADY}",
            "",
            "1 warning; nothing was sent or written.",
        ],
    )
    assert done.stderr == ""
