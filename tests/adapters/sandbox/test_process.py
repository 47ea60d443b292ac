"""The sandbox as its own process: what it prints, how it takes mail and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import smtplib
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "adapters.sandbox", "--accounts", "5", "--contacts", "20"]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def sandbox():
    process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def portal_id(ready):
    """The id as the portal itself tells it."""
    headers = {"Authorization": f"Bearer {ready['hubspot']['access_token']}"}
    return str(httpx.get(f"{ready['hubspot']['url']}/account-info/v3/details", headers=headers).json()["portalId"])


def message(address="ada.inkpen@example.example"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "x@tallow-finch.example", address, "Grüße"
    mail.set_content("Hello")
    return mail


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_ready_line_is_printed_and_a_signal_ends_it_cleanly(sandbox, number):
    process, ready = sandbox
    url = ready["salesforce"]["url"]
    assert ready == {
        "salesforce": {
            "url": url,
            "client_id": ready["salesforce"]["client_id"],
            "client_secret": ready["salesforce"]["client_secret"],
            "access_token": ready["salesforce"]["access_token"],
            "api_version": "68.0",
        },
        "hubspot": {"url": url, "access_token": ready["hubspot"]["access_token"], "portal_id": portal_id(ready)},
        "smtp": {"host": "127.0.0.1", "port": ready["smtp"]["port"]},
        "control": f"{url}/_sandbox",
    }
    token = {"Authorization": f"Bearer {ready['salesforce']['access_token']}"}
    answer = httpx.get(f"{url}/services/data/v68.0/query", params={"q": "SELECT count() FROM Contact"}, headers=token)
    assert (answer.json()["totalSize"], answer.headers["transfer-encoding"]) == (20, "chunked")
    assert answer.headers["server"] == "sfdcedge"
    assert httpx.get(f"{ready['control']}/").json()["rows"]["Account"] == 5
    key = {"Authorization": f"Bearer {ready['hubspot']['access_token']}"}
    page = httpx.get(f"{url}/crm/objects/2026-03/contacts?limit=100", headers=key)
    assert (len(page.json()["results"]), page.headers["content-type"]) == (100, "application/json;charset=utf-8")
    process.send_signal(number)
    assert (process.wait(15), process.stdout.read(), process.stderr.read()) == (0, "", "")


def test_the_inbox_takes_mail_and_misbehaves_when_told_to(sandbox):
    _, ready = sandbox
    control = ready["control"]

    def fault(**values):
        assert httpx.post(f"{control}/faults", json=values).status_code == 200

    def hand_over():
        with smtplib.SMTP(ready["smtp"]["host"], ready["smtp"]["port"], timeout=10) as smtp:
            smtp.send_message(message())

    def received():
        return httpx.get(f"{control}/counts").json()["mail"]["received"]

    hand_over()
    mail = httpx.get(f"{control}/mails").json()[0]
    assert (received(), mail["at"], mail["headers"]["Subject"]) == (1, "2026-01-05T06:00:00+00:00", "Grüße")
    for name, code in (("smtp_refuse", 550), ("smtp_temporary", 451)):
        fault(name=name)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            hand_over()
        assert [reply[0] for reply in refused.value.recipients.values()] == [code]
    fault(name="smtp_drop", when="data")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        hand_over()
    assert received() == 1
    fault(name="smtp_drop", when="before")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        hand_over()
    assert received() == 2
    fault(name="smtp_drop", when="after", recipient="nobody@")
    fault(name="smtp_drop", when="after", recipient="ada.inkpen@")
    smtp = smtplib.SMTP(ready["smtp"]["host"], ready["smtp"]["port"], timeout=10)
    assert smtp.send_message(message()) == {}
    with pytest.raises(smtplib.SMTPServerDisconnected):
        smtp.noop()
    hand_over()
    assert received() == 4


def test_a_reset_line_and_a_lost_answer_send_not_one_byte(sandbox):
    process, ready = sandbox
    url, control = ready["salesforce"]["url"], ready["control"]
    for name in ("fail_next", "answer_lost"):
        httpx.post(f"{control}/faults", json={"name": name, "status": "reset", "path_contains": "limits"})
        with pytest.raises(httpx.TransportError, match=r"disconnected|reset"):
            httpx.get(f"{url}/services/data/v68.0/limits")
    assert httpx.get(f"{url}/services/data").status_code == 200
    process.terminate()
    assert (process.wait(15), process.stderr.read()) == (0, "")


@pytest.mark.parametrize(
    ("crm", "path"),
    [
        ("salesforce", "/services/data/v68.0/sobjects/Contact/describe"),
        ("hubspot", "/crm/objects/2026-03/contacts?limit=100"),
    ],
)
def test_an_answer_ends_in_its_middle(sandbox, crm, path):
    process, ready = sandbox
    url, headers = ready[crm]["url"] + path, {"Authorization": f"Bearer {ready[crm]['access_token']}"}
    whole = httpx.get(url, headers=headers)

    def broken(**values):
        httpx.post(f"{ready['control']}/faults", json={"name": "fail_next", "crm": crm, **values})
        parts = []
        with httpx.stream("GET", url, headers=headers) as answer:
            try:
                parts.extend(answer.iter_raw())
            except httpx.TransportError as error:
                return answer.headers, b"".join(parts), type(error), str(error)
        return answer.headers, b"".join(parts), None, ""

    told, body, error, text = broken(status="cut")
    assert (error, "without sending complete message body" in text) == (httpx.RemoteProtocolError, True)
    assert int(told["content-length"]) in (2 * len(body), 2 * len(body) + 1)
    told, body, error, _ = broken(status="reset", when="middle")
    assert ("content-length" in told, told["transfer-encoding"], error) == (False, "chunked", httpx.ReadError)
    told, body, error, _ = broken(status="half")
    assert (error, 0 < len(body) < len(whole.content)) == (None, True)
    assert httpx.get(url, headers=headers).content == whole.content
    process.terminate()
    assert (process.wait(15), process.stderr.read()) == (0, "")


def test_a_request_line_beyond_the_orgs_limit_gets_414(sandbox):
    _, ready = sandbox
    assert httpx.get(f"{ready['salesforce']['url']}/services/data/v68.0/query?q={'x' * 17_000}").status_code == 414


def test_it_ends_with_its_parent_when_asked_to():
    script = (
        "import subprocess, sys; p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE);"
        "print(p.pid, flush=True); p.stdout.readline(); print('ready', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, *COMMAND, "--with-parent"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        child = int(parent.stdout.readline())
        assert parent.stdout.readline() == "ready\n"
        parent.kill()
    try:
        assert wait_until(lambda: not alive(child))
    finally:
        if alive(child):
            os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--start", "2026-01-05T06:00:00"],
        ["--start", "soon"],
        ["--contacts", "1"],
        ["--accounts", "0"],
        ["--hubspot-contacts", "1"],
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_a_reason(arguments):
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr.startswith("sandbox: ")) == (2, "", True)
