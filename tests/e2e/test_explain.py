"""`closedloop explain` as a command: ten asked and ten unasked people of a lived world, and what to type for one."""

from datetime import date
from typing import Any

import pytest

from connector.domain.sentences import day_in_words
from tests.e2e.living import House

PARTS = ("rule", "value", "threshold", "source", "on", "sentence")


def reasons(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Every reason of an explanation, those of the newest verdict first."""
    verdicts = [verdict for each in told["decisions"] for verdict in each["verdicts"]]
    decided = [reason for verdict in verdicts for reason in verdict["reasons"]]
    return [*decided, *(each["reason"] for each in told["undecided"])]


def judge(house: House, person: str) -> str:
    """The rule that decided about somebody, after a look at each of their reasons."""
    told = house.json("explain", person)
    found = reasons(told)
    assert found
    for reason in found:
        assert all(reason[part] for part in PARTS), reason
        date.fromisoformat(reason["on"])
        assert reason["sentence"].endswith(f"({reason['source']}, {day_in_words(reason['on'])}).")
        assert reason["sentence"].split(":")[0] in ("Asked", "Not asked", "Never asked", "Not asked so far")
    return str(told["decisions"][0]["verdicts"][0]["rule"] if told["decisions"] else found[0]["rule"])


def test_ten_asked_and_ten_unasked_people_each_know_why(house: House) -> None:
    house.make_due()
    contacts = house.sandbox.get("records/Contact", limit=100)
    for one in contacts[:4]:
        house.touch("Contact", one["Id"], HasOptedOutOfEmail=True)
    for one in contacts[4:8]:
        house.touch("Contact", one["Id"], Email=None)
    house.go_live()
    house.json("run", "sync")
    house.json("run", "plan")
    decided = {row["person"]: row["rule"] for row in house.json("plan")["decisions"]}
    keys = sorted(f"sf/{one['Id']}" for one in contacts)
    rules = {key: judge(house, key) for key in keys}
    asked, unasked = [key for key in keys if rules[key] == "asked"], [key for key in keys if rules[key] != "asked"]
    assert (len(asked) >= 10, len(unasked) >= 10) == (True, True), (asked, unasked)
    assert {rules[key] for key in unasked} >= {"opted out", "no address"}
    assert {key: rules[key] for key in decided if key in rules} == {
        key: decided[key] for key in decided if key in rules
    }


def test_one_person_reads_as_sentences_and_of_several_each_is_named(house: House) -> None:
    one, other = house.sandbox.get("records/Contact", limit=2)
    house.touch("Contact", other["Id"], FirstName=one["FirstName"], LastName=one["LastName"])
    house.json("run", "sync")
    shown = house.run("explain", f"sf/{one['Id']}").stdout
    assert shown.startswith(f"{one['Name']}\n  sf/{one['Id']}: ")
    assert "Decisions, newest first\n  Nothing has been decided about them yet." in shown
    assert "Milestones that have not asked them" in shown
    assert "\x1b" not in shown
    several = house.run("explain", one["Name"], code=1).stdout
    assert several.startswith("2 people fit. Name one by its id:\n")
    assert {f"closedloop explain sf/{each['Id']}" for each in (one, other)} <= {
        line.strip().partition("  ")[0] for line in several.splitlines()
    }
    failed = house.run("explain", "Zoe Nobody", code=1)
    assert failed.stderr.startswith("closedloop: Nobody is known by 'Zoe Nobody': give a mail address")


@pytest.mark.parametrize(
    "command",
    [["plan"], ["explain", "x"], ["run", "all"], ["status"], ["serve"], ["stop"], ["resume"]],
    ids=lambda command: command[0],
)
def test_a_database_of_a_newer_version_is_refused_before_anything_else(command: list[str], newer_house: House) -> None:
    before = newer_house.requests()
    failed = newer_house.run(*command, code=1)
    assert failed.stdout == ""
    assert failed.stderr.startswith("closedloop: The database is at revision '9999', which this version")
    assert "Start the version that wrote it or a newer one, or restore a backup from before it" in failed.stderr
    assert newer_house.requests() == before
