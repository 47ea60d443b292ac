"""What every store of records must do about persons of contacts that are one over two CRMs, or were."""

from typing import Any

import pytest

from connector.domain.records import RecordKind
from connector.ports.storage.records import Joining
from connector.ports.storage.unit import Storage
from connector.testing.store_joined import ORG, PORTAL, join, two_crms
from connector.testing.store_pages import gone, hour, page, record, store
from connector.testing.store_rows import Rows, live_addresses, persons, record_row

CONTACT = RecordKind.CONTACT
ANNA, BERG, UHL = "anna@berg.example", "a.berg@berg.example", "anna@uhl.example"


def met(storage: Storage, *portal: Any, org: Any = None) -> None:
    """A contact `A` of the org, and contacts of the portal, joined at hour 2."""
    two_crms(storage, *portal, org=[org or record("A", name="Anna", address=ANNA)], kind=CONTACT)
    join(storage, at=hour(2), kind=CONTACT)


def says(storage: Storage, crm_id: str, *, hours: int, crm: str = PORTAL, **facts: Any) -> None:
    """A contact changes, and what is near it is joined or parted in the same commit's time."""
    changed = record(crm_id, stamp=hour(hours), **facts)
    store(storage, page(changed, kind=CONTACT), at=hour(hours), crm=crm)
    join(storage, at=hour(hours), kind=CONTACT, near=(crm, [crm_id]))


def reseated(rows: Rows) -> list[tuple[str, int, int, str]]:
    """Changes of person as contact, old, new and cause."""
    names = {row["id"]: row["crm_id"] for row in rows("contact")}
    return [
        (names[row["record_id"]], row["old"], row["new"], row["cause"])
        for row in rows("field_change")
        if row["fact"] == "person"
    ]


def aliases(rows: Rows) -> list[tuple[Any, ...]]:
    """Joins of persons: who, into whom, cause, from, to."""
    return [
        (row["person_id"], row["into_id"], row["cause"], row["from_at"], row["to_at"]) for row in rows("person_alias")
    ]


class JoinedPersonContract:
    """The pointing contact takes the other's person, and its own is led there."""

    def test_a_joined_contact_takes_the_others_person_and_its_own_is_led_there(
        self, storage: Storage, rows: Rows
    ) -> None:
        two_crms(storage, record("1", same_as="A", address=BERG), org=[record("A", address=ANNA)], kind=CONTACT)
        own, others = record_row(rows, "1")["person_id"], record_row(rows, "A")["person_id"]
        join(storage, at=hour(2), kind=CONTACT)
        assert persons(rows) == {"A": 1, "1": 1}
        assert reseated(rows) == [("1", own, others, "joined")]
        assert aliases(rows) == [(own, others, "same_as", hour(2), None)]

    @pytest.mark.parametrize("home", [None, ORG, PORTAL])
    def test_the_person_is_that_of_the_contact_pointed_at_wherever_home_is(
        self, storage: Storage, rows: Rows, home: str | None
    ) -> None:
        two_crms(storage, record("1", same_as="A"), org=[record("A")], kind=CONTACT)
        others = record_row(rows, "A")["person_id"]
        join(storage, Joining(pairs={PORTAL: ORG}, home=home), at=hour(2), kind=CONTACT)
        assert record_row(rows, "1")["person_id"] == record_row(rows, "A")["person_id"] == others

    def test_contacts_of_one_address_that_are_joined_stay_the_person_they_are(
        self, storage: Storage, rows: Rows
    ) -> None:
        met(storage, record("1", name="Anna", same_as="A", address=ANNA))
        assert (persons(rows), reseated(rows), aliases(rows)) == ({"A": 1, "1": 1}, [], [])
        says(storage, "1", hours=3, name="Anna", same_as=None, address=ANNA)
        assert persons(rows) == {"A": 1, "1": 1}

    def test_a_person_for_whom_another_contact_stands_is_not_led_away(self, storage: Storage, rows: Rows) -> None:
        two_crms(
            storage,
            record("1", name="Anna", same_as="A", address=BERG),
            record("2", name="Anna", address=BERG),
            org=[record("A", name="Anna", address=ANNA)],
            kind=CONTACT,
        )
        store(storage, page(record("2", name="Anna", address=UHL, stamp=hour(2)), kind=CONTACT), at=hour(2), crm=PORTAL)
        join(storage, at=hour(2), kind=CONTACT)
        assert (persons(rows), aliases(rows)) == ({"A": 1, "1": 1, "2": 2}, [])

    def test_a_new_contact_with_the_address_of_a_joined_one_is_the_joined_person(
        self, storage: Storage, rows: Rows
    ) -> None:
        met(storage, record("1", same_as="A", address=BERG))
        store(storage, page(record("3", address=BERG), kind=CONTACT), at=hour(3), crm=PORTAL)
        assert persons(rows) == {"A": 1, "1": 1, "3": 1}

    def test_two_contacts_that_name_one_are_its_person(self, storage: Storage, rows: Rows) -> None:
        met(storage, record("1", same_as="A", address=BERG), record("2", same_as="A", address=UHL))
        assert persons(rows) == {"A": 1, "1": 1, "2": 1}
        assert [(row[1], row[4]) for row in aliases(rows)] == [(record_row(rows, "A")["person_id"], None)] * 2

    @pytest.mark.parametrize("now", [None, "never seen"])
    def test_a_contact_that_names_it_no_more_gets_its_person_back(
        self, storage: Storage, rows: Rows, now: str | None
    ) -> None:
        two_crms(storage, record("1", same_as="A", address=BERG), org=[record("A", address=ANNA)], kind=CONTACT)
        own, others = record_row(rows, "1")["person_id"], record_row(rows, "A")["person_id"]
        join(storage, at=hour(2), kind=CONTACT)
        says(storage, "1", hours=3, same_as=now, address=BERG)
        assert record_row(rows, "1")["person_id"] == own
        assert reseated(rows) == [("1", own, others, "joined"), ("1", others, own, "split")]
        assert aliases(rows) == [(own, others, "same_as", hour(2), hour(3))]
        assert live_addresses(rows) == {ANNA: others, BERG: own}

    def test_a_connection_that_names_no_contacts_any_more_gives_every_person_back(
        self, storage: Storage, rows: Rows
    ) -> None:
        met(storage, record("1", same_as="A", address=BERG), record("2", same_as="A", address=UHL))
        join(storage, Joining(pairs={}), at=hour(3), kind=CONTACT)
        assert persons(rows) == {"A": 1, "1": 2, "2": 3}

    def test_an_address_that_was_opened_while_joined_goes_back_with_its_contact(
        self, storage: Storage, rows: Rows
    ) -> None:
        met(storage, record("1", name="Anna", same_as="A", address=BERG))
        others = record_row(rows, "A")["person_id"]
        says(storage, "1", hours=3, name="Anna", same_as="A", address=UHL)
        assert live_addresses(rows) == {ANNA: others, UHL: others}
        says(storage, "1", hours=4, name="Anna", same_as=None, address=UHL)
        own = record_row(rows, "1")["person_id"]
        assert (own == others, live_addresses(rows)) == (False, {ANNA: others, UHL: own})

    def test_who_shares_an_address_with_the_other_by_then_stays_the_same_person(
        self, storage: Storage, rows: Rows
    ) -> None:
        met(storage, record("1", name="Anna", same_as="A", address=BERG))
        says(storage, "1", hours=3, name="Anna", same_as="A", address=ANNA)
        says(storage, "1", hours=4, name="Anna", same_as=None, address=ANNA)
        assert persons(rows) == {"A": 1, "1": 1}

    def test_a_contact_follows_to_another_one_and_still_has_its_own_person_in_the_end(
        self, storage: Storage, rows: Rows
    ) -> None:
        org = [record("A", address=ANNA), record("B", address=UHL)]
        two_crms(storage, record("1", same_as="A", address=BERG), org=org, kind=CONTACT)
        own = record_row(rows, "1")["person_id"]
        join(storage, at=hour(2), kind=CONTACT)
        says(storage, "1", hours=3, same_as="B", address=BERG)
        assert persons(rows) == {"A": 1, "B": 2, "1": 2}
        says(storage, "1", hours=4, same_as="A", address=BERG)
        says(storage, "1", hours=5, same_as=None, address=BERG)
        assert record_row(rows, "1")["person_id"] == own

    def test_a_merge_of_the_contact_pointed_at_takes_the_pointing_one_along(self, storage: Storage, rows: Rows) -> None:
        org = [record("A", address=ANNA), record("B", address=UHL)]
        two_crms(storage, record("1", same_as="A", address=BERG), org=org, kind=CONTACT)
        own = record_row(rows, "1")["person_id"]
        join(storage, at=hour(2), kind=CONTACT)
        store(storage, gone("A", into="B", kind=CONTACT), at=hour(3), crm=ORG)
        join(storage, at=hour(3), kind=CONTACT, near=(ORG, ["A"]))
        winner = record_row(rows, "B")["person_id"]
        assert record_row(rows, "1")["person_id"] == winner
        assert {(row[0], row[1], row[2]) for row in aliases(rows) if row[4] is None} == {
            (own, winner, "same_as"),
            (record_row(rows, "A")["person_id"], winner, "merge"),
        }

    def test_a_restored_loser_is_its_own_person_again_and_who_names_it_comes_back_too(
        self, storage: Storage, rows: Rows
    ) -> None:
        org = [record("A", address=ANNA), record("B", address=UHL)]
        two_crms(storage, record("1", same_as="A", address=BERG), org=org, kind=CONTACT)
        join(storage, at=hour(2), kind=CONTACT)
        store(storage, gone("A", into="B", kind=CONTACT), at=hour(3), crm=ORG)
        join(storage, at=hour(3), kind=CONTACT, near=(ORG, ["A"]))
        says(storage, "A", hours=4, crm=ORG, address=ANNA)
        assert persons(rows) == {"A": 1, "B": 2, "1": 1}

    @pytest.mark.parametrize(("crm", "crm_id"), [(PORTAL, "1"), (ORG, "A")], ids=["pointing", "pointed at"])
    def test_a_removed_contact_takes_nobody_s_person_away(
        self, storage: Storage, rows: Rows, crm: str, crm_id: str
    ) -> None:
        met(storage, record("1", same_as="A", address=BERG))
        store(storage, gone(crm_id, kind=CONTACT), at=hour(3), crm=crm)
        join(storage, at=hour(3), kind=CONTACT, near=(crm, [crm_id]))
        assert persons(rows) == {"A": 1, "1": 1}
        assert [row["to_at"] for row in rows("person_alias")] == [None]
