"""`closedloop serve` against a living sandbox: one turn of the loop from a due milestone to the value a rep sees."""

import signal

import httpx
import pytest

from tests.e2e.living import House
from tests.e2e.turns import finished, until_looped

ANSWER_TO_TASK_SECONDS = 120.0
"""What is promised; it takes about 15 s on an idle machine."""
END_SECONDS = 20.0
"""Signals end it within about a second; the rest is for a loaded machine."""


def scores(house: House) -> dict[str, float]:
    contacts = house.sandbox.get("records/Contact", limit=1000)
    shown = {contact["Email"]: contact["Closedloop_Score__c"] for contact in contacts}
    return {address: score for address, score in shown.items() if score is not None}


def standings(house: House) -> dict[str, tuple[int, int]]:
    """By account that shows a field of ours: its score in tenths, and of how many voices it is."""
    accounts = house.sandbox.get("records/Account", limit=1000)
    return {
        account["Id"]: (round(10 * account["Closedloop_Score__c"]), int(account["Closedloop_Voices__c"]))
        for account in accounts
        if any(account[f"Closedloop_{word}__c"] is not None for word in ("Score", "Score_On", "Voices", "Open_Actions"))
    }


def told_by_contacts(house: House) -> dict[str, tuple[int, int]]:
    """By account of somebody with a score: the mean of their scores in tenths, halves up, and how many people it is."""
    people: dict[str, dict[str, float]] = {}
    for contact in house.sandbox.get("records/Contact", limit=1000):
        if contact["Closedloop_Score__c"] is not None:
            people.setdefault(contact["AccountId"], {})[contact["Email"].lower()] = contact["Closedloop_Score__c"]
    return {key: (int(10 * sum(own.values()) / len(own) + 0.5), len(own)) for key, own in people.items()}


def test_a_due_wave_is_asked_answered_on_the_page_and_shown_on_the_crm_record(house: House) -> None:
    house.make_due()
    house.go_live()
    with house.running("serve") as running:
        running.until(house.is_open)
        assert "<h1>Overview</h1>" in httpx.get(f"http://{house.environ['CLOSEDLOOP_CONSOLE']}/", trust_env=False).text
        until_looped(house, running)
        planned = house.json("status")["outcomes"]["real"]
        assert house.mails() == planned["sent"] > 0
        house.run("stop")
        house.sandbox.post("people/act", {"all": True})
        people = house.sandbox.get("counts")["people"]
        assert house.json("status")["responses"] == people["answers_ok"] > 0
        assert house.sandbox.get("counts")["mail"]["scanner_requests"] > planned["sent"]
        assert written(house) == (0, 0, True)
    assert (house.writes(), scores(house)) == (0, {})
    house.run("resume")
    house.edit("closedloop.yaml", "mode: live", "mode: shadow")
    _, would, _ = written(house)
    assert (house.writes(), would > 0) == (0, True)
    house.edit("closedloop.yaml", "mode: shadow", "mode: live")
    assert written(house) == (would, 0, False)
    assert (house.writes(), len(scores(house)) + len(standings(house))) == (would, would)
    answered = {answer["address"] for answer in house.sandbox.get("answers", limit=1000)}
    assert scores(house).keys() <= answered
    assert standings(house) == told_by_contacts(house)
    assert written(house) == (0, 0, False)
    assert house.writes() == would


def written(house: House) -> tuple[int, int, bool]:
    """What a write-back says it wrote and would write, and whether it was stopped."""
    report = house.json("run", "write_back")["write_back"]["sf"]
    return report["written"], report["would_write"], report["is_stopped"]


def all_have_their_tasks(house: House) -> bool:
    """Whether there are actions, each with its task in the org."""
    actions = house.json("status")["actions"]
    made = house.sandbox.get("counts")["salesforce"]["tasks_made"]
    return actions["open"] > 0 and actions["without_task"] == {} and made == actions["open"]


def test_answers_become_tasks_in_the_crm_within_two_minutes(house: House) -> None:
    house.make_due()
    house.go_live()
    with house.running("serve") as running:
        until_looped(house, running)
        house.sandbox.post("people/act", {"all": True})
        running.until(lambda: all_have_their_tasks(house), seconds=ANSWER_TO_TASK_SECONDS)
    assert house.sandbox.get("doubles") == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_cleanly_within_seconds(house: House, number: signal.Signals, code: int) -> None:
    with house.running("serve") as running:
        running.until(house.is_open)
        running.until(lambda: "write_back:sf" in finished(house))
        running.signal(number)
        assert running.ended(seconds=END_SECONDS) == code
        assert "Traceback" not in running.said
    assert {run["outcome"] for run in house.json("status")["runs"]} == {"ok"}


def test_a_signal_while_a_stage_runs_lets_the_stage_end_first(house: House) -> None:
    house.sandbox.fault("fail_next", status=503, count=2)
    with house.running("serve") as running:
        running.until(house.is_open)
        running.signal(signal.SIGTERM)
        assert running.ended() == 0
    assert all(run["finished_at"] for run in house.json("status")["runs"])


def test_a_crm_that_refuses_the_credentials_does_not_end_it_and_the_log_says_why(house: House) -> None:
    with house.running("serve", SALESFORCE_CLIENT_SECRET="a-secret-that-nobody-knows") as running:
        running.until(lambda: "write_back:sf" in finished(house))
        assert house.is_open()
        running.signal(signal.SIGTERM)
        assert running.ended(seconds=END_SECONDS) == 0
        assert "job_failed" in running.said
        assert "client_id or client_secret is wrong" in running.said
        assert "a-secret-that-nobody-knows" not in running.said


def test_a_port_that_is_taken_ends_it_with_a_failure_in_words(house: House) -> None:
    with house.running("serve") as running:
        running.until(house.is_open)
        with house.running("serve") as second:
            assert second.ended() == 1
            assert second.said == (
                f"closedloop: {house.environ['CLOSEDLOOP_LISTEN']} cannot be listened on: Address already in use. Give"
                " `listen` in closedloop.yaml another port.\n"
            )
        assert house.is_open()


def test_wrong_settings_end_it_with_2_before_anything_listens(house: House) -> None:
    house.edit("closedloop.yaml", "mode: shadow", "mode: shadowy")
    failed = house.run("serve", code=2)
    assert "closedloop.yaml:6:7: found 'shadowy'" in failed.stderr
