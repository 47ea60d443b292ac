"""The Salesforce adapter against the sandbox over HTTP, through simple-salesforce."""

from collections.abc import Callable
from typing import Any

import pytest

from connector.testing.crm_contract import CrmContract
from tests.adapters.salesforce.sandbox_world import SandboxWorld


@pytest.fixture(scope="session")
def world(start_sandbox: Callable[..., Any]) -> SandboxWorld:
    # The evening start keeps the sandbox's own life, which goes on by day, out of the cases.
    sandbox = start_sandbox(seed=7, accounts=40, contacts=620, start="2026-01-05T18:30:00Z")
    return SandboxWorld(sandbox=sandbox, org_id=sandbox.get("records/Organization")[0]["Id"])


class TestSalesforce(CrmContract):
    """Every case of the contract."""
