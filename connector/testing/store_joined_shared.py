"""What every store of records must do where joined contacts share an address with others, or are reused."""

import pytest

from connector.domain.records import RecordKind
from connector.ports.storage.unit import Storage
from connector.testing.store_joined import ORG, PORTAL, join, two_crms
from connector.testing.store_joined_persons import ANNA, BERG, UHL, aliases, met, reseated, says
from connector.testing.store_pages import hour, record
from connector.testing.store_rows import Rows, live_addresses, persons, record_row

CONTACT = RecordKind.CONTACT


def two_of_one_address(storage: Storage, *, second: str | None = None) -> None:
    """Two contacts of the portal with one address; `1` names the org's `A`, who has another one. Not joined yet."""
    two_crms(
        storage,
        record("1", name="Anna", same_as="A", address=BERG),
        record("2", name="Anna", same_as=second, address=BERG),
        org=[record("A", name="Anna", address=ANNA), record("B", name="Bert", address=UHL)],
        kind=CONTACT,
    )


class SharedAddressContract:
    """One address is one person, whoever of its contacts is joined."""

    def test_who_shares_the_address_of_a_joined_contact_goes_with_it(self, storage: Storage, rows: Rows) -> None:
        two_of_one_address(storage)
        own, others = record_row(rows, "1")["person_id"], record_row(rows, "A")["person_id"]
        join(storage, at=hour(2), kind=CONTACT)
        assert persons(rows) == {"A": 1, "B": 2, "1": 1, "2": 1}
        assert reseated(rows) == [("1", own, others, "joined"), ("2", own, others, "joined")]
        assert aliases(rows) == [(own, others, "same_as", hour(2), None)]

    def test_a_contact_of_the_other_crm_goes_with_it_too(self, storage: Storage, rows: Rows) -> None:
        org = [record("A", address=ANNA), record("C", address=BERG)]
        two_crms(storage, record("1", same_as="A", address=BERG), org=org, kind=CONTACT)
        join(storage, at=hour(2), kind=CONTACT)
        assert persons(rows) == {"A": 1, "C": 1, "1": 1}

    def test_who_names_another_contact_itself_goes_there(self, storage: Storage, rows: Rows) -> None:
        two_of_one_address(storage, second="B")
        for n in (2, 3):
            join(storage, at=hour(n), kind=CONTACT)
            assert persons(rows) == {"A": 1, "B": 2, "1": 1, "2": 2}

    @pytest.mark.parametrize("near", [None, (PORTAL, ["2"]), (ORG, ["A"])])
    def test_it_stays_while_the_other_is_joined(
        self, storage: Storage, rows: Rows, near: tuple[str, list[str]] | None
    ) -> None:
        two_of_one_address(storage)
        join(storage, at=hour(2), kind=CONTACT)
        join(storage, at=hour(3), kind=CONTACT, near=near)
        assert (persons(rows), len(reseated(rows))) == ({"A": 1, "B": 2, "1": 1, "2": 1}, 2)

    def test_it_stays_with_another_address_too(self, storage: Storage, rows: Rows) -> None:
        two_of_one_address(storage)
        join(storage, at=hour(2), kind=CONTACT)
        says(storage, "2", hours=3, name="Anna", same_as=None, address="anna@neu.example")
        assert (persons(rows), aliases(rows)[0][4]) == ({"A": 1, "B": 2, "1": 1, "2": 1}, None)

    def test_both_get_their_person_back_when_the_joined_one_names_nobody(self, storage: Storage, rows: Rows) -> None:
        two_of_one_address(storage)
        own, others = record_row(rows, "1")["person_id"], record_row(rows, "A")["person_id"]
        join(storage, at=hour(2), kind=CONTACT)
        says(storage, "1", hours=3, name="Anna", same_as=None, address=BERG)
        assert [record_row(rows, crm_id)["person_id"] for crm_id in ("A", "1", "2")] == [others, own, own]
        assert aliases(rows) == [(own, others, "same_as", hour(2), hour(3))]
        assert live_addresses(rows)[BERG] == own

    def test_both_follow_to_another_contact_and_back(self, storage: Storage, rows: Rows) -> None:
        two_of_one_address(storage)
        join(storage, at=hour(2), kind=CONTACT)
        says(storage, "1", hours=3, name="Anna", same_as="B", address=BERG)
        assert persons(rows) == {"A": 1, "B": 2, "1": 2, "2": 2}
        says(storage, "1", hours=4, name="Anna", same_as="A", address=BERG)
        assert persons(rows) == {"A": 1, "B": 2, "1": 1, "2": 1}

    def test_a_contact_that_named_the_wrong_one_leaves_nothing_behind(self, storage: Storage, rows: Rows) -> None:
        org = [record("A", name="Anna", address=ANNA), record("B", name="Bert", address=UHL)]
        two_crms(storage, record("1", name="Anna", same_as="B", address=ANNA), org=org, kind=CONTACT)
        join(storage, at=hour(2), kind=CONTACT)
        assert persons(rows) == {"A": 1, "B": 1, "1": 1}
        says(storage, "1", hours=3, name="Anna", same_as="A", address=ANNA)
        assert persons(rows) == {"A": 1, "B": 2, "1": 1}


class ReusedContract:
    """A record that is reused for somebody else takes nobody along (design 5.5)."""

    @pytest.mark.parametrize("order", [(ORG, PORTAL), (PORTAL, ORG)], ids=["pointed at first", "pointing first"])
    @pytest.mark.parametrize("address", [ANNA, BERG], ids=["one address", "two addresses"])
    def test_the_human_before_is_not_led_to_the_one_who_has_the_records_now(
        self, storage: Storage, rows: Rows, order: tuple[str, str], address: str
    ) -> None:
        met(
            storage,
            record("1", name="Anna", same_as="A", address=address),
            org=record("A", name="Anna", address=ANNA),
        )
        before = record_row(rows, "A")["person_id"]
        for n, crm in enumerate(order, start=3):
            crm_id, named = ("A", {}) if crm == ORG else ("1", {"same_as": "A"})
            says(storage, crm_id, hours=n, crm=crm, name="Bo", address=UHL, **named)
        now = record_row(rows, "A")["person_id"]
        assert (record_row(rows, "1")["person_id"], now != before) == (now, True)
        live = [(who, into) for who, into, _, _, to_at in aliases(rows) if to_at is None]
        assert [each for each in live if now in each] == []

    @pytest.mark.parametrize("address", [ANNA, BERG], ids=["one address", "two addresses"])
    def test_a_reused_contact_that_names_nobody_any_more_is_not_the_human_before(
        self, storage: Storage, rows: Rows, address: str
    ) -> None:
        two_crms(
            storage,
            record("1", name="Anna", same_as="A", address=address),
            org=[record("A", name="Anna", address=ANNA)],
            kind=CONTACT,
        )
        before = {row["person_id"] for row in rows("contact")}
        join(storage, at=hour(2), kind=CONTACT)
        says(storage, "A", hours=3, crm=ORG, name="Bo", address=UHL)
        says(storage, "1", hours=4, name="Bo", same_as="A", address=UHL)
        says(storage, "A", hours=5, crm=ORG, name="Bo", address="bo@neu.example")
        says(storage, "1", hours=6, name="Bo", same_as=None, address=UHL)
        assert record_row(rows, "1")["person_id"] not in before

    def test_who_shares_the_address_of_the_human_before_stays_that_human(self, storage: Storage, rows: Rows) -> None:
        met(
            storage,
            record("1", name="Anna", same_as="A", address=ANNA),
            record("2", name="Anna", address=ANNA),
            org=record("A", name="Anna", address=ANNA),
        )
        before = record_row(rows, "2")["person_id"]
        says(storage, "A", hours=3, crm=ORG, name="Bo", address=UHL)
        assert (record_row(rows, "2")["person_id"], persons(rows)) == (before, {"A": 1, "1": 1, "2": 2})

    def test_a_new_address_alone_is_no_reuse(self, storage: Storage, rows: Rows) -> None:
        met(
            storage,
            record("1", name="Anna", same_as="A", address=ANNA),
            record("2", name="Anna", address=UHL),
            org=record("A", name="Anna", address=ANNA),
        )
        before, holder = record_row(rows, "A")["person_id"], record_row(rows, "2")["person_id"]
        says(storage, "A", hours=3, crm=ORG, name="anna", address=UHL)
        assert persons(rows) == {"A": 1, "1": 1, "2": 1}
        assert aliases(rows) == [(before, holder, "same_as", hour(3), None)]
