"""The demo's own calls to the sandbox's control pages: what it sends, and what it makes of a refusal."""

import json
from datetime import UTC, datetime

import httpx
import pytest
import respx

from jobs.demo.sandbox import Sandbox, SandboxFailed

CONTROL = "http://127.0.0.1:9/_sandbox"
EPIPHANY = datetime(2026, 1, 6, 6, tzinfo=UTC)


@pytest.fixture
def sandbox():
    with httpx.Client() as http:
        yield Sandbox(salesforce={}, hubspot={}, smtp_host="127.0.0.1", smtp_port=9, control_url=CONTROL, http=http)


@respx.mock
def test_its_time_is_the_sandbox_s(sandbox):
    respx.get(f"{CONTROL}/clock").respond(json={"now": "2026-01-06T06:00:00Z"})
    assert sandbox.now() == EPIPHANY


@respx.mock
def test_the_clock_is_turned_to_an_instant_with_its_zone(sandbox):
    turned = respx.post(f"{CONTROL}/clock").respond(json={"now": "2026-01-06T06:00:00Z"})
    sandbox.turn(EPIPHANY)
    assert json.loads(turned.calls.last.request.content) == {"now": "2026-01-06T06:00:00+00:00"}


@respx.mock
def test_a_clock_that_will_not_turn_is_told_with_the_sandbox_s_reason(sandbox):
    respx.post(f"{CONTROL}/clock").respond(409, json={"error": "time does not go back"})
    with pytest.raises(SandboxFailed, match=r"could not be turned: .*time does not go back"):
        sandbox.turn(EPIPHANY)


@respx.mock
def test_a_page_that_fails_is_told_by_name_and_status(sandbox):
    respx.get(f"{CONTROL}/rep").respond(500, text="broken")
    with pytest.raises(SandboxFailed, match="answered 500 for rep: broken"):
        sandbox.get("rep")
