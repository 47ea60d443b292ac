"""What the engine promises on each database: which URLs, which transactions, and refusals without any value."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlmodel import SQLModel

from connector.ports.errors import StorageError
from connector.storage.engine import SqlStorage, open_storage
from connector.testing.store_pages import hour, page, record, store

SECRET = "anna.geheim@berg.example"


def test_a_refusal_names_the_place_and_no_value(storage: SqlStorage) -> None:
    table = SQLModel.metadata.tables["connection"]
    row = {"crm": SECRET, "org_id": SECRET, "pinned_at": hour(1)}
    with pytest.raises(StorageError) as caught, storage.begin() as unit:
        unit.connection.execute(insert(table), [row, row])
    error = caught.value
    assert "connection" in str(error)
    assert "geheim" not in f"{error} {error!r} {error.__cause__}"
    assert error.__suppress_context__


def test_a_value_of_the_wrong_type_is_refused_without_being_shown(storage: SqlStorage) -> None:
    with pytest.raises(StorageError) as caught, storage.begin() as unit:
        unit.connection.execute(text("INSERT INTO person (id, created_at) VALUES (:id, NULL)"), {"id": SECRET})
    assert "geheim" not in str(caught.value)


def test_a_snapshot_sees_one_moment_only(storage: SqlStorage) -> None:
    store(storage, page(record("A")), at=hour(1))
    with storage.snapshot() as unit:
        before = unit.records.counts()
        store(storage, page(record("B")), at=hour(2))
        assert unit.records.counts() == before
    with storage.snapshot() as unit:
        assert unit.records.counts()["salesforce"]["contact"] == 2


def test_a_connection_that_made_a_snapshot_writes_again(storage: SqlStorage) -> None:
    for n in range(3):
        with storage.snapshot() as unit:
            unit.switches.stopped_at()
        with storage.begin() as unit:
            unit.runs.start(f"stage {n}", at=hour(n))
            unit.commit()
    with storage.snapshot() as unit:
        assert len(unit.runs.latest()) == 3


def test_pages_of_two_crms_that_arrive_at_once_share_one_person(
    storage: SqlStorage, rows: Callable[[str], list[dict[str, Any]]]
) -> None:
    contacts = [record(f"{n}", address=f"p{n}@firm.example") for n in range(300)]
    barrier = threading.Barrier(2, timeout=10)

    def load(crm: str) -> None:
        barrier.wait()
        store(storage, page(*contacts), at=hour(1), crm=crm)

    threads = [threading.Thread(target=load, args=(crm,)) for crm in ("salesforce", "hubspot")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (len(rows("contact")), len(rows("person")), len(rows("person_address"))) == (600, 300, 300)


def test_sqlite_is_opened_for_many_readers_beside_one_writer(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path / 'closedloop.db'}")
    with storage.engine.connect() as connection:
        names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in names}
    storage.close()
    assert found == {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 30_000, "foreign_keys": 1}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://localhost/x", "No database of kind 'mysql'"),
        ("what is this", "database URL cannot be read"),
        ("", "database URL cannot be read"),
    ],
)
def test_a_url_of_another_kind_is_refused(url: str, message: str) -> None:
    with pytest.raises(StorageError, match=message):
        open_storage(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_the_same_driver(scheme: str) -> None:
    storage = open_storage(f"{scheme}://somebody:secret@127.0.0.1:1/x")
    assert storage.engine.url.drivername == "postgresql+psycopg"
    assert "secret" not in repr(storage.engine)


def test_a_database_that_cannot_be_reached_is_a_storage_error(tmp_path: Path) -> None:
    for url in ("postgresql://somebody:secret@127.0.0.1:1/x", f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}"):
        with pytest.raises(StorageError) as caught:
            open_storage(url).migrate()
        assert "secret" not in str(caught.value)


def test_without_its_driver_postgresql_asks_for_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(StorageError, match=r"closedloop\[postgres\]"):
        open_storage("postgresql://localhost/x")
