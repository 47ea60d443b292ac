"""The HubSpot adapter against the sandbox over HTTP, through hubspot-api-client."""

from collections.abc import Callable
from typing import Any

import pytest

from connector.testing.crm_contract import CrmContract
from tests.adapters.hubspot.sandbox_world import SandboxWorld


@pytest.fixture(scope="session")
def world(start_sandbox: Callable[..., Any], portal_of: Callable[[Any], SandboxWorld]) -> SandboxWorld:
    # The evening start keeps the sandbox's own life, which goes on by day, out of the cases.
    sizes = {"hubspot-companies": 60, "hubspot-contacts": 620}
    return portal_of(start_sandbox(seed=7, start="2026-01-05T18:30:00Z", **sizes))


class TestHubspot(CrmContract):
    """Every case of the contract."""
