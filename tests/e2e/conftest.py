"""A house of settings beside a small sandbox, fresh for every test."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.living import House, living_sandbox, make_house, present


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Settings in shadow mode against 8 accounts with 40 contacts, nothing of which is due yet."""
    with living_sandbox(accounts=8, contacts=40, start=present().isoformat(timespec="seconds")) as sandbox:
        yield make_house(tmp_path, sandbox)


@pytest.fixture(scope="module")
def newer_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose database a newer version has migrated."""
    with living_sandbox(accounts=8, contacts=40, start=present().isoformat(timespec="seconds")) as sandbox:
        house = make_house(tmp_path_factory.mktemp("newer"), sandbox)
        house.run("status")
        with sqlite3.connect(house.folder.parent / "data" / "closedloop.sqlite") as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")
        yield house
