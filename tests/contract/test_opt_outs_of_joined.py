"""What somebody said under one address, where another of the contacts with it is joined to a person elsewhere."""

from sqlalchemy import literal, select

from connector.domain.records import RecordKind
from connector.storage.engine import SqlStorage
from connector.storage.refusal import opted_out
from connector.testing.store_joined import join
from connector.testing.store_joined_persons import ANNA, BERG
from connector.testing.store_joined_shared import two_of_one_address
from connector.testing.store_pages import hour
from connector.testing.store_rows import Rows, record_row


def test_an_opt_out_by_link_holds_for_the_person_that_one_of_two_contacts_is_joined_to(
    storage: SqlStorage, rows: Rows
) -> None:
    two_of_one_address(storage)
    with storage.begin() as unit:
        person = record_row(rows, "1")["person_id"]
        unit.opt_outs.add(person_id=person, address=BERG, at=hour(1), source="unsubscribe-click")
        unit.commit()
    join(storage, at=hour(2), kind=RecordKind.CONTACT)
    pointed_at = literal(record_row(rows, "A")["person_id"])
    with storage.engine.connect() as connection:
        assert connection.scalar(select(opted_out(pointed_at, literal(ANNA)))) == "unsubscribe-click"
