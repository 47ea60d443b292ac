"""The contract of a CRM adapter: subclass `CrmContract`, give it a `world` fixture, and it says whether yours is done.

Run it with a fresh or a shared world: no case relies on what another left behind.
"""

from collections.abc import Iterator

import pytest

from connector.ports.crm import CrmAdapter
from connector.testing.crm_cases import CaseCases
from connector.testing.crm_failing import FailingCases
from connector.testing.crm_reading import ReadingCases
from connector.testing.crm_reps import RepCases
from connector.testing.crm_tasks import TaskCases
from connector.testing.crm_world import CrmWorld
from connector.testing.crm_writing import WritingCases


class CrmContract(ReadingCases, WritingCases, RepCases, CaseCases, TaskCases, FailingCases):
    """All cases; the world is calm before and after each."""

    @pytest.fixture(autouse=True)
    def _calm(self, world: CrmWorld) -> Iterator[None]:
        world.calm()
        yield
        world.calm()

    @pytest.fixture
    def adapter(self, world: CrmWorld) -> Iterator[CrmAdapter]:
        with world.open() as adapter:
            yield adapter
