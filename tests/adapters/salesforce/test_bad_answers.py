"""Bad answers of Salesforce, through simple-salesforce."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.adapters.bad_answers import BadAnswerCases
from tests.adapters.salesforce.sandbox_world import SandboxWorld


@pytest.fixture(scope="session")
def world(start_sandbox: Callable[..., Any]) -> SandboxWorld:
    sandbox = start_sandbox(seed=11, accounts=30, contacts=350, start="2026-01-05T18:30:00Z")
    return SandboxWorld(sandbox=sandbox, org_id=sandbox.get("records/Organization")[0]["Id"])


class TestSalesforce(BadAnswerCases):
    """Every case, for every way to spoil an answer."""
