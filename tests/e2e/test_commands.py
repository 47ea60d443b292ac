"""The `closedloop` command against a living sandbox: what it prints, what it sends and writes, how it exits."""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connector.cli.main import app
from tests.e2e.living import House
from tests.e2e.processes import COMMAND

STAGES = ["sync", "derive", "plan", "ask", "act", "tasks", "write_back"]
JOBS = ["act", "ask", "derive", "plan", "sync:sf", "tasks:sf", "write_back:sf"]
LEFT_OUT = "".join(f"{stage} was not run: it needs sync, which failed.\n" for stage in ("derive", "plan"))
NO_OUTCOMES = dict.fromkeys(("sent", "deferred", "substituted", "blocked", "failed"), 0)


def asked(plan: dict) -> int:
    return sum(decision["verdict"] == "ask" for decision in plan["decisions"])


def outcomes(house: House, track: str) -> dict[str, int]:
    return house.json("status")["outcomes"][track]


def last_runs(house: House) -> dict[str, tuple[str, str | None]]:
    return {run["stage"]: (run["outcome"], run["error"]) for run in house.json("status")["runs"]}


def test_sync_pulls_the_org_and_status_counts_what_is_known(house: House) -> None:
    rows = {
        kind: len(house.sandbox.get(f"records/{name}", limit=1000))
        for kind, name in (("account", "Account"), ("contact", "Contact"), ("opportunity", "Opportunity"))
    }
    pulled = house.json("run", "sync")["sync"]["sf"]
    assert {kind: pulled[kind]["pulled"] for kind in rows} == rows
    state = house.json("status")
    assert {kind: state["records"]["sf"][kind] for kind in rows} == rows
    assert (state["mode"], state["stopped_at"], state["responses"]) == ("shadow", None, 0)
    assert state["outcomes"] == {"shadow": NO_OUTCOMES, "real": NO_OUTCOMES}
    assert last_runs(house) == {"sync:sf": ("ok", None), "derive": ("ok", None)}
    text = house.run("status").stdout
    assert f"{rows['account']} accounts, {rows['contact']} contacts, {rows['opportunity']} opportunities" in text


def test_a_plan_shows_one_decision_with_its_reasons_for_each_person_and_decides_nothing(house: House) -> None:
    house.make_due()
    house.json("run", "sync")
    plan = house.json("plan")
    contacts = {f"sf/{contact['Id']}": contact for contact in house.sandbox.get("records/Contact", limit=1000)}
    assert Counter(decision["person"] in contacts for decision in plan["decisions"]).keys() == {True}
    assert {decision["track"] for decision in plan["decisions"]} == {"shadow"}
    assert all(decision["reasons"] for decision in plan["decisions"])
    no_address = {decision["person"] for decision in plan["decisions"] if decision["rule"] == "no address"}
    assert no_address == {key for key, contact in contacts.items() if not contact["Email"]} != set()
    opted_out = {
        decision["person"]
        for decision in plan["decisions"]
        if any(reason["rule"] == "opted out" for reason in decision["reasons"])
    }
    assert opted_out == {key for key, contact in contacts.items() if contact["HasOptedOutOfEmail"]} != set()
    assert house.json("status")["outcomes"]["shadow"] == NO_OUTCOMES
    shown = house.run("plan").stdout
    assert f"{len(plan['decisions'])} candidates" in shown
    assert plan["digest"][:12] in shown


def test_a_plan_that_still_holds_is_run_as_it_was_shown(house: House) -> None:
    house.make_due()
    house.json("run", "sync")
    plan = house.json_of_process("plan", hash_seed=1)
    done = house.json_of_process("run", "plan", "--plan", str(plan["plan"]), hash_seed=2)["plan"]
    assert done["digest"] == plan["digest"], "whatever the order of sets in a process"
    assert done["shadow ask"] == asked(plan) == outcomes(house, "shadow")["sent"]
    assert sum(outcomes(house, "shadow").values()) == len(plan["decisions"])
    assert last_runs(house)["plan"] == ("ok", None)


def test_a_plan_that_no_longer_holds_is_refused_with_the_difference(house: House) -> None:
    house.make_due()
    house.json("run", "sync")
    plan = house.json("plan")
    house.edit("programs/strategic.yaml", "who: contact.level is known", "who: contact.level = 'executive'")
    refused = house.run("run", "plan", "--plan", str(plan["plan"]), code=1)
    lines = refused.stderr.splitlines()
    assert lines[0] == "Not run: What would be decided now differs from the plan."
    then = [line for line in lines[1:] if line.startswith("  in the plan only: strategic/before-renewal/")]
    now = [line for line in lines[1:] if line.startswith("  now only: strategic/before-renewal/")]
    assert len(then) == len(now) == len(lines[1:]) / 2 > 0
    assert Counter(line.endswith(": ask (asked)") for line in then)[True] == asked(plan)
    lost = [line for line in now if line.endswith(": block (no seat)")]
    assert len(lost) > Counter(line.endswith(": block (no seat)") for line in then)[True]
    assert house.json("status")["outcomes"]["shadow"] == NO_OUTCOMES
    assert last_runs(house)["plan"][0] == "failed"


def test_an_unknown_plan_is_a_failure_that_is_noted(house: House) -> None:
    house.json("run", "sync")
    told = "There is no plan 77: `closedloop plan` makes one and prints its number."
    assert house.run("run", "plan", "--plan", "77", code=1).stderr == f"closedloop: {told}\n"
    assert last_runs(house)["plan"] == ("failed", f"UnknownPlan: {told}")


def test_an_unknown_stage_is_a_wrong_use_of_the_command(house: House) -> None:
    assert "expected one of sync, derive, plan" in " ".join(house.run("run", "dance", code=2).stderr.split())
    assert "--plan goes with" in house.run("run", "ask", "--plan", "1", code=2).stderr


def test_shadow_runs_the_whole_loop_and_sends_and_writes_nothing(house: House) -> None:
    house.make_due()
    done = house.json("run", "all")
    assert list(done) == STAGES
    assert done["ask"]["refusal"] == "mode is shadow: nothing is made or sent"
    assert done["plan"]["shadow ask"] > 0
    assert outcomes(house, "real") == NO_OUTCOMES
    assert (house.mails(), house.writes()) == (0, 0)
    assert last_runs(house) == dict.fromkeys(JOBS, ("ok", None))


def test_live_sends_each_decided_mail_once_however_often_it_runs(house: House) -> None:
    house.make_due()
    house.go_live()
    done = house.json("run", "all")
    assert done["ask"]["sent"] == done["plan"]["real ask"] == house.mails() > 0
    again = house.json("run", "all")
    assert (again["ask"]["made"], again["ask"].get("sent"), house.mails()) == (0, None, done["ask"]["sent"])
    recipients = [mail["recipient"] for mail in house.sandbox.get("mails", limit=1000)]
    assert len(set(recipients)) == len(recipients) == done["ask"]["sent"]
    assert outcomes(house, "real")["sent"] == done["ask"]["sent"]


def test_stop_halts_mail_until_it_is_resumed(house: House) -> None:
    house.make_due()
    house.go_live()
    house.json("run", "sync")
    stopped = house.json("stop", "--reason", "audit")["stopped_at"]
    planned = house.json("run", "plan")["plan"]
    halted = house.json("run", "ask")["ask"]
    assert halted["halted"] == "stopped: mail waits until it is resumed"
    assert house.mails() == 0
    assert house.json("status")["stopped_at"] == stopped
    assert house.json("status")["stop_reason"] == "audit"
    assert re.match(r"mode live, STOPPED since \d+ \w+ \d{4} at \d\d:\d\d: audit\n", house.run("status").stdout)
    assert house.run("stop").stdout.startswith("Stopped: no mail leaves and nothing is written")
    assert house.json("status")["stopped_at"] == stopped, "the first moment stands"
    assert house.run("resume").stdout == "Resumed.\n"
    assert house.run("resume").stdout == "Nothing was stopped.\n"
    assert house.json("run", "ask")["ask"]["sent"] == planned["real ask"] == house.mails()


def test_every_mistake_of_the_settings_is_told_with_its_place_and_nothing_is_run(house: House) -> None:
    house.edit("closedloop.yaml", "mode: shadow", "mode: shadowy")
    house.edit("closedloop.yaml", "    every: 15 minutes", "    evry: 15 minutes")
    house.edit("programs/ongoing.yaml", "survey: relationship", "survey: relatoinship")
    house.edit("relationships.yaml", "account.tier = 'A'", "account.teir = 'A'")
    before = house.requests()
    failed = house.run("run", "all", code=2)
    lines = failed.stderr.splitlines()
    assert lines == [
        "closedloop.yaml:6:7: found 'shadowy'; expected 'shadow', 'test' or 'live'",
        "closedloop.yaml:40:5: found the unknown key `evry`; did you mean `every`?",
        "programs/ongoing.yaml:6:9: found 'relatoinship'; did you mean relationship?",
        "relationships.yaml:4:61: found the unknown fact `account.teir`; did you mean `account.tier`?",
        "4 mistakes; nothing was run.",
    ]
    assert (failed.stdout, house.requests() - before, (house.folder.parent / "data").exists()) == ("", 0, False)


def test_missing_variables_and_a_missing_folder_are_mistakes_of_the_configuration(house: House) -> None:
    del house.environ["SALESFORCE_CLIENT_SECRET"]
    failed = house.run("status", code=2).stderr
    assert "found the environment variable SALESFORCE_CLIENT_SECRET not set" in failed
    del house.environ["CLOSEDLOOP_CONFIG"]
    failed = house.run("status", code=2).stderr
    assert "closedloop.yaml:1:1: found no such file" in failed


def test_wrong_credentials_end_with_3_and_no_secret_is_shown(house: House) -> None:
    wrong = "a-secret-that-the-org-does-not-know"
    failed = house.run("run", "all", code=3, SALESFORCE_CLIENT_SECRET=wrong)
    assert failed.stderr.startswith(f"{LEFT_OUT}closedloop: sf: sign-in refused (HTTP 400 invalid_client)")
    assert "client_id or client_secret is wrong" in failed.stderr
    assert wrong not in failed.stderr + failed.stdout + json.dumps(house.json("status"))
    ended = {job: outcome for job, (outcome, _) in last_runs(house).items()}
    others = dict.fromkeys(("ask", "act", "tasks:sf", "write_back:sf"), "ok")
    assert ended == others | {"sync:sf": "failed"}, "only what needs the sync was not run"


def test_another_org_than_the_settings_name_is_never_pinned_nor_mailed(house: House) -> None:
    house.make_due()
    house.go_live()
    house.json("run", "sync")
    house.json("run", "plan")
    ours, other = house.environ["SALESFORCE_ORG_ID"], "00D000000000000AAA"
    for stage in ("sync", "ask"):
        assert (
            "is pinned; nothing was read, sent or written"
            in house.run("run", stage, code=3, SALESFORCE_ORG_ID=other).stderr
        )
    assert house.mails() == 0
    house.run("run", "ask", SALESFORCE_ORG_ID=ours)
    assert house.mails() > 0


def test_an_expired_fixed_token_ends_with_3(house: House) -> None:
    house.edit("closedloop.yaml", "flow: client_credentials", "flow: token")
    house.edit("closedloop.yaml", '      client_id: "${env:SALESFORCE_CLIENT_ID}"\n', "")
    house.edit(
        "closedloop.yaml",
        'client_secret: "${env:SALESFORCE_CLIENT_SECRET}"',
        'access_token: "${env:SALESFORCE_ACCESS_TOKEN}"',
    )
    house.environ["SALESFORCE_ACCESS_TOKEN"] = house.sandbox.ready["salesforce"]["access_token"]
    house.json("run", "sync")
    house.sandbox.fault("expire_tokens")
    failed = house.run("run", "sync", code=3)
    assert failed.stderr == "closedloop: sf: the access token is not valid; put a new one into login\n"


def test_an_expired_session_of_the_app_is_renewed_without_a_word(house: House) -> None:
    house.sandbox.fault("expire_after", requests=3)
    house.json("run", "sync")
    house.sandbox.fault("expire_tokens")
    assert house.run("run", "sync").stderr == ""


def test_another_org_than_the_pinned_one_ends_with_3_and_nothing_is_read(house: House) -> None:
    failed = house.run("run", "sync", code=3, SALESFORCE_ORG_ID="00D5e000000ABCD")
    assert "00D5e000000ABCD" in failed.stderr
    assert house.json("status")["records"] == {"sf": {}}


def test_an_org_that_is_not_available_ends_with_3(house: House) -> None:
    house.sandbox.fault("fail_next", status=503, count=100)
    failed = house.run("run", "sync", code=3)
    assert "the org is not available" in failed.stderr


def test_without_the_opt_out_field_nobody_is_asked(house: House) -> None:
    house.make_due()
    house.go_live()
    house.sandbox.fault("hide_field", object="Contact", field="HasOptedOutOfEmail")
    failed = house.run("run", "all", code=1)
    assert failed.stderr == (
        f"{LEFT_OUT}"
        "closedloop: sf: Contact.HasOptedOutOfEmail (contact.opted_out) is missing or hidden from the integration user:"
        " without it people who opted out could be asked; grant it read access to the field, or map contact.opted_out"
        " to the field that holds the opt-out\n"
    )
    assert house.json("run", "plan")["plan"].keys() == {"digest"}, "what is not loaded is not planned"
    house.json("run", "ask")
    assert (house.mails(), house.writes()) == (0, 0)


def test_a_relay_that_cannot_be_reached_postpones_the_mail_and_loses_none(house: House) -> None:
    house.make_due()
    house.go_live()
    done = house.json("run", "sync"), house.json("run", "plan")
    relay = house.environ["SMTP_RELAY"]
    house.environ["SMTP_RELAY"] = "127.0.0.1:1"
    failed = house.run("run", "ask", code=3)
    assert failed.stderr == "closedloop: mail waits: 127.0.0.1:1 cannot be used (ConnectionRefusedError).\n"
    assert last_runs(house)["ask"] == ("postponed", "mail waits: 127.0.0.1:1 cannot be used (ConnectionRefusedError).")
    assert house.mails() == 0
    house.environ["SMTP_RELAY"] = relay
    sent = house.json("run", "ask")["ask"].get("sent", 0)
    assert sent == house.mails() > 0
    assert done[1]["plan"]["real ask"] - sent in (0, 1), "the one that was tried waits for its next attempt"


def test_a_database_that_is_none_ends_with_1_and_says_so(house: House) -> None:
    house.run("status")
    (house.folder.parent / "data" / "closedloop.sqlite").write_text("this is no database, but a text\n" * 200)
    failed = house.run("status", code=1)
    assert failed.stderr.startswith("closedloop: ")
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize(
    "command", ["init", "schema", "plan", "run", "status", "serve", "stop", "resume", "demo", "sandbox"]
)
def test_every_command_explains_itself_without_any_settings(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"{command} [OPTIONS]" in shown.stdout
    assert len(shown.stdout.splitlines()) > 5


def test_help_lists_every_command(tmp_path: Path) -> None:
    shown = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True)
    assert shown.stderr == ""
    for command in ("init", "schema", "plan", "run", "status", "serve", "stop", "resume", "demo", "sandbox"):
        assert re.search(rf"^\W*{command} ", shown.stdout, re.MULTILINE), command
