"""What every store must tell about accounts that belong together: groups over CRMs, and parents with their circles."""

from collections.abc import Mapping

import pytest

from connector.domain.listed import Listed
from connector.domain.records import RecordKind
from connector.ports.storage.records import Joining
from connector.ports.storage.unit import Storage
from connector.testing.store_joined import AT_PORTAL, ORG, PORTAL, SHOP, join, two_crms
from connector.testing.store_pages import gone, hour, page, record, store

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT


def parents(storage: Storage, *, home: str | None = None) -> dict[str, str]:
    """The parents as the store tells them."""
    with storage.snapshot() as unit:
        return dict(unit.families.parents(home=home))


def groups(storage: Storage, kind: RecordKind = ACCOUNT, *, limit: int = 9) -> tuple[int, list[list[str]]]:
    """The groups as the store tells them."""
    with storage.snapshot() as unit:
        count, shown = unit.families.groups(kind, limit=limit)
    return count, [list(keys) for keys in shown]


class FamilyContract:
    """Groups and parents."""

    def test_several_records_of_one_crm_that_name_one_are_a_group(self, storage: Storage) -> None:
        named = {"1": "A", "2": "A", "3": "B"}
        for kind in (ACCOUNT, CONTACT):
            two_crms(storage, *(record(crm_id, same_as=of) for crm_id, of in named.items()), kind=kind)
        join(storage, AT_PORTAL, at=hour(2))
        assert groups(storage) == (1, [["hubspot/1", "salesforce/A", "hubspot/2"]])
        assert (groups(storage, limit=0), groups(storage, CONTACT)) == ((1, []), (0, []))

    def test_one_record_in_each_of_three_crms_is_no_group(self, storage: Storage) -> None:
        two_crms(storage, record("1", same_as="A"))
        store(storage, page(record("x", same_as="A"), kind=ACCOUNT), at=hour(1), crm=SHOP)
        join(storage, Joining(pairs={PORTAL: ORG, SHOP: ORG}), at=hour(2))
        assert groups(storage) == (0, [])

    def test_parents_are_known_as_far_as_they_live(self, storage: Storage) -> None:
        org = [record("A", parent="B"), record("B", parent="C"), record("C", parent="gone"), record("D", parent="E")]
        two_crms(storage, org=[*org, record("E")])
        store(storage, gone("E", kind=ACCOUNT), at=hour(2), crm=ORG)
        assert parents(storage) == {"salesforce/A": "salesforce/B", "salesforce/B": "salesforce/C"}

    @pytest.mark.parametrize(
        ("home", "expected"),
        [
            (None, {"salesforce/A": "salesforce/B", "salesforce/B": "hubspot/3"}),
            (ORG, {"salesforce/A": "salesforce/B"}),
            (PORTAL, {"hubspot/1": "hubspot/3", "hubspot/2": "hubspot/3", "hubspot/4": "hubspot/3"}),
        ],
        ids=["no home", "the org", "the portal"],
    )
    def test_parents_come_from_home_alone_else_from_the_first_that_knows_one(
        self, storage: Storage, home: str | None, expected: Mapping[str, str]
    ) -> None:
        portal = [record("1", same_as="A", parent="3"), record("2", same_as="B", parent="3"), record("3")]
        lone = [] if home is None else [record("4", parent="3")]
        two_crms(storage, *portal, *lone, org=[record("A", parent="B"), record("B")])
        join(storage, Joining(pairs={PORTAL: ORG}, home=home), at=hour(2))
        assert parents(storage, home=home) == expected

    def test_a_circle_over_a_join_is_told_as_it_is(self, storage: Storage) -> None:
        portal = [record("1", same_as="A"), record("2", same_as="B", parent="1")]
        two_crms(storage, *portal, org=[record("A", parent="B"), record("B", parent=None)])
        assert parents(storage) == {"salesforce/A": "salesforce/B", "hubspot/2": "hubspot/1"}
        join(storage, at=hour(2))
        assert parents(storage) == {"salesforce/A": "salesforce/B", "salesforce/B": "salesforce/A"}

    def test_a_merged_parent_leads_to_its_winner(self, storage: Storage) -> None:
        two_crms(storage, org=[record("A", parent="B"), record("B"), record("C")])
        store(storage, gone("B", into="C", kind=ACCOUNT), at=hour(2), crm=ORG)
        assert parents(storage) == {"salesforce/A": "salesforce/C"}

    def test_a_parent_and_its_child_that_are_one_tell_nothing_and_who_names_itself_is_told(
        self, storage: Storage
    ) -> None:
        two_crms(storage, record("1", same_as="A", parent="2"), record("2", same_as="A"), record("3", parent="3"))
        join(storage, at=hour(2))
        assert parents(storage) == {"hubspot/3": "hubspot/3"}

    def test_a_joined_account_is_listed_with_every_record_where_one_live_record_is(self, storage: Storage) -> None:
        org = (record("A", name="Kea test "), record("B", name="Kea"))
        two_crms(storage, record("1", same_as="A", name="Harbour"), record("2", name=" KEA Test"), org=org)
        join(storage, AT_PORTAL, at=hour(2))
        named, one = Listed(accounts=("kea test",)), Listed(accounts=("1",))
        with storage.snapshot() as unit:
            by_name, by_id = unit.families.listed(named), unit.families.listed(one)
            near = {tuple(unit.families.listed(named, near=each)) for each in by_name}
            asked = ((ORG, "A"), (ORG, "B"), (PORTAL, "1"), (PORTAL, "2"), (PORTAL, "9"))
            told = [unit.families.is_listed(one, crm=crm, crm_id=crm_id) for crm, crm_id in asked]
        assert (len(by_name), len(by_id), set(by_id) < set(by_name)) == (3, 2, True)
        assert near == {tuple(by_id), tuple(set(by_name) - set(by_id))}
        assert told == [True, False, True, False, False]
