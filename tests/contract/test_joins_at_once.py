"""Pages of two CRMs at one moment on PostgreSQL: whoever is second waits before it locks anything."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from connector.domain.records import RecordKind
from connector.ports.storage.records import Joining
from connector.storage.engine import SqlStorage
from connector.testing.store_joined import ORG, PORTAL, join
from connector.testing.store_pages import hour, page, record, store
from connector.testing.store_rows import Rows, record_row


@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
@pytest.mark.parametrize("kind", [RecordKind.ACCOUNT, RecordKind.CONTACT])
def test_two_syncs_that_join_each_others_records_never_wait_for_one_another(
    storage: SqlStorage, rows: Rows, kind: RecordKind
) -> None:
    at_portal = Joining(pairs={PORTAL: ORG}, home=PORTAL)
    store(storage, page(record("A", name="x"), kind=kind), at=hour(1), crm=ORG)
    store(storage, page(record("1", name="x", same_as=None), kind=kind), at=hour(1), crm=PORTAL)
    named = page(record("1", name="y", same_as="A", stamp=hour(2)), kind=kind)
    with storage.begin() as org:
        org.records.store_page(ORG, page(record("A", name="y", stamp=hour(2)), kind=kind), seen_at=hour(2))
        with storage.begin() as portal:
            portal.connection.execute(text("set local lock_timeout = '100ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                portal.records.store_page(PORTAL, named, seen_at=hour(2))
        org.records.join(kind, at_portal, at=hour(2), near=(ORG, ["A"]))
        org.commit()
    store(storage, named, at=hour(2), crm=PORTAL)
    join(storage, at_portal, at=hour(2), kind=kind, near=(PORTAL, ["1"]))
    assert record_row(rows, "1", kind=kind)["name"] == "y"
