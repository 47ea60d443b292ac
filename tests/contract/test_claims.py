"""Claims between processes, as between machines on one PostgreSQL: held while the process lives, and not longer."""

import time
from pathlib import Path

import pytest
from sqlalchemy import text

from connector.ports.errors import StorageError
from connector.storage.engine import SqlStorage, open_storage
from tests.databases import claimed_elsewhere

SECONDS = 30.0


def is_free(storage: SqlStorage, key: str) -> bool:
    with storage.claim(key) as is_ours:
        return is_ours


def test_a_claim_of_another_process_is_seen_and_ends_with_that_process(storage: SqlStorage) -> None:
    with claimed_elsewhere(storage, "ask"):
        assert (is_free(storage, "ask"), is_free(storage, "plan")) == (False, True)
    until = time.monotonic() + SECONDS
    while not is_free(storage, "ask"):  # the server notices a killed client a moment later
        assert time.monotonic() < until


def test_two_data_folders_on_one_database_share_its_claims(storage: SqlStorage) -> None:
    other = open_storage(storage.engine.url.render_as_string(hide_password=False))
    with storage.claim("ask"):
        assert not is_free(other, "ask")
    assert is_free(other, "ask")
    other.close()


def test_databases_in_one_folder_have_claims_of_their_own(tmp_path: Path) -> None:
    one, other = (open_storage(f"sqlite:///{tmp_path / name}") for name in ("one.db", "other.db"))
    with one.claim("write_back:sf") as is_ours:
        assert (is_ours, is_free(other, "write_back:sf")) == (True, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "one.db-write_back-sf.claim",
        "other.db-write_back-sf.claim",
    ]


def test_a_claim_stands_in_no_transaction_and_leaves_no_connection(postgres_storage: SqlStorage) -> None:
    holding = text("SELECT a.state FROM pg_stat_activity a JOIN pg_locks l USING (pid) WHERE l.locktype = 'advisory'")
    with postgres_storage.claim("sync"), postgres_storage.engine.connect() as connection:
        assert connection.execute(holding).scalars().all() == ["idle"]
    with postgres_storage.engine.connect() as connection:
        assert connection.execute(holding).scalars().all() == []


def test_a_claim_that_cannot_be_asked_for_is_a_storage_error(tmp_path: Path) -> None:
    for url in ("postgresql://somebody:secret@127.0.0.1:1/x", f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}"):
        with pytest.raises(StorageError) as caught:
            is_free(open_storage(url), "ask")
        assert "secret" not in str(caught.value)
