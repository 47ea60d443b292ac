"""Bad answers of HubSpot, through hubspot-api-client."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.adapters.bad_answers import BadAnswerCases
from tests.adapters.hubspot.sandbox_world import SandboxWorld


@pytest.fixture(scope="session")
def world(start_sandbox: Callable[..., Any], portal_of: Callable[[Any], SandboxWorld]) -> SandboxWorld:
    sizes = {"hubspot-companies": 30, "hubspot-contacts": 350}
    return portal_of(start_sandbox(seed=11, start="2026-01-05T18:30:00Z", **sizes))


class TestHubspot(BadAnswerCases):
    """Every case, for every way to spoil an answer."""
