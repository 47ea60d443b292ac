"""Portals for tests over HTTP: the sandbox's, and a small server that answers as a test says."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.adapters.hubspot.sandbox_world import SandboxWorld
from tests.adapters.hubspot.small_portal import Portal, serving


@pytest.fixture(scope="session")
def portal_of() -> Callable[[Any], SandboxWorld]:
    """The world of a running sandbox; its portal id is asked for without the adapter."""

    def world(sandbox: Any) -> SandboxWorld:
        told = sandbox.ready["hubspot"]
        headers = {"Authorization": f"Bearer {told['access_token']}"}
        answer = httpx.get(f"{told['url']}/account-info/v3/details", headers=headers, trust_env=False)
        return SandboxWorld(sandbox=sandbox, org_id=str(answer.raise_for_status().json()["portalId"]))

    return world


@pytest.fixture
def portal() -> Iterator[Portal]:
    """A small server in the place of HubSpot."""
    with serving() as portal:
        yield portal
