"""What every store of records must do about persons: who stands behind a contact, and whose an address is."""

from hashlib import sha256

from connector.ports.crm import Removal
from connector.ports.storage.unit import Storage
from connector.testing.store_pages import gone, hour, page, record, store
from connector.testing.store_rows import Rows, live_addresses, persons, record_row

ANNA, BERG = "anna@berg.example", "a.berg@uhl.example"


class PersonContract:
    """One person by one live address; the rules one by one."""

    def test_a_contact_with_an_address_is_a_person_who_holds_it(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", address=ANNA)), at=hour(1))
        person = record_row(rows, "A")["person_id"]
        assert [(row["id"], row["created_at"]) for row in rows("person")] == [(person, hour(1))]
        assert [{key: value for key, value in row.items() if key != "id"} for row in rows("person_address")] == [
            {
                "person_id": person,
                "address": ANNA,
                "address_hash": sha256(ANNA.encode()).hexdigest(),
                "from_at": hour(1),
                "to_at": None,
            }
        ]

    def test_contacts_without_an_address_are_persons_of_their_own(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", address=None), record("B", address="not one"), record("C")), at=hour(1))
        assert (persons(rows), rows("person_address")) == ({"A": 1, "B": 2, "C": 3}, [])

    def test_a_page_without_addresses_still_gives_persons(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna"), record("B", name="Bert")), at=hour(1))
        assert (persons(rows), rows("person_address")) == ({"A": 1, "B": 2}, [])

    def test_a_shared_mailbox_is_nobodys_address(self, storage: Storage, rows: Rows) -> None:
        shared = "info@berg.example"
        store(storage, page(record("A", address=shared), record("B", address=shared)), at=hour(1))
        assert (persons(rows), rows("person_address")) == ({"A": 1, "B": 2}, [])
        assert record_row(rows, "A")["address"] == shared

    def test_contacts_with_one_address_are_one_person(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", address=ANNA), record("B", address=" ANNA@berg.example")), at=hour(1))
        store(storage, page(record("C", address=ANNA)), at=hour(2))
        assert (persons(rows), len(rows("person_address"))) == ({"A": 1, "B": 1, "C": 1}, 1)

    def test_contacts_of_two_crms_with_one_address_are_one_person(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", address=ANNA)), at=hour(1), crm="salesforce")
        store(storage, page(record("B", address=ANNA)), at=hour(1), crm="hubspot")
        assert persons(rows) == {"A": 1, "B": 1}

    def test_a_page_stored_again_leaves_the_persons(self, storage: Storage, rows: Rows) -> None:
        again = page(record("A", address=ANNA), record("B", address=None), record("C", address="team@berg.example"))
        store(storage, again, at=hour(1))
        before = rows("person"), rows("person_address"), persons(rows)
        store(storage, again, at=hour(2))
        assert (rows("person"), rows("person_address"), persons(rows)) == before


class AddressChangeContract:
    """What a contact's new address means."""

    def test_a_new_address_under_the_same_name_keeps_the_person(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna Berg", address=ANNA)), at=hour(1))
        person = record_row(rows, "A")["person_id"]
        store(storage, page(record("A", name="anna  BERG", address=BERG, stamp=hour(2))), at=hour(3))
        assert record_row(rows, "A")["person_id"] == person
        assert [(row["address"], row["person_id"], row["to_at"]) for row in rows("person_address")] == [
            (ANNA, person, hour(3)),
            (BERG, person, None),
        ]

    def test_the_old_address_stays_open_while_another_contact_holds_it(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", address=ANNA), record("B", address=ANNA)), at=hour(1))
        store(storage, page(record("A", name="Anna", address=BERG, stamp=hour(2))), at=hour(3))
        person = record_row(rows, "A")["person_id"]
        assert live_addresses(rows) == {ANNA: person, BERG: person}

    def test_a_contact_moves_to_the_person_who_has_its_new_address(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", address=ANNA), record("B", address=BERG)), at=hour(1))
        store(storage, page(record("A", name="Anna", address=BERG, stamp=hour(2))), at=hour(3))
        assert (persons(rows), live_addresses(rows)) == ({"A": 1, "B": 1}, {BERG: record_row(rows, "B")["person_id"]})

    def test_name_and_address_changing_together_start_a_new_person(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", address=ANNA), record("B", address=ANNA)), at=hour(1))
        store(storage, page(record("A", name="Carl", address=BERG, stamp=hour(2))), at=hour(3))
        assert persons(rows) == {"A": 1, "B": 2}
        assert live_addresses(rows) == {
            ANNA: record_row(rows, "B")["person_id"],
            BERG: record_row(rows, "A")["person_id"],
        }

    def test_a_first_address_beside_a_new_name_keeps_the_person(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="A. Berg", address="info@berg.example")), at=hour(1))
        store(storage, page(record("A", name="Anna Berg", address=ANNA, stamp=hour(2))), at=hour(3))
        assert (len(rows("person")), list(live_addresses(rows))) == (1, [ANNA])

    def test_a_new_name_alone_keeps_the_person(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna Berg", address=ANNA)), at=hour(1))
        store(storage, page(record("A", name="Anna Uhl", address=ANNA, stamp=hour(2))), at=hour(3))
        assert len(rows("person")) == 1

    def test_an_address_that_is_emptied_and_filled_again_comes_back_to_its_person(
        self, storage: Storage, rows: Rows
    ) -> None:
        for n, address in enumerate((ANNA, None, ANNA)):
            store(storage, page(record("A", name="Anna", address=address, stamp=hour(n))), at=hour(n))
        person = record_row(rows, "A")["person_id"]
        assert [(row["person_id"], row["from_at"], row["to_at"]) for row in rows("person_address")] == [
            (person, hour(0), hour(1)),
            (person, hour(2), None),
        ]

    def test_two_contacts_that_swap_addresses_in_one_page_stay_who_they_are(self, storage: Storage, rows: Rows) -> None:
        first = page(record("A", name="Anna", address=ANNA), record("B", name="Bert", address=BERG))
        swapped = page(
            record("A", name="Anna", address=BERG, stamp=hour(2)), record("B", name="Bert", address=ANNA, stamp=hour(2))
        )
        store(storage, first, at=hour(1))
        anna, bert = record_row(rows, "A")["person_id"], record_row(rows, "B")["person_id"]
        store(storage, swapped, at=hour(3))
        assert (record_row(rows, "A")["person_id"], record_row(rows, "B")["person_id"]) == (anna, bert)
        assert live_addresses(rows) == {BERG: anna, ANNA: bert}

    def test_a_page_in_which_an_address_is_left_and_taken_makes_the_taker_somebody_else(
        self, storage: Storage, rows: Rows
    ) -> None:
        store(storage, page(record("A", name="Anna", address=ANNA)), at=hour(1))
        taker = record("B", name="Bert", address=ANNA, stamp=hour(2))
        store(storage, page(taker, record("A", name="Anna", address=BERG, stamp=hour(2))), at=hour(3))
        assert persons(rows) == {"A": 1, "B": 2}

    def test_an_older_row_moves_nobody(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", address=ANNA, stamp=hour(3))), at=hour(4))
        store(storage, page(record("A", name="Bert", address=BERG, stamp=hour(2))), at=hour(5))
        assert (len(rows("person")), list(live_addresses(rows))) == (1, [ANNA])


class DepartureContract:
    """What happens to persons when contacts go and come back."""

    def test_the_address_of_the_last_removed_contact_is_closed(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", address=ANNA), record("B", address=ANNA)), at=hour(1))
        store(storage, gone("A"), at=hour(2))
        assert list(live_addresses(rows)) == [ANNA]
        store(storage, gone("B"), at=hour(3))
        assert [row["to_at"] for row in rows("person_address")] == [hour(3)]

    def test_an_address_whose_contacts_are_gone_starts_a_new_person(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", address=ANNA)), at=hour(1))
        store(storage, gone("A"), at=hour(2))
        store(storage, page(record("B", address=ANNA)), at=hour(3))
        assert persons(rows) == {"A": 1, "B": 2}
        assert live_addresses(rows) == {ANNA: record_row(rows, "B")["person_id"]}

    def test_a_removed_contact_keeps_no_address_open(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", address=ANNA), record("B", address=ANNA)), at=hour(1))
        store(storage, gone("B"), at=hour(2))
        store(storage, page(record("A", name="Anna", address=BERG, stamp=hour(3))), at=hour(4))
        assert list(live_addresses(rows)) == [BERG]

    def test_a_restored_contact_comes_back_to_its_person(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", address=ANNA)), at=hour(1))
        person = record_row(rows, "A")["person_id"]
        store(storage, gone("A"), at=hour(2))
        store(storage, page(record("A", address=ANNA, stamp=hour(3))), at=hour(4))
        assert record_row(rows, "A")["person_id"] == person
        assert [(row["person_id"], row["from_at"], row["to_at"]) for row in rows("person_address")] == [
            (person, hour(1), hour(2)),
            (person, hour(4), None),
        ]

    def test_a_restored_contact_without_an_address_comes_back_to_its_person(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", address=None)), at=hour(1))
        store(storage, gone("A"), at=hour(2))
        store(storage, page(record("A", address=None, stamp=hour(3))), at=hour(4))
        assert len(rows("person")) == 1

    def test_a_restored_contact_whose_address_is_taken_joins_who_has_it(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", address=ANNA)), at=hour(1))
        store(storage, gone("A"), at=hour(2))
        store(storage, page(record("B", address=ANNA)), at=hour(3))
        store(storage, page(record("A", address=ANNA, stamp=hour(4))), at=hour(5))
        assert (persons(rows), live_addresses(rows)) == ({"A": 1, "B": 1}, {ANNA: record_row(rows, "B")["person_id"]})

    def test_merged_contacts_join_their_persons_and_the_winner_may_take_the_address(
        self, storage: Storage, rows: Rows
    ) -> None:
        pair = page(record("L", name="Anna", address=ANNA), record("W", name="Anna", address=BERG))
        store(storage, pair, at=hour(1))
        loser, winner = record_row(rows, "L")["person_id"], record_row(rows, "W")["person_id"]
        taken = record("W", name="Anna", address=ANNA, stamp=hour(2))
        store(storage, page(taken, removed=[Removal(crm_id="L", merged_into="W")]), at=hour(3))
        assert (record_row(rows, "W")["person_id"], live_addresses(rows)) == (winner, {ANNA: winner})
        assert [(row["person_id"], row["into_id"], row["to_at"]) for row in rows("person_alias")] == [
            (loser, winner, None)
        ]

    def test_a_person_who_still_has_a_contact_is_joined_to_nobody(self, storage: Storage, rows: Rows) -> None:
        contacts = [record("L", address=ANNA), record("other", address=ANNA), record("W", address=BERG)]
        store(storage, page(*contacts), at=hour(1))
        store(storage, gone("L", into="W"), at=hour(2))
        assert (len(rows("record_alias")), rows("person_alias")) == (1, [])

    def test_a_restored_loser_is_its_own_person_again(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("L", address=ANNA), record("W", address=BERG)), at=hour(1))
        store(storage, gone("L", into="W"), at=hour(2))
        store(storage, page(record("L", address=ANNA, stamp=hour(3))), at=hour(4))
        assert [(row["from_at"], row["to_at"]) for row in rows("person_alias")] == [(hour(2), hour(4))]
        assert persons(rows) == {"L": 1, "W": 2}

    def test_persons_merged_one_after_the_other_all_lead_to_the_last(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(*(record(name, address=f"{name}@berg.example") for name in "ABCD")), at=hour(1))
        for n, (loser, winner) in enumerate((("A", "B"), ("B", "C"), ("C", "D")), start=2):
            store(storage, gone(loser, into=winner), at=hour(n))
        person = {name: record_row(rows, name)["person_id"] for name in "ABCD"}
        live = {(row["person_id"], row["into_id"]) for row in rows("person_alias") if row["to_at"] is None}
        assert live == {(person[name], person["D"]) for name in "ABC"}

    def test_a_person_whose_contacts_go_into_two_winners_is_joined_to_one(self, storage: Storage, rows: Rows) -> None:
        pair = [record("L1", address=ANNA), record("L2", address=ANNA)]
        store(storage, page(*pair, record("W1", address=None), record("W2", address=None)), at=hour(1))
        merges = [Removal(crm_id="L1", merged_into="W1"), Removal(crm_id="L2", merged_into="W2")]
        store(storage, page(removed=merges), at=hour(2))
        assert [(row["person_id"], row["into_id"]) for row in rows("person_alias")] == [
            (record_row(rows, "L1")["person_id"], record_row(rows, "W1")["person_id"])
        ]
