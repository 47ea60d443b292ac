"""What every store of records must do about contacts that left the company: their address is free for somebody else."""

from connector.ports.storage.unit import Storage
from connector.testing.store_pages import gone, hour, page, record, store
from connector.testing.store_rows import Rows, live_addresses, persons, record_row

DESK, BERG = "desk@berg.example", "a.berg@uhl.example"


class LeftCompanyContract:
    """A contact that left keeps its person, and holds no address (design 5.5)."""

    def test_the_address_of_who_left_is_closed_and_its_next_contact_is_somebody_else(
        self, storage: Storage, rows: Rows
    ) -> None:
        store(storage, page(record("A", name="Anna", address=DESK)), at=hour(1))
        anna = record_row(rows, "A")["person_id"]
        store(storage, page(record("A", name="Anna", address=DESK, left_company=True, stamp=hour(2))), at=hour(2))
        assert [(row["person_id"], row["to_at"]) for row in rows("person_address")] == [(anna, hour(2))]
        store(storage, page(record("B", name="Bert", address=DESK)), at=hour(3))
        assert (record_row(rows, "A")["person_id"], persons(rows)) == (anna, {"A": 1, "B": 2})
        assert live_addresses(rows) == {DESK: record_row(rows, "B")["person_id"]}

    def test_leaving_and_taking_over_in_one_page_are_two_persons(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", address=DESK)), at=hour(1))
        left = record("A", name="Anna", address=DESK, left_company=True, stamp=hour(2))
        store(storage, page(record("B", name="Bert", address=DESK, left_company=False), left), at=hour(2))
        assert persons(rows) == {"A": 1, "B": 2}

    def test_the_address_stays_open_while_another_contact_of_the_person_is_there(
        self, storage: Storage, rows: Rows
    ) -> None:
        store(storage, page(record("A", address=DESK), record("B", address=DESK)), at=hour(1))
        store(storage, page(record("A", address=DESK, left_company=True, stamp=hour(2))), at=hour(2))
        assert (persons(rows), list(live_addresses(rows))) == ({"A": 1, "B": 1}, [DESK])
        store(storage, gone("B"), at=hour(3))
        assert live_addresses(rows) == {}

    def test_who_had_left_when_first_seen_holds_no_address(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", address=DESK, left_company=True)), at=hour(1))
        assert (persons(rows), rows("person_address")) == ({"A": 1}, [])
        store(storage, page(record("B", name="Bert", address=DESK, left_company=None)), at=hour(2))
        assert live_addresses(rows) == {DESK: record_row(rows, "B")["person_id"]}
        assert persons(rows) == {"A": 1, "B": 2}

    def test_who_is_there_again_has_the_address_again(self, storage: Storage, rows: Rows) -> None:
        for n, left in enumerate((False, True, True, False)):
            store(storage, page(record("A", address=DESK, left_company=left, stamp=hour(n))), at=hour(n))
        person = record_row(rows, "A")["person_id"]
        assert [(row["person_id"], row["from_at"], row["to_at"]) for row in rows("person_address")] == [
            (person, hour(0), hour(1)),
            (person, hour(3), None),
        ]

    def test_who_is_there_again_joins_whoever_has_the_address_now(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", address=DESK, left_company=True)), at=hour(1))
        store(storage, page(record("B", address=DESK)), at=hour(2))
        store(storage, page(record("A", left_company=None, stamp=hour(3))), at=hour(3))
        assert (persons(rows), len(live_addresses(rows))) == ({"A": 1, "B": 1}, 1)

    def test_a_page_that_says_nothing_of_it_leaves_it_as_it_was(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", address=DESK, left_company=True)), at=hour(1))
        store(storage, page(record("A", name="Anna", address=BERG, stamp=hour(2))), at=hour(2))
        assert (record_row(rows, "A")["left_company"], rows("person_address")) == (True, [])
