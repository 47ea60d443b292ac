"""Real stores for the benches: each function keeps pages in a database that ends with the process."""

import atexit
import tempfile
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from connector.ports.crm import Page
from connector.storage.engine import SqlStorage, open_storage


@cache
def _sqlite() -> SqlStorage:
    folder = tempfile.TemporaryDirectory(prefix="closedloop-bench-")
    storage = open_storage(f"sqlite:///{Path(folder.name) / 'bench.sqlite'}")
    storage.migrate()
    atexit.register(folder.cleanup)
    atexit.register(storage.close)
    return storage


def sqlite(page: Page) -> None:
    """Keep a page in SQLite, as the sync stage does."""
    with _sqlite().begin() as unit:
        unit.records.store_page("bench", page, seen_at=datetime.fromtimestamp(time.time(), tz=UTC))
        unit.commit()
