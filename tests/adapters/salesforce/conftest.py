"""A small server that answers as a test says, in the place of Salesforce."""

from collections.abc import Iterator

import pytest

from tests.adapters.salesforce.small_org import Org, serving


@pytest.fixture
def org() -> Iterator[Org]:
    """A small server in the place of Salesforce."""
    with serving() as org:
        yield org
