"""The first hour of an admin: init, check, sync and plan in shadow; then test with one account; then live.

Everything by the command line against a living sandbox, which counts what was sent and written.
"""

import email
import json
import signal
from collections.abc import Iterator
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.sandbox.links import answer_link
from tests.e2e.living import House, environment, living_sandbox, noon_zone
from tests.e2e.processes import present

NOTHING = {"mails": 0, "rows written": 0, "tasks": 0, "records with our values": set()}
KEY = "a-key-of-a-newcomer-with-32-bytes"
ALL = 1000


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[House]:
    """A folder as `init` writes it, everything in the CRM due today, and the environment as its list names it."""
    zone_name, zone = noon_zone(present())
    with living_sandbox(accounts=8, contacts=40, start=present().isoformat(timespec="seconds")) as sandbox:
        told = environment(tmp_path, sandbox)
        house = House(
            folder=tmp_path / "settings",
            environ=told | {"CLOSEDLOOP_KEY": KEY},
            sandbox=sandbox,
            today_zone=zone,
        )
        answers = {
            "organisation": "Kea Instruments",
            "timezone": zone_name,
            "crms": "salesforce",
            "public-url": told["CLOSEDLOOP_PUBLIC_URL"],
            "relay": told["SMTP_RELAY"],
            "from": "feedback@kea.example",
            "stand-in": "feedback-desk@kea.example",
        }
        house.run("init", str(house.folder), "--yes", *(f"--{name}={answer}" for name, answer in answers.items()))
        house.use_own_ports()
        yield house


def effects(house: House) -> dict[str, Any]:
    """What the sandbox saw of us."""
    return {
        "mails": house.mails(),
        "rows written": house.writes(),
        "tasks": len(house.sandbox.get("records/Task", limit=ALL)),
        "records with our values": touched(house),
    }


def touched(house: House) -> set[str]:
    """The accounts whose record, or a contact's record, shows a value of ours."""
    accounts = house.sandbox.get("records/Account", limit=ALL)
    contacts = house.sandbox.get("records/Contact", limit=ALL)
    of_contacts = {each["AccountId"] for each in contacts if each["Closedloop_Score__c"] is not None}
    return of_contacts | {each["Id"] for each in accounts if each["Closedloop_Open_Actions__c"] is not None}


def asked(house: House) -> dict[str, str]:
    """Who is asked by today's plan: contact and account by id."""
    contacts = {each["Id"]: each["AccountId"] for each in house.sandbox.get("records/Contact", limit=ALL)}
    people = [row["person"] for row in house.json("plan")["decisions"] if row["verdict"] == "ask"]
    return {person.partition("/")[2]: contacts[person.partition("/")[2]] for person in people}


def recipients(house: House) -> list[str]:
    return sorted(mail["recipient"] for mail in house.sandbox.get("mails", limit=ALL))


def addresses(house: House, contact_ids: set[str]) -> list[str]:
    contacts = house.sandbox.get("records/Contact", limit=ALL)
    return sorted(each["Email"].lower() for each in contacts if each["Id"] in contact_ids)


def everybody_answers(house: House) -> None:
    """Whoever got a mail says on the page behind its link that it goes badly."""
    url = house.environ["CLOSEDLOOP_PUBLIC_URL"]
    with house.running("serve") as serving:
        serving.until(house.is_open)
        for mail in house.sandbox.get("mails", limit=ALL):
            raw = house.sandbox.get(f"mails/{mail['id']}")["raw"]
            link = answer_link(email.message_from_string(raw, policy=default), 2)  # type: ignore[arg-type]
            assert link is not None
            page = link.partition("?")[0]
            assert page.startswith(url)
            httpx.post(page, data={"relationship": "2"}, trust_env=False).raise_for_status()
        serving.signal(signal.SIGTERM)
        assert serving.ended() == 0


def test_shadow_touches_nothing_test_touches_one_account_and_live_the_rest(newcomer: House) -> None:
    newcomer.make_due()
    newcomer.run("check")
    newcomer.json("run", "sync")
    everybody = asked(newcomer)
    assert len(set(everybody.values())) > 1
    newcomer.json("run", "all")
    assert effects(newcomer) == NOTHING

    account_id = max(set(everybody.values()), key=list(everybody.values()).count)
    accounts = newcomer.sandbox.get("records/Account", limit=ALL)
    (name,) = (each["Name"] for each in accounts if each["Id"] == account_id)
    guests = {contact for contact, account in everybody.items() if account == account_id}
    listed = {"recipients": addresses(newcomer, guests), "accounts": [name.upper()]}
    newcomer.edit("closedloop.yaml", "mode: shadow", f"mode: test\ntest: {json.dumps(listed)}")
    assert asked(newcomer).keys() == guests, "what falls due from today on is decided for real"
    newcomer.json("run", "all")
    assert recipients(newcomer) == addresses(newcomer, guests)
    everybody_answers(newcomer)
    newcomer.json("run", "all")
    assert touched(newcomer) == {account_id}
    tasks = newcomer.sandbox.get("records/Task", limit=ALL)
    assert [task["WhatId"] for task in tasks] == [account_id] * len(guests)
    shown = newcomer.run("status").stdout
    assert f"at {name.upper()}: 1 account record now" in shown

    newcomer.edit("closedloop.yaml", "mode: test", "mode: live")
    newcomer.json("run", "all")
    assert recipients(newcomer) == addresses(newcomer, set(everybody))
