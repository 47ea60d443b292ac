"""A house of settings beside a small sandbox, fresh for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.living import House, living_sandbox, make_house, present


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Settings in shadow mode against 8 accounts with 40 contacts, nothing of which is due yet."""
    with living_sandbox(accounts=8, contacts=40, start=present().isoformat(timespec="seconds")) as sandbox:
        yield make_house(tmp_path, sandbox)
